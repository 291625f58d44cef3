import { Type } from '@sinclair/typebox';
import { routesFor, type Call } from '#common/api/route.ts';
import { actionRoute, actionsFor } from '../api/actions.ts';
import { nextPage } from '../api/links.ts';
import { one, parsePage, queryFlag } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, IdParams, strict, Text, Uuid } from '../api/schemas.ts';
import { groupSorts, groupStatuses } from './routes.ts';
import { updateGroupSnapshot, type GroupSnapshot } from './rows.ts';
import type { GroupService } from './service.ts';

const route = routesFor<GroupService>();
const versions = { min: '3.14' };

const brief = ({ id, name }: GroupSnapshot) => ({ id, name });
const full = (snapshot: GroupSnapshot, { version, ctx }: Call<unknown, unknown, unknown>) => ({
  id: snapshot.id,
  group_id: snapshot.groupId,
  group_type_id: snapshot.groupTypeId,
  status: snapshot.status,
  created_at: snapshot.createdAt,
  name: snapshot.name,
  description: snapshot.description,
  ...(version.atLeast('3.58') && ctx.isAdmin && { project_id: snapshot.projectId }),
});

const list = (detail: boolean) =>
  route({
    id: detail ? 'group_snapshots.detail' : 'group_snapshots.list',
    summary: detail ? 'List snapshots of groups in full' : 'List snapshots of groups',
    method: 'GET',
    path: detail ? '/group_snapshots/detail' : '/group_snapshots',
    versions,
    policy: 'group:get_all_group_snapshots',
    status: 200,
    query: AnyQuery,
    handle: async (groups, call) => {
      const { ctx, query } = call;
      const { kit } = groups;
      const page = parsePage(query, groupSorts, kit.conf.DEFAULT.osapi_max_limit);
      const equal = Object.fromEntries(
        ['name', 'status', 'group_id', 'id'].flatMap((name) => {
          const value = one(query[name]);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
      const found = await groups.listSnapshots({ equal, ...(!everywhere && { projectId: ctx.projectId ?? '' }) }, page);
      const ids = found.map(({ id }) => id);
      return {
        group_snapshots: found.map((each) => (detail ? full(each, call) : brief(each))),
        ...nextPage(placeOf(kit, call), 'group_snapshots', call.url, page.limit, ids),
      };
    },
  });

export const groupSnapshotRoutes = [
  list(false),
  list(true),
  route({
    id: 'group_snapshots.create',
    summary: 'Make a snapshot of every volume of a group',
    method: 'POST',
    path: '/group_snapshots',
    versions,
    policy: 'group:create_group_snapshot',
    status: 202,
    body: Type.Object({
      group_snapshot: Type.Object({
        group_id: Uuid,
        name: Type.Optional(Text),
        description: Type.Optional(Text),
      }),
    }),
    handle: async (groups, { ctx, body: { group_snapshot: asked } }) => {
      const made = await groups.createSnapshot(ctx, {
        groupId: asked.group_id,
        name: asked.name?.trim() ?? null,
        description: asked.description?.trim() ?? null,
      });
      return { group_snapshot: { ...brief(made), group_type_id: made.groupTypeId } };
    },
  }),
  route({
    id: 'group_snapshots.show',
    summary: 'Show a snapshot of a group',
    method: 'GET',
    path: '/group_snapshots/:id',
    versions,
    policy: 'group:get_group_snapshot',
    status: 200,
    params: IdParams,
    handle: async (groups, call) => ({
      group_snapshot: full(await groups.findSnapshot(call.ctx, call.params.id), call),
    }),
  }),
  route({
    id: 'group_snapshots.delete',
    summary: 'Delete a snapshot of a group',
    method: 'DELETE',
    path: '/group_snapshots/:id',
    versions,
    policy: 'group:delete_group_snapshot',
    status: 202,
    params: IdParams,
    handle: async (groups, { ctx, params }) => {
      await groups.deleteSnapshot(ctx, params.id);
      return undefined;
    },
  }),
  actionRoute<GroupService>({
    id: 'group_snapshots.action',
    summary: 'Do something to a snapshot of a group',
    path: '/group_snapshots/:id/action',
    versions: { min: '3.19' },
    kitOf: ({ kit }) => kit,
    actions: [
      actionsFor<GroupService>()({
        name: 'reset_status',
        policy: 'group:reset_group_snapshot_status',
        input: strict({ status: Type.Unsafe<string>({ type: 'string', enum: [...groupStatuses] }) }),
        run: async (groups, { ctx, params }, { status }) => {
          const { id } = await groups.findSnapshot(ctx, params.id);
          await updateGroupSnapshot(groups.kit.db.query, id, { status, updated_at: groups.kit.now() });
          return undefined;
        },
      }),
    ],
  }),
];
