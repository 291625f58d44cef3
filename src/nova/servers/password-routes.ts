import { routesFor } from '#common/api/route.ts';
import { IdParams } from '../api/schemas.ts';
import type { ServerService } from './service.ts';

const route = routesFor<ServerService>();
const base = '/servers/:id';

export const serverPasswordRoutes = [
  route({
    id: 'server_password.show',
    summary: 'The password that the guest has set, encrypted for its key pair',
    method: 'GET',
    path: `${base}/os-server-password`,
    policy: 'os_compute_api:os-server-password:show',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({
      password: (await servers.show(ctx, params.id)).guestPassword ?? '',
    }),
  }),
  route({
    id: 'server_password.clear',
    summary: 'Forget that password',
    method: 'DELETE',
    path: `${base}/os-server-password`,
    policy: 'os_compute_api:os-server-password:clear',
    status: 204,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.change(ctx, params.id, () => ({ guest_password: null }));
      return undefined;
    },
  }),
];
