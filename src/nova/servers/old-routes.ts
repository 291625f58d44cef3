import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { AnyQuery, IdParams } from '../api/schemas.ts';
import { notImplemented } from '../api/removed.ts';
import { limitOf } from './filters.ts';
import type { ServerService } from './service.ts';

const route = routesFor<ServerService>();
const versions = { apis: ['v2'] } as const;
const ConsoleParams = Type.Object({ id: Type.String(), console_id: Type.String() });
const missing = (id: string) => notFound(`Console ${id} could not be found.`);

/** What only Icehouse's API says of a server. */
export const oldServerRoutes = [
  route({
    id: 'virtual_interfaces.list',
    summary: "List a server's interfaces",
    method: 'GET',
    path: '/servers/:id/os-virtual-interfaces',
    versions,
    policy: 'os_compute_api:os-virtual-interfaces',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (servers, { ctx, params, query }) => {
      const { ports } = await servers.show(ctx, params.id);
      return {
        virtual_interfaces: ports.slice(0, limitOf(query['limit'], servers.maxLimit)).map((port) => ({
          id: port.portId,
          mac_address: port.mac,
          'OS-EXT-VIF-NET:net_id': port.networkId,
        })),
      };
    },
  }),
  route({
    id: 'consoles.list',
    summary: "List a server's XVP consoles: no driver here makes any",
    method: 'GET',
    path: '/servers/:id/consoles',
    versions,
    policy: 'os_compute_api:os-consoles:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.show(ctx, params.id);
      return { consoles: [] };
    },
  }),
  route({
    id: 'consoles.create',
    summary: 'Make an XVP console: no driver here can',
    method: 'POST',
    path: '/servers/:id/consoles',
    versions,
    policy: 'os_compute_api:os-consoles:create',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.show(ctx, params.id);
      throw notImplemented('Consoles of this kind need the XenAPI driver. Use os-getVNCConsole.');
    },
  }),
  route({
    id: 'consoles.show',
    summary: 'Show an XVP console',
    method: 'GET',
    path: '/servers/:id/consoles/:console_id',
    versions,
    policy: 'os_compute_api:os-consoles:show',
    status: 200,
    params: ConsoleParams,
    handle: async (servers, { ctx, params }) => {
      await servers.show(ctx, params.id);
      throw missing(params.console_id);
    },
  }),
  route({
    id: 'consoles.delete',
    summary: 'Delete an XVP console',
    method: 'DELETE',
    path: '/servers/:id/consoles/:console_id',
    versions,
    policy: 'os_compute_api:os-consoles:delete',
    status: 202,
    params: ConsoleParams,
    handle: async (servers, { ctx, params }) => {
      await servers.show(ctx, params.id);
      throw missing(params.console_id);
    },
  }),
];
