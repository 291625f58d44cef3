import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionInfo } from '#clients/volume.ts';
import { RpcTimeout } from '#common/bus/bus.ts';
import { ensureFolder } from '#common/host/files.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import { findBackup, markBackupDeleted, updateBackup, type Backup } from '../backups/rows.ts';
import { GIB } from '../drivers/kit.ts';
import type { OperationInputs } from '../operations/kinds.ts';
import { updateSnapshot } from '../snapshots/rows.ts';
import { nowOf, tellProject } from '../volume/deps.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume, updateVolume } from '../volumes/rows.ts';
import { connectorOf, folderOf, type BackupDeps } from './deps.ts';
import { assembleBackup, readIndex, writeBackup } from './format.ts';

type Input = OperationInputs['backup.create'];

/** The volume and its back end. @throws Error when it is gone */
async function volumeWithHost(deps: BackupDeps, id: string): Promise<{ volume: Volume; backend: string }> {
  const volume = await findVolume(deps.db.query, id);
  if (!volume || volume.deleted || volume.host === null) throw new Error(`Volume ${id} is not there any more.`);
  return { volume, backend: volume.host.split('#')[0] as string };
}

/** Ends what `expose` began; a volume that is gone has nothing exposed. */
async function withdraw(deps: BackupDeps, { volumeId, backupId }: Input): Promise<void> {
  const volume = await findVolume(deps.db.query, volumeId);
  if (!volume || volume.deleted || volume.host === null) return;
  const options = { host: volume.host.split('#')[0] as string };
  await deps.volumeDaemon.call('unexpose', { volumeId, purpose: backupId }, options);
}

/** A file of ours while work is done; gone afterwards. */
async function withFile<T>(deps: BackupDeps, name: string, work: (path: string) => Promise<T>): Promise<T> {
  await ensureFolder(deps.workFolder, 0o700);
  const path = join(deps.workFolder, name);
  await rm(path, { force: true });
  try {
    return await work(path);
  } finally {
    await rm(path, { force: true });
  }
}

/** A path with the volume's raw bytes: its own where that can be read, else a copy. */
async function withRawBytes<T>(
  deps: BackupDeps,
  { id, sizeGb }: Pick<Backup, 'id' | 'sizeGb'>,
  connection: ConnectionInfo,
  signal: AbortSignal,
  work: (path: string | null) => Promise<T>,
): Promise<T> {
  if (connection.driver_volume_type === 'local') {
    const { device_path: path, format } = connection.data;
    if (path.startsWith('fake:')) return work(null);
    if (format === 'raw') return work(path);
  }
  return withFile(deps, `backup-${id}.raw`, async (path) => {
    await makeSparse(path, sizeGb * GIB);
    await deps.copier.copy(connection, { path, format: 'raw' }, signal);
    return work(path);
  });
}

async function makeSparse(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  await file.truncate(bytes).finally(() => file.close());
}

export function createBackupOperation(deps: BackupDeps): OperationDefinition<Input, { objects: number }> {
  const { db, store, conf, notify } = deps;
  /** The volume is what it was before. */
  const releaseSource = async (input: Input): Promise<void> => {
    const backup = await findBackup(db.query, input.backupId);
    const now = nowOf(deps);
    if (backup?.snapshotId != null)
      await updateSnapshot(
        db.query,
        backup.snapshotId,
        { status: 'available', updated_at: now },
        { status: ['backing-up'] },
      );
    const volume = await findVolume(db.query, input.volumeId);
    const status = volume?.previousStatus ?? 'available';
    await updateVolume(db.query, input.volumeId, { status, updated_at: now }, { status: ['backing-up'] });
  };
  return {
    kind: 'backup.create',
    action: 'create_backup',
    steps: [
      {
        name: 'create_backup',
        transient: (error) => error instanceof RpcTimeout,
        async run({ input, signal }) {
          const backup = await findBackup(db.query, input.backupId);
          if (!backup || backup.deleted || backup.status !== 'creating') return undefined;
          await updateBackup(db.query, backup.id, { host: deps.host, service: store.service, updated_at: nowOf(deps) });
          await notify.backup('create.start', backup);
          const { volume, backend } = await volumeWithHost(deps, input.volumeId);
          const parent = backup.parentId === null ? null : await findBackup(db.query, backup.parentId);
          if (backup.parentId !== null && (!parent || parent.deleted || parent.status !== 'available'))
            throw new Error(`Backup ${backup.parentId}, which this one is to build on, is not available any more.`);
          await store.remove(folderOf(backup));
          const what = { volumeId: volume.id, snapshotId: backup.snapshotId, purpose: backup.id };
          const { connection } = await deps.volumeDaemon.call(
            'expose',
            { ...what, connector: connectorOf(deps) },
            { host: backend, signal },
          );
          const { name, description, bootable, imageMetadata } = volume;
          const objects = await withRawBytes(deps, backup, connection, signal, (source) =>
            writeBackup({
              ...{ store, source, signal },
              folder: folderOf(backup),
              about: {
                backupId: backup.id,
                volumeId: volume.id,
                parentId: backup.parentId,
                createdAt: nowOf(deps),
                volume: { name, description, bootable, imageMetadata },
              },
              compression: compressionOf(conf.DEFAULT.backup_compression_algorithm),
              fileBytes: conf.DEFAULT.backup_file_size,
              parentFolder: parent && folderOf(parent),
            }),
          );
          await withdraw(deps, input);
          return { objects };
        },
        async undo({ input }) {
          await withdraw(deps, input);
          const backup = await findBackup(db.query, input.backupId);
          if (backup) await store.remove(folderOf(backup)).catch(() => undefined);
        },
      },
    ],
    async succeeded({ input, state }) {
      await releaseSource(input);
      const backup = await findBackup(db.query, input.backupId);
      if (!backup) return;
      const change = {
        status: 'available',
        object_count: state.objects ?? 0,
        container: folderOf(backup).replace(/\/[^/]+$/, ''),
        service_metadata: folderOf(backup),
        fail_reason: null,
        updated_at: nowOf(deps),
      };
      await updateBackup(db.query, backup.id, change, { status: ['creating'] });
      await notify.backup('create.end', { ...backup, status: 'available' });
    },
    async failed({ input, requestId }, { message }) {
      await releaseSource(input);
      const backup = await findBackup(db.query, input.backupId);
      if (!backup) return;
      await db.transaction(async (trx) => {
        const change = { status: 'error', fail_reason: message, updated_at: nowOf(deps) };
        if (!(await updateBackup(trx, backup.id, change, { status: ['creating'] }))) return;
        await tellProject(deps, trx, {
          ...{ projectId: backup.projectId, requestId, resourceType: 'VOLUME_BACKUP', resourceId: backup.id },
          action: 'backupCreate',
          detail: 'backupCreateError',
        });
      });
    },
  };
}

/** zlib for what this program cannot write. */
const compressionOf = (wanted: 'none' | 'zlib' | 'bz2' | 'zstd') => (wanted === 'bz2' ? 'zlib' : wanted);

/** A backup and all that it builds on, the full one first. @throws Error when one of them is gone */
async function chainOf(deps: BackupDeps, id: string): Promise<Backup[]> {
  const chain: Backup[] = [];
  for (let next: string | null = id; next !== null;) {
    const backup: Backup | null = await findBackup(deps.db.query, next);
    if (!backup || backup.deleted) throw new Error(`Backup ${next}, which ${id} builds on, is not there any more.`);
    chain.unshift(backup);
    next = backup.parentId;
  }
  return chain;
}

export function restoreBackupOperation(
  deps: BackupDeps,
): OperationDefinition<OperationInputs['backup.restore'], Record<string, never>> {
  const { db, store, copier, notify } = deps;
  const settle = (input: Input, status: 'available' | 'error_restoring', fault: string | null): Promise<void> =>
    db.transaction(async (trx) => {
      const now = nowOf(deps);
      await updateVolume(trx, input.volumeId, { status, fault, updated_at: now }, { status: ['restoring-backup'] });
      await updateBackup(
        trx,
        input.backupId,
        { status: 'available', fail_reason: fault, updated_at: now },
        { status: ['restoring'] },
      );
    });
  return {
    kind: 'backup.restore',
    action: 'restore_backup',
    steps: [
      {
        name: 'restore_backup',
        transient: (error) => error instanceof RpcTimeout,
        async run({ input, signal }) {
          const chain = await chainOf(deps, input.backupId);
          const backup = chain.at(-1) as Backup;
          await notify.backup('restore.start', backup);
          const { volume, backend } = await volumeWithHost(deps, input.volumeId);
          const folders = chain.map(folderOf);
          const index = await readIndex(store, folderOf(backup));
          const { connection } = await deps.volumeDaemon.call(
            'exposeForWriting',
            { volumeId: volume.id, purpose: backup.id, connector: connectorOf(deps) },
            { host: backend, signal },
          );
          if (index.sizeBytes > 0)
            await withFile(deps, `restore-${backup.id}.raw`, async (path) => {
              await assembleBackup(store, folders, path, index.sizeBytes, signal);
              await copier.copy({ path, format: 'raw' }, connection, signal);
            });
          await withdraw(deps, input);
          const { bootable, imageMetadata } = index.volume;
          await updateVolume(db.query, volume.id, {
            bootable: bootable ? 1 : 0,
            image_metadata: imageMetadata && JSON.stringify(imageMetadata),
            updated_at: nowOf(deps),
          });
          return undefined;
        },
        undo: ({ input }) => withdraw(deps, input),
      },
    ],
    async succeeded({ input }) {
      await settle(input, 'available', null);
      const backup = await findBackup(db.query, input.backupId);
      if (backup) await notify.backup('restore.end', backup);
    },
    async failed({ input, requestId }, { message }) {
      await settle(input, 'error_restoring', message);
      const backup = await findBackup(db.query, input.backupId);
      if (backup)
        await tellProject(deps, db.query, {
          ...{ projectId: backup.projectId, requestId, resourceType: 'VOLUME_BACKUP', resourceId: backup.id },
          action: 'backupRestore',
          detail: 'backupRestoreError',
        });
    },
  };
}

export function deleteBackupOperation(
  deps: BackupDeps,
): OperationDefinition<OperationInputs['backup.delete'], Record<string, never>> {
  const { db, store, notify } = deps;
  return {
    kind: 'backup.delete',
    action: 'delete_backup',
    cancellable: false,
    steps: [
      {
        name: 'delete_backup',
        async run({ input }) {
          const backup = await findBackup(db.query, input.backupId);
          if (!backup || backup.deleted) return undefined;
          await notify.backup('delete.start', backup);
          await store.remove(folderOf(backup));
          await markBackupDeleted(db.query, backup.id, nowOf(deps));
          await notify.backup('delete.end', backup);
          return undefined;
        },
      },
    ],
    async failed({ input, requestId }, { message }) {
      const backup = await findBackup(db.query, input.backupId);
      if (!backup) return;
      await db.transaction(async (trx) => {
        const change = { status: 'error_deleting', fail_reason: message, updated_at: nowOf(deps) };
        if (!(await updateBackup(trx, backup.id, change, { status: ['deleting'] }))) return;
        await tellProject(deps, trx, {
          ...{ projectId: backup.projectId, requestId, resourceType: 'VOLUME_BACKUP', resourceId: backup.id },
          action: 'backupDelete',
          detail: 'backupDeleteError',
        });
      });
    },
  };
}
