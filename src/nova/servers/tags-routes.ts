import { Type } from '@sinclair/typebox';
import { badRequest, notFound, type ApiError } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { IdParams, strict } from '../api/schemas.ts';
import type { ServerService } from './service.ts';

const route = routesFor<ServerService>();
const base = '/servers/:id';

const maxTags = 50;
const Tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });
const TagParams = Type.Object({ id: Type.String(), tag: Tag });
const tagged = { min: '2.26', apis: ['v2.1'] };
const noTag = (id: string, tag: string): ApiError => notFound(`Server ${id} has no tag '${tag}'`);

export const serverTagRoutes = [
  route({
    id: 'server_tags.list',
    summary: "List a server's tags",
    method: 'GET',
    path: `${base}/tags`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:index',
    status: 200,
    params: IdParams,
    handle: async (servers, { ctx, params }) => ({ tags: (await servers.show(ctx, params.id)).tags }),
  }),
  route({
    id: 'server_tags.replace',
    summary: 'Replace all tags',
    method: 'PUT',
    path: `${base}/tags`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:update_all',
    status: 200,
    params: IdParams,
    body: strict({ tags: Type.Array(Tag, { maxItems: maxTags }) }),
    handle: async (servers, { ctx, params, body }) => {
      const tags = JSON.stringify([...new Set(body.tags)]);
      return { tags: (await servers.change(ctx, params.id, () => ({ tags }))).tags };
    },
  }),
  route({
    id: 'server_tags.delete_all',
    summary: 'Remove all tags',
    method: 'DELETE',
    path: `${base}/tags`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:delete_all',
    status: 204,
    params: IdParams,
    handle: async (servers, { ctx, params }) => {
      await servers.change(ctx, params.id, () => ({ tags: '[]' }));
      return undefined;
    },
  }),
  route({
    id: 'server_tags.show',
    summary: 'Whether a server has a tag',
    method: 'GET',
    path: `${base}/tags/:tag`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:show',
    status: 204,
    params: TagParams,
    handle: async (servers, { ctx, params: { id, tag } }) => {
      if (!(await servers.show(ctx, id)).tags.includes(tag)) throw noTag(id, tag);
      return undefined;
    },
  }),
  route({
    id: 'server_tags.update',
    summary: 'Add a tag',
    method: 'PUT',
    path: `${base}/tags/:tag`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:update',
    status: 204,
    params: TagParams,
    handle: async (servers, { ctx, params: { id, tag }, reply, host, prefix }) => {
      await servers.change(ctx, id, (server) => {
        if (server.tags.includes(tag)) return null;
        if (server.tags.length >= maxTags)
          throw badRequest(`The number of tags exceeded the per-server limit ${maxTags}`);
        reply.status(201);
        reply.header('location', `${host}${prefix}/servers/${id}/tags/${encodeURIComponent(tag)}`);
        return { tags: JSON.stringify([...server.tags, tag]) };
      });
      return undefined;
    },
  }),
  route({
    id: 'server_tags.delete',
    summary: 'Remove a tag',
    method: 'DELETE',
    path: `${base}/tags/:tag`,
    versions: tagged,
    policy: 'os_compute_api:os-server-tags:delete',
    status: 204,
    params: TagParams,
    handle: async (servers, { ctx, params: { id, tag } }) => {
      await servers.change(ctx, id, (server) => {
        if (!server.tags.includes(tag)) throw noTag(id, tag);
        return { tags: JSON.stringify(server.tags.filter((other) => other !== tag)) };
      });
      return undefined;
    },
  }),
];
