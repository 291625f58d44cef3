import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { documented, resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { routerResource } from './schema.ts';

const route = routesFor<NeutronApi>();
const Params = Type.Object({ router_id: Type.String() });
const Interface = Type.Object({
  id: Type.String(),
  tenant_id: Type.String(),
  port_id: Type.String(),
  network_id: Type.String(),
  subnet_id: Type.String(),
  subnet_ids: Type.Array(Type.String()),
});
const body = documented({
  type: 'object',
  properties: { subnet_id: { type: 'string', format: 'uuid' }, port_id: { type: 'string', format: 'uuid' } },
});

const wiring = (['add', 'remove'] as const).map((verb) =>
  route({
    id: `routers.${verb}_interface`,
    summary: verb === 'add' ? 'Connect a router with a subnet' : 'Disconnect a router from a subnet',
    method: 'PUT',
    path: `/routers/:router_id/${verb}_router_interface`,
    policy: `${verb}_router_interface`,
    status: 200,
    params: Params,
    body,
    response: Type.Unsafe<unknown>(Interface),
    handle: async (api, { ctx, params, body: asked }) => {
      const { caller } = await api.routers.findFor(ctx, `${verb}_router_interface`, params.router_id);
      const result = await api.interfaces[verb](caller, params.router_id, asked);
      api.notify(ctx, `router.interface.${verb === 'add' ? 'create' : 'delete'}`, { router_interface: result });
      return result;
    },
  }),
);

export const routerRoutes = [...resourceRoutes(routerResource, (api: NeutronApi) => api.routers), ...wiring];
