import { Type } from '@sinclair/typebox';
import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Kit } from '../api/kit.ts';
import { nextPage } from '../api/links.ts';
import { one, parsePage } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, Flag, flagValue, IdParams, KeyParams, Text } from '../api/schemas.ts';
import * as rows from './types-rows.ts';
import type { GroupType } from './types-rows.ts';

const route = routesFor<Kit>();
const versions = { min: '3.11' };
type AnyCall = Call<unknown, unknown, unknown>;

const missing = (id: string) => notFound(`Group type ${id} could not be found.`);
const noSpec = (id: string, key: string) => notFound(`Group Type ${id} has no specs with key ${key}.`);

const view = (kit: Kit, { ctx }: AnyCall, type: GroupType) => ({
  id: type.id,
  name: type.name,
  description: type.description,
  is_public: type.isPublic,
  ...(kit.enforcer.allows('group:access_group_types_specs', ctx) && { group_specs: type.specs }),
});

async function find(kit: Kit, ctx: AnyCall['ctx'], id: string): Promise<GroupType> {
  const type = await rows.findGroupType(kit.db.query, id);
  if (!type || (!type.isPublic && !ctx.isAdmin)) throw missing(id);
  return type;
}

const Specs = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: 'string', maxLength: 255 } },
  additionalProperties: false,
});
const taken = (name: string | undefined) => (error: unknown) => {
  throw isDuplicateKey(error) ? conflict(`Group Type ${name} already exists.`) : error;
};

export const groupTypeRoutes = [
  route({
    id: 'group_types.list',
    summary: 'List group types',
    method: 'GET',
    path: '/group_types',
    versions,
    policy: 'group:group_types_get',
    status: 200,
    query: AnyQuery,
    handle: async (kit, call) => {
      const { query, ctx } = call;
      const page = parsePage(
        query,
        { created_at: { column: 'created_at' }, id: { column: 'id' }, name: { column: 'name' } },
        kit.conf.DEFAULT.osapi_max_limit,
      );
      const said = one(query['is_public']);
      if (said !== undefined && !/^(none|true|false|1|0|yes|no|on|off|t|f|y|n)$/i.test(said))
        throw badRequest(`Invalid is_public filter [${said}]`);
      const isPublic = !ctx.isAdmin || said === undefined ? true : /^none$/i.test(said) ? null : flagValue(said);
      let marker: Record<string, unknown> | undefined;
      if (page.marker !== undefined) {
        marker = (await rows.findGroupTypeMarker(kit.db.query, page.marker)) ?? undefined;
        if (!marker) throw missing(page.marker);
      }
      const found = page.limit === 0 ? [] : await rows.listGroupTypes(kit.db.query, isPublic, { ...page, marker });
      const ids = found.map(({ id }) => id);
      return {
        group_types: found.map((type) => view(kit, call, type)),
        ...nextPage(placeOf(kit, call), 'group_types', call.url, page.limit, ids),
      };
    },
  }),
  route({
    id: 'group_types.create',
    summary: 'Make a group type',
    method: 'POST',
    path: '/group_types',
    versions,
    policy: 'group:group_types_manage',
    status: 202,
    body: Type.Object({
      group_type: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' }),
        description: Type.Optional(Text),
        is_public: Type.Optional(Flag),
        group_specs: Type.Optional(Type.Union([Specs, Type.Null()])),
      }),
    }),
    handle: async (kit, call) => {
      const { group_type: asked } = call.body;
      const id = kit.ids.uuid();
      await rows
        .insertGroupType(kit.db.query, {
          id,
          name: asked.name.trim(),
          description: asked.description ?? null,
          is_public: asked.is_public === undefined || flagValue(asked.is_public) ? 1 : 0,
          group_specs: JSON.stringify(asked.group_specs ?? {}),
          created_at: kit.now(),
          updated_at: null,
        })
        .catch(taken(asked.name.trim()));
      return { group_type: view(kit, call, await find(kit, call.ctx, id)) };
    },
  }),
  route({
    id: 'group_types.default',
    summary: 'Show the group type of groups whose request names none',
    method: 'GET',
    path: '/group_types/default',
    versions,
    policy: 'group:group_types_get',
    status: 200,
    handle: async (kit, call) => {
      const name = kit.conf.DEFAULT.default_group_type;
      const type = name === null ? null : await rows.findGroupTypeByName(kit.db.query, name);
      if (!type) throw notFound('Default group type can not be found.');
      return { group_type: view(kit, call, type) };
    },
  }),
  route({
    id: 'group_types.show',
    summary: 'Show a group type',
    method: 'GET',
    path: '/group_types/:id',
    versions,
    policy: 'group:group_types_get',
    status: 200,
    params: IdParams,
    handle: async (kit, call) => ({ group_type: view(kit, call, await find(kit, call.ctx, call.params.id)) }),
  }),
  route({
    id: 'group_types.update',
    summary: "Change a group type's name, description or visibility",
    method: 'PUT',
    path: '/group_types/:id',
    versions,
    policy: 'group:group_types_manage',
    status: 200,
    params: IdParams,
    body: Type.Object({
      group_type: Type.Object({
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        is_public: Type.Optional(Flag),
      }),
    }),
    handle: async (kit, call) => {
      const { name, description, is_public: isPublic } = call.body.group_type;
      const { id } = await find(kit, call.ctx, call.params.id);
      if (name === undefined && description === undefined && isPublic === undefined)
        throw badRequest('Specify group type name, description or a combination thereof.');
      if (name?.trim() === '') throw badRequest('Group type name can not be empty.');
      await rows
        .updateGroupType(kit.db.query, id, {
          ...(name != null && { name: name.trim() }),
          ...(description !== undefined && { description }),
          ...(isPublic !== undefined && { is_public: flagValue(isPublic) ? 1 : 0 }),
          updated_at: kit.now(),
        })
        .catch(taken(name ?? undefined));
      return { group_type: view(kit, call, await find(kit, call.ctx, id)) };
    },
  }),
  route({
    id: 'group_types.delete',
    summary: 'Delete a group type that no group has',
    method: 'DELETE',
    path: '/group_types/:id',
    versions,
    policy: 'group:group_types_manage',
    status: 202,
    params: IdParams,
    handle: async (kit, { ctx, params }) => {
      const { id } = await find(kit, ctx, params.id);
      await kit.db.transaction(async (trx) => {
        if (await rows.isGroupTypeInUse(trx, id)) throw badRequest('Target group type is still in use.');
        await rows.deleteGroupType(trx, id);
      });
      return undefined;
    },
  }),
  route({
    id: 'group_types.specs.list',
    summary: "List a group type's specs",
    method: 'GET',
    path: '/group_types/:id/group_specs',
    versions,
    policy: 'group:group_types_specs',
    status: 200,
    params: IdParams,
    handle: async (kit, { ctx, params }) => ({ group_specs: (await find(kit, ctx, params.id)).specs }),
  }),
  route({
    id: 'group_types.specs.create',
    summary: 'Add or change specs of a group type',
    method: 'POST',
    path: '/group_types/:id/group_specs',
    versions,
    policy: 'group:group_types_specs',
    status: 202,
    params: IdParams,
    body: Type.Object({ group_specs: Specs }),
    handle: async (kit, { ctx, params, body }) => {
      const { id, specs } = await find(kit, ctx, params.id);
      await change(kit, id, { ...specs, ...body.group_specs });
      return { group_specs: body.group_specs };
    },
  }),
  route({
    id: 'group_types.specs.show',
    summary: 'Show one spec of a group type',
    method: 'GET',
    path: '/group_types/:id/group_specs/:key',
    versions,
    policy: 'group:group_types_specs',
    status: 200,
    params: KeyParams,
    handle: async (kit, { ctx, params: { id, key } }) => {
      const { specs } = await find(kit, ctx, id);
      if (!Object.hasOwn(specs, key)) throw noSpec(id, key);
      return { [key]: specs[key] };
    },
  }),
  route({
    id: 'group_types.specs.update',
    summary: 'Change one spec of a group type',
    method: 'PUT',
    path: '/group_types/:id/group_specs/:key',
    versions,
    policy: 'group:group_types_specs',
    status: 200,
    params: KeyParams,
    body: Specs,
    handle: async (kit, { ctx, params: { id, key }, body }) => {
      if (!Object.hasOwn(body, key)) throw badRequest('Request body and URI mismatch.');
      if (Object.keys(body).length > 1) throw badRequest('Request body contains too many items.');
      const { specs } = await find(kit, ctx, id);
      await change(kit, id, { ...specs, ...body });
      return body;
    },
  }),
  route({
    id: 'group_types.specs.delete',
    summary: 'Delete one spec of a group type',
    method: 'DELETE',
    path: '/group_types/:id/group_specs/:key',
    versions,
    policy: 'group:group_types_specs',
    status: 202,
    params: KeyParams,
    handle: async (kit, { ctx, params: { id, key } }) => {
      const { [key]: gone, ...rest } = (await find(kit, ctx, id)).specs;
      if (gone === undefined) throw noSpec(id, key);
      await change(kit, id, rest);
      return undefined;
    },
  }),
];

const change = (kit: Kit, id: string, specs: Readonly<Record<string, string>>): Promise<void> =>
  rows.updateGroupType(kit.db.query, id, { group_specs: JSON.stringify(specs), updated_at: kit.now() });
