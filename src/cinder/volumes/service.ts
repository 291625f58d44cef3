import { ApiError, badRequest, forbidden } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Queryable } from '#common/db/database.ts';
import { attachmentsOfVolume } from '../attachments/rows.ts';
import { invalidVolume, volumeNotFound } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import { backendOf } from '../operations/journal.ts';
import { snapshotsOfVolume, updateSnapshot } from '../snapshots/rows.ts';
import type { CinderTables } from '../tables.ts';
import { findTypeByName } from '../types/rows.ts';
import { createVolume, type NewVolume } from './create.ts';
import type { VolumeListRequest } from './filters.ts';
import type { Volume } from './model.ts';
import * as rows from './rows.ts';
import type { VolumeUpdate } from './schema.ts';
import { snapshotActions, volumeActions, type VolumeStatus } from './states.ts';

type Db = Queryable<CinderTables>;

/** Why a volume may not be deleted, in Cinder's words. */
const undeletable =
  'Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.';

/** The rules of volumes: who sees which, and what may be done to them when. */
export class VolumeService {
  readonly kit: Kit;

  constructor(kit: Kit) {
    this.kit = kit;
  }

  /** @throws ApiError 404 for one that is another project's, too */
  async find(ctx: RequestContext, id: string, db: Db = this.kit.db.query, lock = false): Promise<Volume> {
    const volume = await rows.findVolume(db, id, lock);
    if (!volume || !this.kit.sees(ctx, volume)) throw volumeNotFound(id);
    return volume;
  }

  create(ctx: RequestContext, request: NewVolume): Promise<Volume> {
    return createVolume(this.kit, ctx, request);
  }

  /** One page, and how many there are in all when that is asked. */
  async list(
    ctx: RequestContext,
    request: VolumeListRequest,
  ): Promise<{ readonly volumes: readonly Volume[]; readonly count: number | null }> {
    const db = this.kit.db.query;
    const { page, type } = request;
    let { filter } = request;
    if (type !== undefined) {
      const known = await findTypeByName(db, type);
      filter = { ...filter, equal: { ...filter.equal, volume_type_id: known?.id ?? type } };
    }
    const marker = page.marker === undefined ? undefined : await this.#marker(page.marker, filter.projectId);
    const [volumes, counted] = await Promise.all([
      page.limit === 0 ? [] : rows.listVolumes(db, filter, { ...page, marker }),
      request.withCount ? rows.countVolumes(db, filter) : null,
    ]);
    return { volumes, count: counted?.count ?? null };
  }

  async #marker(id: string, projectId: string | undefined): Promise<Record<string, unknown>> {
    const marker = await rows.findVolumeMarker(this.kit.db.query, id, projectId);
    if (!marker) throw volumeNotFound(id);
    return marker;
  }

  async update(ctx: RequestContext, id: string, change: VolumeUpdate): Promise<Volume> {
    const volume = await this.find(ctx, id);
    this.refuseMaintenance(volume, 'update');
    const name = change.name === undefined ? change.display_name : change.name;
    const description = change.description === undefined ? change.display_description : change.description;
    await rows.updateVolume(this.kit.db.query, id, {
      ...(name !== undefined && { name: name?.trim() ?? null }),
      ...(description !== undefined && { description: description?.trim() ?? null }),
      ...(change.metadata !== undefined && { metadata: JSON.stringify(change.metadata) }),
      updated_at: this.kit.now(),
    });
    return this.tell(ctx, id, 'update.end');
  }

  /** Notifies of what has been done to a volume. @param event `attach.end` @returns the volume as it is now */
  async tell(ctx: RequestContext, id: string, event: string): Promise<Volume> {
    const volume = await this.find(ctx, id);
    await this.kit.notify.volume(event, volume);
    return volume;
  }

  /** @throws ApiError 400 for a volume that an operator works on */
  refuseMaintenance(volume: Volume, what: string): void {
    if (volume.status === 'maintenance') throw invalidVolume(`Unable to ${what} volume: its status is maintenance.`);
  }

  /**
   * Deletes a volume; `cascade` takes its snapshots along, `force` does not ask for its status.
   * @throws ApiError 400, 404
   */
  async delete(
    ctx: RequestContext,
    id: string,
    { cascade, force }: { readonly cascade: boolean; readonly force: boolean },
  ): Promise<void> {
    const owner = await this.kit.db.transaction(async (trx) => {
      const volume = await this.find(ctx, id, trx, true);
      return this.deleteIn(trx, ctx, volume, { cascade, force, ofGroup: false });
    });
    if (!owner) return;
    if (force) await this.kit.journal.cancel(id, owner, 'The volume is deleted').catch(() => undefined);
    await this.kit.launch(owner, ctx);
  }

  /** Marks a locked volume and journals its end. @returns whom to wake; null when it is gone already */
  async deleteIn(
    trx: Db,
    ctx: RequestContext,
    volume: Volume,
    { cascade, force, ofGroup }: { readonly cascade: boolean; readonly force: boolean; readonly ofGroup: boolean },
  ) {
    const { kit } = this;
    const { id } = volume;
    const from = volumeActions[force ? 'forceDelete' : 'delete'].from as readonly VolumeStatus[];
    const snapshots = await snapshotsOfVolume(trx, id);
    const attached = (await attachmentsOfVolume(trx, id)).some((one) => one.status !== 'detached');
    const migrating = ![null, 'error', 'deleting', 'success', 'none'].includes(volume.migrationStatus);
    if (volume.status === 'deleting' && !force) return null;
    if (!force && (!from.includes(volume.status) || attached || migrating)) throw invalidVolume(undeletable);
    if ((volume.groupId !== null && !ofGroup) || (snapshots.length > 0 && !cascade)) throw invalidVolume(undeletable);
    const busy = snapshots.find(({ status }) => !(snapshotActions.delete.from as readonly string[]).includes(status));
    if (busy && !force)
      throw invalidVolume(`Snapshot ${busy.id} must be available or error to be deleted with its volume.`);
    const now = kit.now();
    // Nothing of it was made anywhere: no back end was chosen.
    if (volume.host === null) {
      await rows.markVolumeDeleted(trx, id, now);
      return null;
    }
    await rows.updateVolume(trx, id, {
      status: 'deleting',
      previous_status: volume.status,
      migration_status: null,
      updated_at: now,
    });
    for (const snapshot of snapshots) await updateSnapshot(trx, snapshot.id, { status: 'deleting', updated_at: now });
    const owner = backendOf(volume.host);
    await kit.journal.add(trx, ctx, 'volume.delete', {
      input: { volumeId: id, cascade },
      projectId: volume.projectId,
      owner,
    });
    return owner;
  }

  async summary(ctx: RequestContext, filter: rows.VolumeFilter) {
    const db = this.kit.db.query;
    const [{ count, gb }, all] = await Promise.all([rows.countVolumes(db, filter), rows.metadataOfVolumes(db, filter)]);
    const metadata: Record<string, string[]> = {};
    for (const one of all)
      for (const [key, value] of Object.entries(one))
        if (!metadata[key]?.includes(value)) metadata[key] = [...(metadata[key] ?? []), value];
    return { count, gb, metadata };
  }

  async metadata(ctx: RequestContext, id: string): Promise<Readonly<Record<string, string>>> {
    return (await this.find(ctx, id)).metadata;
  }

  /** Changes metadata in a transaction: two changes at once lose nothing. @returns the new metadata */
  async changeMetadata(
    ctx: RequestContext,
    id: string,
    change: (metadata: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    return this.kit.db.transaction(async (trx) => {
      const volume = await this.find(ctx, id, trx, true);
      this.refuseMaintenance(volume, 'update metadata of');
      const metadata = checkedMetadata(change(volume.metadata));
      await rows.updateVolume(trx, id, { metadata: JSON.stringify(metadata), updated_at: this.kit.now() });
      return metadata;
    });
  }

  /** The volume's status becomes `becomes` if it fits `from`. @throws ApiError 400 with `refusal` */
  async transit(
    ctx: RequestContext,
    id: string,
    from: readonly VolumeStatus[],
    becomes: VolumeStatus,
    refusal: (volume: Volume) => string,
  ): Promise<Volume> {
    return this.kit.db.transaction(async (trx) => {
      const volume = await this.find(ctx, id, trx, true);
      if (!from.includes(volume.status)) throw invalidVolume(refusal(volume));
      await rows.updateVolume(trx, id, { status: becomes, updated_at: this.kit.now() });
      return volume;
    });
  }

  authorize(ctx: RequestContext, rule: string): void {
    if (!this.kit.enforcer.allows(rule, ctx)) throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
  }
}

/** @throws ApiError 400, 413 */
export function checkedMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(metadata)) {
    if (key === '') throw badRequest('Invalid metadata: Metadata property key blank.');
    if (key.length > 255)
      throw new ApiError(400, 'Invalid metadata size: Metadata property key greater than 255 characters.');
    if (value.length > 255)
      throw new ApiError(400, 'Invalid metadata size: Metadata property value greater than 255 characters.');
  }
  return metadata;
}
