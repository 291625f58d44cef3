import { Type } from '@sinclair/typebox';
import { ApiError, unavailable } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { RpcTimeout, type RpcClient } from '#common/bus/bus.ts';
import { IdParams } from '../api/schemas.ts';
import type { certRpc } from '../rpc.ts';

export interface CertificateDeps {
  readonly cert: RpcClient<(typeof certRpc)['methods']>;
}

const route = routesFor<CertificateDeps>();

const away = (error: unknown): never => {
  if (error instanceof RpcTimeout) throw unavailable(`${error.message}: is nova-cert running?`, { cause: error });
  throw error;
};

/** `nova x509-get-root-cert` and `nova x509-create-cert`. */
export const certificateRoutes = [
  route({
    id: 'certificates.show',
    summary: "Show the authority's certificate",
    method: 'GET',
    path: '/os-certificates/:id',
    policy: 'os_compute_api:os-certificates:show',
    status: 200,
    params: IdParams,
    handle: async ({ cert }, { ctx, params }) => {
      if (params.id !== 'root') throw new ApiError(501, 'Only root certificate can be retrieved.');
      const { pem } = await cert.call('fetchCa', { projectId: ctx.projectId ?? '' }).catch(away);
      return { certificate: { data: pem, private_key: null } };
    },
  }),
  route({
    id: 'certificates.create',
    summary: 'Make a key and a certificate for the caller',
    method: 'POST',
    path: '/os-certificates',
    policy: 'os_compute_api:os-certificates:create',
    status: 200,
    body: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    handle: async ({ cert }, { ctx }) => {
      const made = await cert
        .call('generate', { userId: ctx.userId ?? '', projectId: ctx.projectId ?? '' })
        .catch(away);
      return { certificate: { data: made.certificate, private_key: made.privateKey } };
    },
  }),
];
