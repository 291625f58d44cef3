import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { actionRoute, actionsFor } from '../api/actions.ts';
import { linksTo, nextPage } from '../api/links.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, Flag, flagValue, IdParams, Metadata, strict, Text, Uuid, UuidOrNull } from '../api/schemas.ts';
import { parseBackupQuery } from './filters.ts';
import { backupsWithDependents, updateBackup, type Backup } from './rows.ts';
import type { BackupService } from './service.ts';

const route = routesFor<BackupService>();
const action = actionsFor<BackupService>();
type AnyCall = Call<unknown, unknown, unknown>;

const brief = ({ kit }: BackupService, call: AnyCall, backup: Backup) => ({
  id: backup.id,
  name: backup.name,
  links: linksTo(placeOf(kit, call), `backups/${backup.id}`),
});
const made = (backups: BackupService, call: AnyCall, backup: Backup) => ({
  ...brief(backups, call, backup),
  ...(call.version.atLeast('3.43') && { metadata: backup.metadata }),
});

const full = (backups: BackupService, call: AnyCall, backup: Backup, dependents: ReadonlySet<string>) => ({
  id: backup.id,
  status: backup.status,
  size: backup.sizeGb,
  object_count: backup.objectCount,
  availability_zone: backup.availabilityZone,
  container: backup.container,
  created_at: backup.createdAt,
  updated_at: backup.updatedAt,
  name: backup.name,
  description: backup.description,
  fail_reason: backup.failReason,
  volume_id: backup.volumeId,
  links: linksTo(placeOf(backups.kit, call), `backups/${backup.id}`),
  is_incremental: backup.parentId !== null,
  has_dependent_backups: dependents.has(backup.id),
  snapshot_id: backup.snapshotId,
  data_timestamp: backup.dataTimestamp,
  ...(call.version.atLeast('3.18') &&
    backups.kit.enforcer.allows('backup:backup_project_attribute', call.ctx) && {
      'os-backup-project-attr:project_id': backup.projectId,
    }),
  ...(call.version.atLeast('3.43') && { metadata: backup.metadata }),
  ...(call.version.atLeast('3.56') && { user_id: backup.userId }),
  ...(call.version.atLeast('3.64') && { encryption_key_id: null }),
});

const list = (detail: boolean) =>
  route({
    id: detail ? 'backups.detail' : 'backups.list',
    summary: detail ? 'List backups in full' : 'List backups',
    method: 'GET',
    path: detail ? '/backups/detail' : '/backups',
    policy: 'backup:get_all',
    status: 200,
    query: AnyQuery,
    handle: async (backups, call) => {
      const { kit } = backups;
      const request = parseBackupQuery(call.query, call.ctx, call.version, kit.conf.DEFAULT.osapi_max_limit);
      const { backups: found, count } = await backups.list(request);
      const ids = found.map(({ id }) => id);
      const dependents = detail ? await backupsWithDependents(kit.db.query, ids) : new Set<string>();
      return {
        backups: found.map((one) => (detail ? full(backups, call, one, dependents) : brief(backups, call, one))),
        ...nextPage(placeOf(kit, call), 'backups', call.url, request.page.limit, ids),
        ...(count !== null && { count }),
      };
    },
  });

export const backupRoutes = [
  list(false),
  list(true),
  route({
    id: 'backups.create',
    summary: 'Back up a volume or a snapshot',
    method: 'POST',
    path: '/backups',
    policy: 'backup:create',
    status: 202,
    body: Type.Object({
      backup: Type.Object({
        volume_id: Uuid,
        container: Type.Optional(Text),
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        incremental: Type.Optional(Flag),
        force: Type.Optional(Flag),
        snapshot_id: Type.Optional(UuidOrNull),
        metadata: Type.Optional(Type.Union([Metadata, Type.Null()])),
        availability_zone: Type.Optional(Text),
      }),
    }),
    handle: async (backups, call) => {
      const { version, ctx } = call;
      const { backup: asked } = call.body;
      const backup = await backups.create(ctx, {
        volumeId: asked.volume_id,
        snapshotId: asked.snapshot_id ?? null,
        name: asked.name ?? null,
        description: asked.description ?? null,
        container: asked.container ?? null,
        availabilityZone: version.atLeast('3.51') ? (asked.availability_zone ?? null) : null,
        incremental: flagValue(asked.incremental),
        force: flagValue(asked.force),
        metadata: version.atLeast('3.43') ? (asked.metadata ?? {}) : {},
      });
      return { backup: made(backups, call, backup) };
    },
  }),
  route({
    id: 'backups.import',
    summary: "Take a backup over by another cloud's record of it",
    method: 'POST',
    path: '/backups/import_record',
    policy: 'backup:backup-import',
    status: 201,
    body: Type.Object({
      'backup-record': Type.Object({
        backup_service: Type.String({ minLength: 1, maxLength: 255 }),
        backup_url: Type.String({ minLength: 1 }),
      }),
    }),
    handle: async (backups, call) => {
      const { backup_service: service, backup_url: url } = call.body['backup-record'];
      return { backup: brief(backups, call, await backups.importRecord(call.ctx, service, url)) };
    },
  }),
  route({
    id: 'backups.show',
    summary: 'Show a backup',
    method: 'GET',
    path: '/backups/:id',
    policy: 'backup:get',
    status: 200,
    params: IdParams,
    handle: async (backups, call) => {
      const backup = await backups.find(call.ctx, call.params.id);
      const dependents = await backupsWithDependents(backups.kit.db.query, [backup.id]);
      return { backup: full(backups, call, backup, dependents) };
    },
  }),
  route({
    id: 'backups.update',
    summary: "Change a backup's name, description or metadata",
    method: 'PUT',
    path: '/backups/:id',
    versions: { min: '3.9' },
    policy: 'backup:update',
    status: 200,
    params: IdParams,
    body: Type.Object({
      backup: Type.Object({
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        metadata: Type.Optional(Metadata),
      }),
    }),
    handle: async (backups, call) => {
      const { name, description, metadata } = call.body.backup;
      if (name === undefined && description === undefined && metadata === undefined)
        throw badRequest('Must specify at least one of name, description or metadata to update the backup.');
      const changed = await backups.update(call.ctx, call.params.id, {
        name,
        description,
        metadata: call.version.atLeast('3.43') ? metadata : undefined,
      });
      return { backup: made(backups, call, changed) };
    },
  }),
  route({
    id: 'backups.delete',
    summary: 'Delete a backup',
    method: 'DELETE',
    path: '/backups/:id',
    policy: 'backup:delete',
    status: 202,
    params: IdParams,
    handle: async (backups, { ctx, params }) => {
      await backups.delete(ctx, params.id, false);
      return undefined;
    },
  }),
  route({
    id: 'backups.restore',
    summary: 'Restore a backup, into a new volume unless told',
    method: 'POST',
    path: '/backups/:id/restore',
    policy: 'backup:restore',
    status: 202,
    params: IdParams,
    body: Type.Object({
      restore: Type.Object({ volume_id: Type.Optional(UuidOrNull), name: Type.Optional(Text) }),
    }),
    handle: async (backups, call) => {
      const { volume_id: volumeId = null, name = null } = call.body.restore;
      const volume = await backups.restore(call.ctx, call.params.id, { volumeId, name, signal: call.signal });
      return { restore: { backup_id: call.params.id, volume_id: volume.id, volume_name: volume.name } };
    },
  }),
  route({
    id: 'backups.export',
    summary: 'Show the record by which another cloud can take a backup over',
    method: 'GET',
    path: '/backups/:id/export_record',
    policy: 'backup:backup-export',
    status: 200,
    params: IdParams,
    handle: async (backups, { ctx, params }) => {
      const { service, url } = await backups.exportRecord(ctx, params.id);
      return { 'backup-record': { backup_service: service, backup_url: url } };
    },
  }),
  actionRoute<BackupService>({
    id: 'backups.action',
    summary: 'Do something to a backup',
    path: '/backups/:id/action',
    kitOf: ({ kit }) => kit,
    actions: [
      action({
        name: 'os-reset_status',
        policy: 'volume_extension:backup_admin_actions:reset_status',
        input: strict({ status: Type.Unsafe<string>({ type: 'string', enum: ['available', 'error'] }) }),
        run: async (backups, { ctx, params }, { status }) => {
          const { id } = await backups.find(ctx, params.id);
          await updateBackup(backups.kit.db.query, id, { status, updated_at: backups.kit.now() });
          return undefined;
        },
      }),
      action({
        name: 'os-force_delete',
        policy: 'volume_extension:backup_admin_actions:force_delete',
        run: async (backups, { ctx, params }) => {
          await backups.delete(ctx, params.id, true);
          return undefined;
        },
      }),
    ],
  }),
];
