import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { actionRoute, actionsFor } from '../api/actions.ts';
import { nextPage } from '../api/links.ts';
import { one, parsePage, queryFlag } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, Flag, flagValue, IdParams, strict, Text, UuidOrNull } from '../api/schemas.ts';
import { updateGroup, type Group } from './rows.ts';
import type { GroupService } from './service.ts';

const route = routesFor<GroupService>();
const action = actionsFor<GroupService>();
type AnyCall = Call<unknown, unknown, unknown>;

export const groupSorts = {
  created_at: { column: 'created_at' },
  id: { column: 'id' },
  name: { column: 'name', nullable: true },
  status: { column: 'status' },
};

const brief = ({ id, name }: Group) => ({ id, name });

async function full(groups: GroupService, { version, query, ctx }: AnyCall, group: Group) {
  const wanted = version.atLeast('3.25') && queryFlag(query as Record<string, string>, 'list_volume');
  return {
    id: group.id,
    status: group.status,
    availability_zone: group.availabilityZone,
    created_at: group.createdAt,
    name: group.name,
    description: group.description,
    group_type: group.groupTypeId,
    volume_types: group.volumeTypes,
    ...(version.atLeast('3.14') && {
      group_snapshot_id: group.groupSnapshotId,
      source_group_id: group.sourceGroupId,
    }),
    ...(wanted && { volumes: (await groups.volumesOf(group)).map(({ id }) => id) }),
    ...(version.atLeast('3.38') && { replication_status: 'disabled' }),
    ...(version.atLeast('3.58') && ctx.isAdmin && { project_id: group.projectId }),
  };
}

const list = (detail: boolean) =>
  route({
    id: detail ? 'groups.detail' : 'groups.list',
    summary: detail ? 'List volume groups in full' : 'List volume groups',
    method: 'GET',
    path: detail ? '/groups/detail' : '/groups',
    versions: { min: '3.13' },
    policy: 'group:get_all',
    status: 200,
    query: AnyQuery,
    handle: async (groups, call) => {
      const { ctx, query } = call;
      const { kit } = groups;
      const page = parsePage(query, groupSorts, kit.conf.DEFAULT.osapi_max_limit);
      const equal = Object.fromEntries(
        ['name', 'status', 'availability_zone', 'host', 'id'].flatMap((name) => {
          const value = one(query[name]);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
      const found = await groups.list({ equal, ...(!everywhere && { projectId: ctx.projectId ?? '' }) }, page);
      const ids = found.map(({ id }) => id);
      return {
        groups: detail ? await Promise.all(found.map((group) => full(groups, call, group))) : found.map(brief),
        ...nextPage(placeOf(kit, call), 'groups', call.url, page.limit, ids),
      };
    },
  });

/** What `reset_status` may say. */
export const groupStatuses = ['creating', 'available', 'error', 'deleting', 'updating', 'error_deleting'] as const;

const ids = (text: string | null | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');

export const groupRoutes = [
  list(false),
  list(true),
  route({
    id: 'groups.create',
    summary: 'Make a volume group',
    method: 'POST',
    path: '/groups',
    versions: { min: '3.13' },
    policy: 'group:create',
    status: 202,
    body: Type.Object({
      group: Type.Object({
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        group_type: Type.String({ minLength: 1, maxLength: 255 }),
        volume_types: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1 }),
        availability_zone: Type.Optional(Text),
      }),
    }),
    handle: async (groups, { ctx, body: { group } }) => ({
      group: brief(
        await groups.create(ctx, {
          name: group.name?.trim() ?? null,
          description: group.description?.trim() ?? null,
          groupType: group.group_type,
          volumeTypes: group.volume_types,
          availabilityZone: group.availability_zone ?? null,
        }),
      ),
    }),
  }),
  route({
    id: 'groups.show',
    summary: 'Show a volume group',
    method: 'GET',
    path: '/groups/:id',
    versions: { min: '3.13' },
    policy: 'group:get',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (groups, call) => ({ group: await full(groups, call, await groups.find(call.ctx, call.params.id)) }),
  }),
  route({
    id: 'groups.update',
    summary: "Change a group's name, description or volumes",
    method: 'PUT',
    path: '/groups/:id',
    versions: { min: '3.13' },
    policy: 'group:update',
    status: 202,
    params: IdParams,
    body: Type.Object({
      group: Type.Object({
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        add_volumes: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'] })),
        remove_volumes: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'] })),
      }),
    }),
    handle: async (groups, { ctx, params, body: { group } }) => {
      const asked = {
        name: group.name,
        description: group.description,
        add: ids(group.add_volumes),
        remove: ids(group.remove_volumes),
      };
      if (group.name == null && group.description == null && asked.add.length + asked.remove.length === 0)
        throw badRequest(
          'Name, description, add_volumes, and remove_volumes can not be all empty in the request body.',
        );
      await groups.update(ctx, params.id, asked);
      return undefined;
    },
  }),
  route({
    id: 'groups.create_from',
    summary: 'Make a volume group of another one or of a group snapshot',
    method: 'POST',
    path: '/groups/action',
    versions: { min: '3.14' },
    policy: 'group:create',
    status: 202,
    body: strict({
      'create-from-src': Type.Object({
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        group_snapshot_id: Type.Optional(UuidOrNull),
        source_group_id: Type.Optional(UuidOrNull),
      }),
    }),
    handle: async (groups, { ctx, body }) => {
      const input = body['create-from-src'];
      const { group_snapshot_id: groupSnapshotId = null, source_group_id: sourceGroupId = null } = input;
      if (groupSnapshotId !== null && sourceGroupId !== null)
        throw badRequest('Invalid request: only one of group_snapshot_id and source_group_id may be provided.');
      const made = await groups.createFrom(ctx, {
        name: input.name?.trim() ?? null,
        description: input.description?.trim() ?? null,
        groupSnapshotId,
        sourceGroupId,
      });
      return { group: brief(made) };
    },
  }),
  actionRoute<GroupService>({
    id: 'groups.action',
    summary: 'Do something to a volume group',
    path: '/groups/:id/action',
    versions: { min: '3.13' },
    kitOf: ({ kit }) => kit,
    actions: [
      action({
        name: 'delete',
        policy: 'group:delete',
        input: Type.Object({ 'delete-volumes': Type.Optional(Flag) }),
        run: async (groups, { ctx, params }, input) => {
          await groups.delete(ctx, params.id, flagValue(input['delete-volumes']));
          return undefined;
        },
      }),
      action({
        name: 'reset_status',
        policy: 'group:reset_status',
        min: '3.20',
        input: strict({ status: Type.Unsafe<string>({ type: 'string', enum: [...groupStatuses] }) }),
        run: async (groups, { ctx, params }, { status }) => {
          const { id } = await groups.find(ctx, params.id);
          await updateGroup(groups.kit.db.query, id, { status, updated_at: groups.kit.now() });
          return undefined;
        },
      }),
    ],
  }),
];
