import { Type } from '@sinclair/typebox';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import { open } from '../api/schemas.ts';
import type { Identity } from '../identity.ts';

const route = routesFor<Identity>();
const Pem = Type.String();

/** One of the certificates that signed tokens are verified with; anybody may have them. */
const certificate = (id: string, path: string, of: 'certificate' | 'caCertificate', contentType: string) =>
  route({
    id,
    summary:
      of === 'certificate' ? 'Get the certificate that tokens are signed with' : "Get the signing CA's certificate",
    method: 'GET',
    path,
    policy: null,
    status: 200,
    response: Pem,
    handle: ({ signing }, { reply }) => {
      reply.header('content-type', contentType);
      return signing[of]();
    },
  });

const revoked = (id: string, path: string) =>
  route({
    id,
    summary: 'Get the signed list of revoked tokens',
    method: 'GET',
    path,
    policy: 'identity:revocation_list',
    status: 200,
    response: Type.Object({ signed: Type.String() }),
    handle: async ({ revokedList }) => ({ signed: await revokedList.signed() }),
  });

const html = 'text/html; charset=UTF-8';
/** v2.0, on both ports. */
export const v2CertificateRoutes: readonly AnyRoute<Identity>[] = [
  certificate('v2.certificates.signing', '/certificates/signing', 'certificate', html),
  certificate('v2.certificates.ca', '/certificates/ca', 'caCertificate', html),
];
/** v2.0, on the admin port. */
export const v2RevokedRoutes = [revoked('v2.tokens.revoked', '/tokens/revoked')];

const pem = 'application/x-pem-file';
/** v3: OS-SIMPLE-CERT, OS-PKI and OS-REVOKE. */
export const certificateRoutes: readonly AnyRoute<Identity>[] = [
  certificate('certificates.signing', '/OS-SIMPLE-CERT/certificates', 'certificate', pem),
  certificate('certificates.ca', '/OS-SIMPLE-CERT/ca', 'caCertificate', pem),
  revoked('auth.tokens.revoked', '/auth/tokens/OS-PKI/revoked'),
  route({
    id: 'revocations.list',
    summary: 'List what has ended tokens early',
    method: 'GET',
    path: '/OS-REVOKE/events',
    policy: 'identity:list_revoke_events',
    status: 200,
    query: Type.Object({ since: Type.Optional(Type.String()) }, open),
    response: Type.Object({ events: Type.Array(Type.Unknown()) }),
    handle: async ({ revocations }, { query }) => ({ events: [...(await revocations.events(query.since))] }),
  }),
];
