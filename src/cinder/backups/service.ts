import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, badRequest, notFound, unavailable } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Queryable } from '#common/db/database.ts';
import { backupNotFound, invalidBackup, invalidInput, invalidVolume, snapshotNotFound } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import { findSnapshot, updateSnapshot } from '../snapshots/rows.ts';
import type { CinderTables } from '../tables.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume, updateVolume } from '../volumes/rows.ts';
import type { VolumeService } from '../volumes/service.ts';
import { backupActions, snapshotActions, volumeActions, type BackupStatus } from '../volumes/states.ts';
import type { BackupListRequest } from './filters.ts';
import * as rows from './rows.ts';
import type { Backup } from './rows.ts';

type Db = Queryable<CinderTables>;

export interface NewBackup {
  readonly volumeId: string;
  readonly snapshotId: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly container: string | null;
  readonly availabilityZone: string | null;
  readonly incremental: boolean;
  readonly force: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What of a backup lets another cloud, or this one after a loss, find it again. */
interface BackupRecord {
  readonly id: string;
  readonly display_name: string | null;
  readonly display_description: string | null;
  readonly volume_id: string;
  readonly snapshot_id: string | null;
  readonly parent_id: string | null;
  readonly container: string | null;
  readonly service_metadata: string | null;
  readonly size: number;
  readonly object_count: number;
  readonly data_timestamp: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

const noService = () => unavailable('Service cinder-backup could not be found.');

/** The rules of backups; cinder-backup does the work. */
export class BackupService {
  readonly kit: Kit;
  readonly #volumes: VolumeService;

  constructor(volumes: VolumeService) {
    this.kit = volumes.kit;
    this.#volumes = volumes;
  }

  /** @throws ApiError 404 for one of another project, too */
  async find(ctx: RequestContext, id: string, db: Db = this.kit.db.query): Promise<Backup> {
    const backup = await rows.findBackup(db, id);
    if (!backup || !this.kit.sees(ctx, backup)) throw backupNotFound(id);
    return backup;
  }

  async list({
    filter,
    page,
    withCount,
  }: BackupListRequest): Promise<{ readonly backups: readonly Backup[]; readonly count: number | null }> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findBackupMarker(db, page.marker, filter.projectId)) ?? undefined;
      if (!marker) throw backupNotFound(page.marker);
    }
    const [backups, count] = await Promise.all([
      page.limit === 0 ? [] : rows.listBackups(db, filter, { ...page, marker }),
      withCount ? rows.countBackups(db, filter) : null,
    ]);
    return { backups, count };
  }

  /** @throws ApiError 400 for what cannot be backed up now, 413, 503 without a cinder-backup */
  async create(ctx: RequestContext, request: NewBackup): Promise<Backup> {
    const { kit } = this;
    const volume = await this.#volumes.find(ctx, request.volumeId);
    const snapshot = request.snapshotId === null ? null : await findSnapshot(kit.db.query, request.snapshotId);
    if (request.snapshotId !== null && (!snapshot || !kit.sees(ctx, snapshot)))
      throw snapshotNotFound(request.snapshotId);
    if (snapshot && snapshot.volumeId !== volume.id)
      throw invalidBackup('Volume does not match with snapshot. Volume must match the volume of the snapshot.');
    const owner = await kit.directory.backup(
      kit.conf.DEFAULT.backup_use_same_host ? (volume.host?.split('@')[0] ?? null) : null,
    );
    if (!owner) throw noService();
    const parent = request.incremental ? await rows.latestBackup(kit.db.query, volume.id) : null;
    if (request.incremental && !parent) throw invalidBackup('No backups available to do an incremental backup.');
    const id = kit.ids.uuid();
    await kit.quotas.transaction(volume.projectId, async (trx, claim) => {
      const locked = (await findVolume(trx, volume.id, true)) ?? volume;
      const action = snapshot ? 'backupSnapshot' : request.force ? 'backupForced' : 'backup';
      const { from, becomes } = volumeActions[action];
      if (!(from as readonly string[]).includes(locked.status))
        throw invalidVolume(
          `Volume to be backed up must be ${from.join(' or ')} but the current status is "${locked.status}".`,
        );
      await claim({ backups: 1, backup_gigabytes: locked.sizeGb });
      const now = kit.now();
      if (snapshot) {
        const fits = await updateSnapshot(
          trx,
          snapshot.id,
          { status: snapshotActions.backup.becomes, updated_at: now },
          { status: snapshotActions.backup.from },
        );
        if (!fits)
          throw badRequest(
            `Invalid snapshot: Snapshot to be backed up must be available, but the current status is "${snapshot.status}".`,
          );
      }
      if (becomes !== null)
        await updateVolume(trx, volume.id, { status: becomes, previous_status: locked.status, updated_at: now });
      await rows.insertBackup(trx, {
        id,
        project_id: volume.projectId,
        user_id: ctx.userId ?? '',
        volume_id: volume.id,
        snapshot_id: snapshot?.id ?? null,
        parent_id: parent?.id ?? null,
        name: request.name?.trim() ?? null,
        description: request.description?.trim() ?? null,
        status: 'creating',
        host: owner.host,
        availability_zone: request.availabilityZone ?? volume.availabilityZone,
        container: request.container ?? kit.conf.DEFAULT.backup_container,
        service: kit.conf.DEFAULT.backup_driver,
        service_metadata: null,
        size_gb: locked.sizeGb,
        object_count: 0,
        metadata: JSON.stringify(request.metadata),
        data_timestamp: snapshot?.createdAt ?? now,
        restore_volume_id: null,
        fail_reason: null,
        created_at: now,
        updated_at: null,
        deleted: 0,
        deleted_at: null,
      });
      await kit.journal.add(trx, ctx, 'backup.create', {
        input: { volumeId: volume.id, backupId: id },
        projectId: volume.projectId,
        owner,
      });
    });
    await kit.launch(owner, ctx);
    return this.find(ctx, id);
  }

  async update(
    ctx: RequestContext,
    id: string,
    change: {
      readonly name: string | null | undefined;
      readonly description: string | null | undefined;
      readonly metadata: Readonly<Record<string, string>> | undefined;
    },
  ): Promise<Backup> {
    const { name, description, metadata } = change;
    await this.find(ctx, id);
    await rows.updateBackup(this.kit.db.query, id, {
      ...(name !== undefined && { name: name?.trim() ?? null }),
      ...(description !== undefined && { description: description?.trim() ?? null }),
      ...(metadata !== undefined && { metadata: JSON.stringify(metadata) }),
      updated_at: this.kit.now(),
    });
    return this.find(ctx, id);
  }

  async delete(ctx: RequestContext, id: string, force: boolean): Promise<void> {
    const { kit } = this;
    const { host } = await this.find(ctx, id);
    const owner = await kit.directory.backup(host);
    if (!owner) throw noService();
    await kit.db.transaction(async (trx) => {
      const backup = await this.find(ctx, id, trx);
      const { from, becomes } = backupActions[force ? 'forceDelete' : 'delete'];
      if ((await rows.backupsWithDependents(trx, [id])).has(id))
        throw invalidBackup('Incremental backups exist for this backup.');
      const fits = await rows.updateBackup(
        trx,
        id,
        { status: becomes, updated_at: kit.now() },
        { status: from as readonly BackupStatus[] },
      );
      if (!fits) throw invalidBackup(`Backup status must be ${from.join(' or ')}`);
      await kit.journal.add(trx, ctx, 'backup.delete', {
        input: { backupId: id },
        projectId: backup.projectId,
        owner,
      });
    });
    await kit.launch(owner, ctx);
  }

  /** Into a volume that is there, or a new one. @param signal ends the waiting for the new one */
  async restore(
    ctx: RequestContext,
    id: string,
    {
      volumeId,
      name,
      signal,
    }: { readonly volumeId: string | null; readonly name: string | null; readonly signal: AbortSignal },
  ): Promise<Volume> {
    const { kit } = this;
    const backup = await this.find(ctx, id);
    if (backup.status !== 'available') throw invalidBackup('Backup status must be available');
    const owner = await kit.directory.backup(backup.host);
    if (!owner) throw noService();
    const target =
      volumeId === null ? await this.#newVolume(ctx, backup, name, signal) : await this.#volumes.find(ctx, volumeId);
    if (target.sizeGb < backup.sizeGb)
      throw invalidVolume(`volume size ${target.sizeGb} is too small to restore backup of size ${backup.sizeGb}.`);
    await kit.db.transaction(async (trx) => {
      const volume = await this.#volumes.find(ctx, target.id, trx, true);
      const { from, becomes } = volumeActions.restore;
      if (!(from as readonly string[]).includes(volume.status))
        throw invalidVolume('Volume to be restored to must be available');
      const now = kit.now();
      const fits = await rows.updateBackup(
        trx,
        id,
        { status: backupActions.restore.becomes, restore_volume_id: volume.id, updated_at: now },
        { status: backupActions.restore.from },
      );
      if (!fits) throw invalidBackup('Backup status must be available');
      await updateVolume(trx, volume.id, { status: becomes, previous_status: volume.status, updated_at: now });
      await kit.journal.add(trx, ctx, 'backup.restore', {
        input: { volumeId: volume.id, backupId: id },
        projectId: volume.projectId,
        owner,
      });
    });
    await kit.launch(owner, ctx);
    return target;
  }

  async #newVolume(ctx: RequestContext, backup: Backup, name: string | null, signal: AbortSignal): Promise<Volume> {
    const original = await findVolume(this.kit.db.query, backup.volumeId);
    const made = await this.#volumes.create(ctx, {
      request: {
        size: backup.sizeGb,
        name: name ?? `restore_backup_${backup.id}`,
        description: 'auto-created_from_restore_from_backup',
        metadata: original?.projectId === backup.projectId ? { ...original.metadata } : {},
      },
      hints: {},
    });
    for (;;) {
      const volume = await this.#volumes.find(ctx, made.id);
      if (volume.status === 'error')
        throw new ApiError(500, `Volume ${volume.id}, which backup ${backup.id} was to be restored to, was not made.`);
      if (volume.status !== 'creating') return volume;
      await sleep(200, undefined, { signal });
    }
  }

  /** @returns what `importRecord` takes */
  async exportRecord(ctx: RequestContext, id: string): Promise<{ readonly service: string; readonly url: string }> {
    const backup = await this.find(ctx, id);
    if (backup.status !== 'available') throw invalidBackup(`Backup status must be available and not ${backup.status}.`);
    const record: BackupRecord = {
      id: backup.id,
      display_name: backup.name,
      display_description: backup.description,
      volume_id: backup.volumeId,
      snapshot_id: backup.snapshotId,
      parent_id: backup.parentId,
      container: backup.container,
      service_metadata: backup.serviceMetadata,
      size: backup.sizeGb,
      object_count: backup.objectCount,
      data_timestamp: backup.dataTimestamp,
      metadata: backup.metadata,
    };
    return { service: backup.service ?? '', url: Buffer.from(JSON.stringify(record)).toString('base64') };
  }

  /** A backup whose row was lost, or that another cloud made in the same store. @throws ApiError 400, 413, 503 */
  async importRecord(ctx: RequestContext, service: string, url: string): Promise<Backup> {
    const { kit } = this;
    const record = parseRecord(url);
    const projectId = ctx.projectId ?? '';
    const owner = await kit.directory.backup(null);
    if (!owner) throw noService();
    if (service !== kit.conf.DEFAULT.backup_driver)
      throw badRequest(
        `The backup was made by ${service}, and backup_driver is ${kit.conf.DEFAULT.backup_driver} here.`,
      );
    const known = await rows.findBackup(kit.db.query, record.id);
    if (known && !known.deleted) throw invalidBackup('Backup already exists in database.');
    if (known) throw notFound(`Backup ${record.id} was deleted: nothing of it is left.`);
    await kit.quotas.transaction(projectId, async (trx, claim) => {
      await claim({ backups: 1, backup_gigabytes: record.size });
      await rows.insertBackup(trx, {
        id: record.id,
        project_id: projectId,
        user_id: ctx.userId ?? '',
        volume_id: record.volume_id,
        snapshot_id: record.snapshot_id,
        parent_id: record.parent_id,
        name: record.display_name,
        description: record.display_description,
        status: 'available',
        host: owner.host,
        availability_zone: kit.conf.DEFAULT.storage_availability_zone,
        container: record.container,
        service,
        service_metadata: record.service_metadata,
        size_gb: record.size,
        object_count: record.object_count,
        metadata: JSON.stringify(record.metadata),
        data_timestamp: record.data_timestamp,
        restore_volume_id: null,
        fail_reason: null,
        created_at: kit.now(),
        updated_at: null,
        deleted: 0,
        deleted_at: null,
      });
    });
    return this.find(ctx, record.id);
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** @throws ApiError 400 for what no backup was exported as */
function parseRecord(url: string): BackupRecord {
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(Buffer.from(url, 'base64').toString('utf8')) as Record<string, unknown>;
  } catch {
    throw invalidInput("Can't parse backup record: backup_url is not what an export gave.");
  }
  const { id, volume_id: volumeId, size } = raw;
  const isId = (value: unknown): value is string =>
    typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
  if (!isId(id) || !isId(volumeId) || typeof size !== 'number' || !Number.isInteger(size) || size < 1)
    throw invalidInput("Can't parse backup record: id, volume_id or size is missing.");
  return {
    id,
    volume_id: volumeId,
    size,
    display_name: text(raw['display_name']),
    display_description: text(raw['display_description']),
    snapshot_id: text(raw['snapshot_id']),
    parent_id: text(raw['parent_id']),
    container: text(raw['container']),
    service_metadata: text(raw['service_metadata']),
    object_count: Number(raw['object_count'] ?? 0),
    data_timestamp: text(raw['data_timestamp']),
    metadata: Object.fromEntries(
      Object.entries((raw['metadata'] ?? {}) as Record<string, unknown>).map(([name, value]) => [name, String(value)]),
    ),
  };
}
