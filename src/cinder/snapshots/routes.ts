import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { volumeNotFound } from '../api/errors.ts';
import { actionRoute, actionsFor } from '../api/actions.ts';
import { nextPage } from '../api/links.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, Flag, flagValue, IdParams, Metadata, strict, Text, UuidOrNull } from '../api/schemas.ts';
import { snapshotStatuses } from '../volumes/states.ts';
import { parseSnapshotQuery } from './filters.ts';
import { updateSnapshot, type Snapshot } from './rows.ts';
import type { SnapshotService } from './service.ts';

const route = routesFor<SnapshotService>();
const action = actionsFor<SnapshotService>();
type AnyCall = Call<unknown, unknown, unknown>;

/** @param full with the attributes that lists without detail and answers to create and update leave out */
function view(snapshot: Snapshot, { api, version }: AnyCall, full: boolean): Record<string, unknown> {
  const old = api === 'v1';
  return {
    id: snapshot.id,
    created_at: snapshot.createdAt,
    ...(!old && { updated_at: snapshot.updatedAt }),
    [old ? 'display_name' : 'name']: snapshot.name,
    [old ? 'display_description' : 'description']: snapshot.description,
    volume_id: snapshot.volumeId,
    status: snapshot.status,
    size: snapshot.sizeGb,
    metadata: snapshot.metadata,
    ...(full && {
      'os-extended-snapshot-attributes:progress': snapshot.progress,
      'os-extended-snapshot-attributes:project_id': snapshot.projectId,
      ...(version.atLeast('3.14') && { group_snapshot_id: snapshot.groupSnapshotId }),
      ...(version.atLeast('3.41') && { user_id: snapshot.userId }),
      ...(version.atLeast('3.65') && { consumes_quota: true }),
    }),
  };
}

const list = (detail: boolean) =>
  route({
    id: detail ? 'snapshots.detail' : 'snapshots.list',
    summary: detail ? 'List snapshots in full' : 'List snapshots',
    method: 'GET',
    path: detail ? '/snapshots/detail' : '/snapshots',
    policy: 'volume:get_all_snapshots',
    status: 200,
    query: AnyQuery,
    handle: async (snapshots, call) => {
      const { kit } = snapshots;
      const request = parseSnapshotQuery(call.query, call.ctx, call.version, kit.conf.DEFAULT.osapi_max_limit);
      const { snapshots: found, count } = await snapshots.list(call.ctx, request);
      const ids = found.map(({ id }) => id);
      return {
        snapshots: found.map((one) => view(one, call, detail)),
        ...(call.api === 'v1' ? {} : nextPage(placeOf(kit, call), 'snapshots', call.url, request.page.limit, ids)),
        ...(count !== null && { count }),
      };
    },
  });

const names = {
  name: Type.Optional(Text),
  display_name: Type.Optional(Text),
  description: Type.Optional(Text),
  display_description: Type.Optional(Text),
};

export const snapshotRoutes = [
  list(false),
  list(true),
  route({
    id: 'snapshots.create',
    summary: 'Make a snapshot of a volume',
    method: 'POST',
    path: '/snapshots',
    policy: 'volume:create_snapshot',
    status: 202,
    body: Type.Object({
      snapshot: Type.Object({
        ...names,
        volume_id: UuidOrNull,
        force: Type.Optional(Type.Union([Flag, Type.Null()])),
        metadata: Type.Optional(Type.Union([Metadata, Type.Null()])),
      }),
    }),
    handle: async (snapshots, call) => {
      const { ctx, version, body, api } = call;
      const { snapshot } = body;
      const { volume_id: volumeId } = snapshot;
      if (volumeId === null) throw volumeNotFound('None');
      // From 3.66 on a volume in use needs no force, and who says "no force" means something that is gone.
      const later = version.atLeast('3.66');
      if (later && snapshot.force != null && !flagValue(snapshot.force))
        throw badRequest("Since microversion 3.66 the 'force' option is invalid for this request.");
      if (api === 'v1') call.reply.status(200);
      const made = await snapshots.create(ctx, {
        volumeId,
        name: snapshot.name ?? snapshot.display_name ?? null,
        description: snapshot.description ?? snapshot.display_description ?? null,
        force: later || flagValue(snapshot.force ?? false),
        metadata: snapshot.metadata ?? {},
      });
      return { snapshot: view(made, call, false) };
    },
  }),
  route({
    id: 'snapshots.show',
    summary: 'Show a snapshot',
    method: 'GET',
    path: '/snapshots/:id',
    policy: 'volume:get_snapshot',
    status: 200,
    params: IdParams,
    handle: async (snapshots, call) => ({
      snapshot: view(await snapshots.find(call.ctx, call.params.id), call, true),
    }),
  }),
  route({
    id: 'snapshots.update',
    summary: "Change a snapshot's name or description",
    method: 'PUT',
    path: '/snapshots/:id',
    policy: 'volume:update_snapshot',
    status: 200,
    params: IdParams,
    body: Type.Object({ snapshot: Type.Object(names) }),
    handle: async (snapshots, call) => {
      const { snapshot: asked } = call.body;
      const changed = await snapshots.update(call.ctx, call.params.id, {
        name: asked.name === undefined ? asked.display_name : asked.name,
        description: asked.description === undefined ? asked.display_description : asked.description,
      });
      return { snapshot: view(changed, call, false) };
    },
  }),
  route({
    id: 'snapshots.delete',
    summary: 'Delete a snapshot',
    method: 'DELETE',
    path: '/snapshots/:id',
    policy: 'volume:delete_snapshot',
    status: 202,
    params: IdParams,
    handle: async (snapshots, { ctx, params }) => {
      await snapshots.delete(ctx, params.id, false);
      return undefined;
    },
  }),
  actionRoute<SnapshotService>({
    id: 'snapshots.action',
    summary: 'Do something to a snapshot',
    path: '/snapshots/:id/action',
    kitOf: ({ kit }) => kit,
    actions: [
      action({
        name: 'os-reset_status',
        policy: 'volume_extension:snapshot_admin_actions:reset_status',
        input: strict({ status: Type.Unsafe<string>({ type: 'string', enum: [...snapshotStatuses] }) }),
        run: async (snapshots, { ctx, params }, { status }) => {
          const { id } = await snapshots.find(ctx, params.id);
          await updateSnapshot(snapshots.kit.db.query, id, { status, updated_at: snapshots.kit.now() });
          return undefined;
        },
      }),
      action({
        name: 'os-force_delete',
        policy: 'volume_extension:snapshot_admin_actions:force_delete',
        run: async (snapshots, { ctx, params }) => {
          await snapshots.delete(ctx, params.id, true);
          return undefined;
        },
      }),
      action({
        name: 'os-update_snapshot_status',
        policy: 'snapshot_extension:snapshot_actions:update_snapshot_status',
        input: Type.Object({
          status: Type.String({ minLength: 1 }),
          progress: Type.Optional(Type.String({ pattern: '^([0-9]|[1-9][0-9]|100)%$' })),
        }),
        run: async (snapshots, { ctx, params }, { status, progress }) => {
          await snapshots.report(ctx, params.id, { status, progress });
          return undefined;
        },
      }),
    ],
  }),
];
