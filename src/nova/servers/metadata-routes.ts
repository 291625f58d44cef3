import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { IdParams, Metadata, wrapped } from '../api/schemas.ts';
import { OverQuota } from '../quotas/quotas.ts';
import type { Server } from './model.ts';
import type { ServerService } from './service.ts';
import { checkState, type ActionKey } from './states.ts';

const route = routesFor<ServerService>();
const base = '/servers/:id';
const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });

/** Changes a server's metadata under its lock. @throws ApiError 403 (413 in v2) beyond the quota, 409 in the wrong state */
async function changeMetadata(
  servers: ServerService,
  ctx: RequestContext,
  id: string,
  api: string,
  action: ActionKey,
  change: (metadata: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<Server> {
  const limit = (await servers.deps.quotas.limits(ctx.projectId ?? '')).metadata_items;
  return servers.change(ctx, id, (server) => {
    servers.checkLock(ctx, server);
    checkState(server, action);
    const metadata = change(server.metadata);
    if (limit >= 0 && Object.keys(metadata).length > limit)
      throw new OverQuota(`Maximum number of metadata items exceeds ${limit}`, api);
    return { metadata: JSON.stringify(metadata) };
  });
}

const one = (metadata: Readonly<Record<string, string>>, key: string): string => {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (value === undefined) throw notFound('Metadata item was not found');
  return value;
};

export const serverMetadataRoutes = [
  route({
    id: 'server_metadata.list',
    summary: "List a server's metadata",
    method: 'GET',
    path: `${base}/metadata`,
    policy: 'os_compute_api:server-metadata:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({ metadata: (await servers.show(ctx, params.id)).metadata }),
  }),
  route({
    id: 'server_metadata.create',
    summary: 'Add metadata',
    method: 'POST',
    path: `${base}/metadata`,
    policy: 'os_compute_api:server-metadata:create',
    status: 200,
    params: IdParams,
    body: wrapped('metadata', Metadata),
    handle: async (servers, { ctx, params, body, api }) => {
      const { metadata } = await changeMetadata(servers, ctx, params.id, api, 'updateMetadata', (known) => ({
        ...known,
        ...body.metadata,
      }));
      return { metadata };
    },
  }),
  route({
    id: 'server_metadata.replace',
    summary: 'Replace all metadata',
    method: 'PUT',
    path: `${base}/metadata`,
    policy: 'os_compute_api:server-metadata:update_all',
    status: 200,
    params: IdParams,
    body: wrapped('metadata', Metadata),
    handle: async (servers, { ctx, params, body, api }) => {
      const { metadata } = await changeMetadata(servers, ctx, params.id, api, 'updateMetadata', () => body.metadata);
      return { metadata };
    },
  }),
  route({
    id: 'server_metadata.show',
    summary: 'Show one item of metadata',
    method: 'GET',
    path: `${base}/metadata/:key`,
    policy: 'os_compute_api:server-metadata:show',
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key } }) => ({
      meta: { [key]: one((await servers.show(ctx, id)).metadata, key) },
    }),
  }),
  route({
    id: 'server_metadata.update',
    summary: 'Set one item of metadata',
    method: 'PUT',
    path: `${base}/metadata/:key`,
    policy: 'os_compute_api:server-metadata:update',
    status: 200,
    params: KeyParams,
    body: wrapped('meta', Metadata),
    handle: async (servers, { ctx, params: { id, key }, body, api }) => {
      const keys = Object.keys(body.meta);
      if (keys.length !== 1) throw badRequest('Request body contains too many items');
      if (keys[0] !== key) throw badRequest('Request body and URI mismatch');
      await changeMetadata(servers, ctx, id, api, 'updateMetadata', (known) => ({ ...known, ...body.meta }));
      return { meta: body.meta };
    },
  }),
  route({
    id: 'server_metadata.delete',
    summary: 'Remove one item of metadata',
    method: 'DELETE',
    path: `${base}/metadata/:key`,
    policy: 'os_compute_api:server-metadata:delete',
    status: 204,
    params: KeyParams,
    handle: async (servers, { ctx, params: { id, key }, api }) => {
      await changeMetadata(servers, ctx, id, api, 'deleteMetadata', (known) => {
        one(known, key);
        return Object.fromEntries(Object.entries(known).filter(([name]) => name !== key));
      });
      return undefined;
    },
  }),
];
