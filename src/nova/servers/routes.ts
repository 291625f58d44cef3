import { Type } from '@sinclair/typebox';
import { actionBody } from '#common/api/action-body.ts';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { nextPage } from '../api/links.ts';
import { AnyQuery, flagValue, IdParams, strict } from '../api/schemas.ts';
import { serverActions } from './actions.ts';
import { parseListQuery } from './filters.ts';
import { createBody, createVersions, UpdateBody, UpdateBody219, UpdateBody290, type ServerUpdate } from './schema.ts';
import type { ServerService } from './service.ts';
import { viewFor } from './view-for.ts';
import { briefServer } from './view.ts';

const route = routesFor<ServerService>();

const canSeeExtended = (servers: ServerService, ctx: RequestContext): boolean =>
  servers.deps.enforcer.allows('os_compute_api:os-extended-server-attributes:show', ctx);

const list = (detail: boolean) =>
  route({
    id: detail ? 'servers.detail' : 'servers.list',
    summary: detail ? 'List servers in full' : 'List servers',
    method: 'GET',
    path: detail ? '/servers/detail' : '/servers',
    policy: detail ? 'os_compute_api:servers:detail' : 'os_compute_api:servers:index',
    status: 200,
    query: AnyQuery,
    handle: async (servers, call) => {
      const { ctx, version } = call;
      const { enforcer } = servers.deps;
      const request = parseListQuery(call.query, ctx, version, {
        enforcer,
        maxLimit: servers.maxLimit,
        detail,
      });
      const withUserData = detail && version.atLeast('2.3') && canSeeExtended(servers, ctx);
      const found = await servers.list(ctx, request, withUserData);
      const path = detail ? 'servers/detail' : 'servers';
      const links = nextPage(
        call,
        path,
        call.url,
        request.limit,
        found.map((one) => one.id),
      );
      const view = detail ? await viewFor(servers, call, 'list', found) : null;
      return {
        servers: found.map((one) => (view ? view(one) : briefServer(call, one))),
        ...(links.length > 0 && request.limit > 0 && { servers_links: links }),
      };
    },
  });

/** @param path old clients send requests that name volumes to another one, `/os-volumes_boot` */
const create = (path: string, id: string, summary: string) =>
  createVersions.map((min, index) => {
    const next = createVersions[index + 1];
    const max = next && `2.${Number(next.split('.')[1]) - 1}`;
    return route({
      id: `${id}${index === 0 ? '' : `_${min.replace('.', '_')}`}`,
      summary,
      method: 'POST',
      path,
      versions: { ...(index > 0 && { min }), ...(max !== undefined && { max }) },
      policy: 'os_compute_api:servers:create',
      status: 202,
      body: createBody(min),
      handle: async (servers, call) => {
        const { body, ctx, api } = call;
        const hints = body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {};
        const made = await servers.create(ctx, { server: body.server, hints, api, version: call.version });
        const { return_reservation_id: wanted } = body.server;
        if (wanted !== undefined && flagValue(wanted)) return { reservation_id: made.reservationId };
        const [id = ''] = made.serverIds;
        const { links } = briefServer(call, { id, name: '' });
        call.reply.header('location', `${call.host}${call.prefix}/servers/${id}`);
        return {
          server: {
            id,
            links,
            'OS-DCF:diskConfig': made.diskConfig,
            security_groups: made.securityGroups.map((name) => ({ name })),
            adminPass: made.adminPassword,
          },
        };
      },
    });
  });

const update = (
  id: string,
  versions: { readonly min?: string; readonly max?: string },
  body: typeof UpdateBody | typeof UpdateBody219 | typeof UpdateBody290,
) =>
  route({
    id,
    summary: "Change a server's name and the like",
    method: 'PUT',
    path: '/servers/:id',
    versions,
    policy: 'os_compute_api:servers:update',
    status: 200,
    params: IdParams,
    body: body as typeof UpdateBody290,
    handle: async (servers, call) => {
      const changes: ServerUpdate = call.body.server;
      const server = await servers.update(call.ctx, call.params.id, changes);
      const view = await viewFor(servers, call, 'updated', [server]);
      return { server: view(server, call.version.atLeast('2.75') ? await servers.groups(server.id) : undefined) };
    },
  });

export const serverRoutes = [
  list(false),
  list(true),
  ...create('/servers', 'servers.create', 'Make one or several servers'),
  ...create(
    '/os-volumes_boot',
    'volumes_boot.create',
    'Make servers that boot from volumes (the same as POST /servers)',
  ),
  route({
    id: 'servers.show',
    summary: 'Show a server',
    method: 'GET',
    path: '/servers/:id',
    policy: 'os_compute_api:servers:show',
    status: 200,
    params: IdParams,
    handle: async (servers, call) => {
      const server = await servers.show(call.ctx, call.params.id);
      const view = await viewFor(servers, call, 'show', [server]);
      return { server: view(server, call.version.atLeast('2.71') ? await servers.groups(server.id) : undefined) };
    },
  }),
  update('servers.update', { max: '2.18' }, UpdateBody),
  update('servers.update_2_19', { min: '2.19', max: '2.89' }, UpdateBody219),
  update('servers.update_2_90', { min: '2.90' }, UpdateBody290),
  route({
    id: 'servers.delete',
    summary: 'Delete a server',
    method: 'DELETE',
    path: '/servers/:id',
    policy: 'os_compute_api:servers:delete',
    status: 204,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.delete(ctx, params.id);
      return undefined;
    },
  }),
  route({
    id: 'servers.action',
    summary: `Do something to a server: ${serverActions.map((action) => action.name).join(', ')}`,
    method: 'POST',
    path: '/servers/:id/action',
    // Each action has its own rule; this one only keeps out who has no project.
    policy: 'admin_or_owner',
    status: 202,
    params: IdParams,
    body: actionBody(serverActions),
    handle: async (servers, call) => {
      const { body, ctx, version } = call;
      const names = Object.keys(body);
      const [name = ''] = names;
      if (names.length !== 1) throw badRequest('Malformed request body: it must name exactly one action.');
      const action = serverActions.find(
        (one) =>
          one.name === name && (!one.min || version.atLeast(one.min)) && (!one.max || !version.atLeast(after(one.max))),
      );
      if (!action) throw badRequest(`There is no such action: ${name}`);
      servers.authorize(ctx, action.policy);
      const invalid = action.check(body);
      if (invalid) throw invalid;
      call.reply.status(action.status);
      return action.run(servers, call, body[name]);
    },
  }),
  route({
    id: 'servers.remote_console',
    summary: "A URL that opens a server's screen or serial console",
    method: 'POST',
    path: '/servers/:id/remote-consoles',
    versions: { min: '2.6', apis: ['v2.1'] },
    policy: 'os_compute_api:os-remote-consoles:list',
    status: 200,
    params: IdParams,
    body: strict({
      remote_console: strict({
        protocol: Type.Unsafe<string>({ type: 'string', enum: ['vnc', 'spice', 'rdp', 'serial', 'mks'] }),
        type: Type.Unsafe<string>({
          type: 'string',
          enum: ['novnc', 'xvpvnc', 'spice-html5', 'rdp-html5', 'serial', 'webmks'],
        }),
      }),
    }),
    handle: async (servers, { ctx, params, body }) => {
      const { protocol, type } = body.remote_console;
      if (protocol === 'serial' && type === 'serial')
        return { remote_console: { protocol, type, url: await servers.serialUrl(ctx, params.id) } };
      if (protocol !== 'vnc' || (type !== 'novnc' && type !== 'xvpvnc'))
        throw badRequest(`Unavailable console type ${type}.`);
      return { remote_console: { protocol, type, url: await servers.vncUrl(ctx, params.id, type) } };
    },
  }),
];

/** The version after `2.43`: `2.44`. */
const after = (version: string): string => `2.${Number(version.split('.')[1]) + 1}`;
