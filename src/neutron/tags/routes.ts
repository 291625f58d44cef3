import { Type } from '@sinclair/typebox';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros } from '#common/clock.ts';
import { list, readValue, text } from '../api/kinds.ts';
import { documented } from '../api/resource-routes.ts';
import { errors } from '../errors.ts';
import type { NeutronApi } from '../server/api.ts';
import { lockTags, storeTags, type Tagged } from './rows.ts';

const route = routesFor<NeutronApi>();
const Params = Type.Object({ id: Type.String() });
const TagParams = Type.Object({ id: Type.String(), tag: Type.String() });
const Tags = Type.Object({ tags: Type.Array(Type.String()) });
const tag = text(60);

/** Which controller looks after a collection, and its name in policies. */
const kinds: readonly { readonly kind: Tagged; readonly singular: string; readonly of: Finder }[] = [
  { kind: 'networks', singular: 'network', of: 'networks' },
  { kind: 'subnets', singular: 'subnet', of: 'subnets' },
  { kind: 'subnetpools', singular: 'subnetpool', of: 'subnetPools' },
  { kind: 'ports', singular: 'port', of: 'ports' },
  { kind: 'routers', singular: 'router', of: 'routers' },
  { kind: 'floatingips', singular: 'floatingip', of: 'floatingIps' },
  { kind: 'security-groups', singular: 'security_group', of: 'groups' },
];
type Finder = 'networks' | 'subnets' | 'subnetPools' | 'ports' | 'routers' | 'floatingIps' | 'groups';

async function current(
  api: NeutronApi,
  ctx: RequestContext,
  { singular, of }: (typeof kinds)[number],
  action: 'get' | 'update',
  id: string,
): Promise<readonly string[]> {
  const { view } = await api[of].findFor(ctx, `${action}_${singular}`, id);
  return view['tags'] as string[];
}

async function change(
  api: NeutronApi,
  ctx: RequestContext,
  which: (typeof kinds)[number],
  id: string,
  next: (tags: readonly string[]) => readonly string[],
): Promise<readonly string[]> {
  await current(api, ctx, which, 'update', id);
  return api.store.write(async (db) => {
    const tags = await lockTags(db, which.kind, id);
    if (!tags) throw api[which.of].notFound(id);
    const changed = next(tags);
    await storeTags(db, which.kind, id, changed, isoMicros(api.clock.now()));
    return [...new Set(changed)].sort();
  });
}

const tagsIn = (body: unknown): readonly string[] => {
  const given = (body as { tags?: unknown } | null | undefined)?.tags;
  if (given === undefined) throw errors.malformed('Invalid tags body');
  return readValue(list(tag), 'tags', given);
};

const routesOf = (which: (typeof kinds)[number]): readonly AnyRoute<NeutronApi>[] => {
  const { kind, singular } = which;
  const path = `/${kind}/:id/tags`;
  const id = (verb: string): string => `${singular}.tags_${verb}`;
  return [
    route({
      id: id('list'),
      summary: `List the tags of a ${singular}`,
      method: 'GET',
      path,
      policy: `get_${singular}`,
      status: 200,
      params: Params,
      response: Tags,
      handle: async (api, { ctx, params }) => ({ tags: [...(await current(api, ctx, which, 'get', params.id))] }),
    }),
    route({
      id: id('replace'),
      summary: `Set the tags of a ${singular}`,
      method: 'PUT',
      path,
      policy: `update_${singular}`,
      status: 200,
      params: Params,
      body: documented({ type: 'object', properties: { tags: { type: 'array', items: { type: 'string' } } } }),
      response: Tags,
      handle: async (api, { ctx, params, body }) => {
        const wanted = tagsIn(body);
        return { tags: [...(await change(api, ctx, which, params.id, () => wanted))] };
      },
    }),
    route({
      id: id('clear'),
      summary: `Remove all tags of a ${singular}`,
      method: 'DELETE',
      path,
      policy: `update_${singular}`,
      status: 204,
      params: Params,
      handle: async (api, { ctx, params }) => {
        await change(api, ctx, which, params.id, () => []);
        return undefined;
      },
    }),
    route({
      id: id('show'),
      summary: `Ask whether a ${singular} has a tag`,
      method: 'GET',
      path: `${path}/:tag`,
      policy: `get_${singular}`,
      status: 204,
      params: TagParams,
      handle: async (api, { ctx, params }) => {
        if (!(await current(api, ctx, which, 'get', params.id)).includes(params.tag))
          throw errors.tagNotFound(params.tag);
        return undefined;
      },
    }),
    route({
      id: id('add'),
      summary: `Add a tag to a ${singular}`,
      method: 'PUT',
      path: `${path}/:tag`,
      policy: `update_${singular}`,
      status: 201,
      params: TagParams,
      handle: async (api, { ctx, params }) => {
        const added = readValue(tag, 'tag', params.tag);
        await change(api, ctx, which, params.id, (tags) => [...tags, added]);
        return undefined;
      },
    }),
    route({
      id: id('remove'),
      summary: `Remove a tag from a ${singular}`,
      method: 'DELETE',
      path: `${path}/:tag`,
      policy: `update_${singular}`,
      status: 204,
      params: TagParams,
      handle: async (api, { ctx, params }) => {
        await change(api, ctx, which, params.id, (tags) => {
          if (!tags.includes(params.tag)) throw errors.tagNotFound(params.tag);
          return tags.filter((one) => one !== params.tag);
        });
        return undefined;
      },
    }),
  ];
};

export const tagRoutes = kinds.flatMap(routesOf);
