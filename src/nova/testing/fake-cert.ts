import type { RpcHandlers } from '#common/bus/bus.ts';
import type { certRpc } from '../rpc.ts';

/** A nova-cert that makes no keys: fast, and says who asked. */
export const fakeCert: RpcHandlers<(typeof certRpc)['methods']> = {
  fetchCa: ({ projectId }) => ({ pem: `CA for ${projectId}` }),
  fetchCrl: ({ projectId }) => ({ pem: `CRL for ${projectId}` }),
  generate: ({ userId, projectId }) => ({ privateKey: `key of ${userId}`, certificate: `${userId} in ${projectId}` }),
  revoke: () => ({ revoked: 0 }),
  decrypt: ({ base64 }) => ({ base64 }),
};
