import { Type, type Static } from '@sinclair/typebox';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import { open } from '../api/schemas.ts';
import { TokenAnswer } from '../auth/schema.ts';
import { authenticationRequired } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { ValidToken } from '../tokens/provider.ts';
import { v2TokenText, v3TokenText } from '../tokens/view.ts';
import { isSignedForS3, isSignedWithSecret, signedAt } from './signature.ts';

const route = routesFor<Identity>();
/** A request that somebody recorded is not to be used for longer. */
const freshMs = 15 * 60_000;
const Texts = Type.Optional(Type.Record(Type.String(), Type.String()));
const Signed = Type.Object(
  {
    access: Type.String(),
    signature: Type.String(),
    host: Type.Optional(Type.String()),
    verb: Type.Optional(Type.String()),
    path: Type.Optional(Type.String()),
    params: Texts,
    headers: Texts,
    body_hash: Type.Optional(Type.String()),
    /** S3 only: what was signed, in base64. */
    token: Type.Optional(Type.String()),
  },
  open,
);
const SignedBody = Type.Object(
  {
    credentials: Type.Optional(Signed),
    ec2Credentials: Type.Optional(Signed),
    'OS-KSEC2:ec2Credentials': Type.Optional(Signed),
  },
  open,
);

/** A token for who signed the request. @throws ApiError 401 */
async function tokenFor(
  { credentials, auth, clock }: Identity,
  body: Static<typeof SignedBody>,
  of: 'ec2' | 's3',
  api: 'v2.0' | 'v3',
): Promise<ValidToken> {
  const signed = body.credentials ?? body.ec2Credentials ?? body['OS-KSEC2:ec2Credentials'];
  if (!signed) throw authenticationRequired();
  const key = await credentials.findEc2(signed.access);
  const { signature, host, verb, path, params, headers, body_hash: bodyHash, token } = signed;
  const request = { signature, host, verb, path, params, headers, bodyHash };
  const right =
    key !== undefined &&
    (of === 's3' && token !== undefined
      ? isSignedForS3(token, signature, key.secret)
      : isSignedWithSecret(request, key.secret) && Math.abs(clock.now().getTime() - signedAt(request)) <= freshMs);
  if (!right) throw authenticationRequired();
  return auth.authenticate({
    proofs: [{ method: 'ec2credential', userId: key.userId }],
    scope: { kind: 'project', project: { id: key.projectId } },
    api,
  });
}

const tokens = (of: 'ec2' | 's3', api: 'v2.0' | 'v3', policy: string | null): AnyRoute<Identity> =>
  route({
    id: `${api === 'v3' ? '' : 'v2.'}${of}tokens`,
    summary: `Say who signed a request to the ${of === 'ec2' ? 'EC2' : 'S3'} API`,
    method: 'POST',
    path: `/${of}tokens`,
    policy,
    status: 200,
    body: SignedBody,
    response: TokenAnswer,
    handle: async (identity, { body, reply }) => {
      const valid = await tokenFor(identity, body, of, api);
      if (api === 'v2.0') return v2TokenText(valid);
      reply.header('x-subject-token', valid.token);
      return v3TokenText(valid, true);
    },
  });

// The signature of an EC2 request is proof of itself; an S3 signature is of a text that anybody may have chosen, so that only
// services may ask.
export const ec2Routes = [tokens('ec2', 'v3', null), tokens('s3', 'v3', 'identity:s3tokens')];
export const v2Ec2Routes = [tokens('ec2', 'v2.0', null), tokens('s3', 'v2.0', 'identity:s3tokens')];
