import type { RequestContext } from '#common/auth/context.ts';
import { badRequest } from '#common/api/errors.ts';
import type { Queryable } from '#common/db/database.ts';
import { invalidSnapshot, invalidVolume, snapshotNotFound, volumeNotFound } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import { backendOf } from '../operations/journal.ts';
import type { CinderTables } from '../tables.ts';
import { findType } from '../types/rows.ts';
import { findVolume } from '../volumes/rows.ts';
import type { Volume } from '../volumes/model.ts';
import { checkedMetadata } from '../volumes/service.ts';
import { snapshotActions, volumeActions, type SnapshotStatus } from '../volumes/states.ts';
import type { SnapshotListRequest } from './filters.ts';
import * as rows from './rows.ts';
import type { Snapshot } from './rows.ts';

type Db = Queryable<CinderTables>;

export interface NewSnapshot {
  readonly volumeId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly force: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The rules of snapshots. */
export class SnapshotService {
  readonly kit: Kit;

  constructor(kit: Kit) {
    this.kit = kit;
  }

  /** @throws ApiError 404 for one that is another project's, too */
  async find(ctx: RequestContext, id: string, db: Db = this.kit.db.query, lock = false): Promise<Snapshot> {
    const snapshot = await rows.findSnapshot(db, id, lock);
    if (!snapshot || !this.kit.sees(ctx, snapshot)) throw snapshotNotFound(id);
    return snapshot;
  }

  /** @throws ApiError 400 when the volume does not let itself be copied now, 413 */
  async create(ctx: RequestContext, request: NewSnapshot): Promise<Snapshot> {
    const { kit } = this;
    const volume = await findVolume(kit.db.query, request.volumeId);
    if (!volume || !kit.sees(ctx, volume)) throw volumeNotFound(request.volumeId);
    const id = kit.ids.uuid();
    const owner = await kit.quotas.transaction(volume.projectId, async (trx, claim) => {
      const locked = (await findVolume(trx, volume.id, true)) ?? volume;
      const { from } = volumeActions[request.force ? 'snapshotForced' : 'snapshot'];
      if (!(from as readonly string[]).includes(locked.status) || locked.migrationStatus === 'migrating')
        throw invalidVolume(
          `Volume ${volume.id} status must be ${from.join(' or ')}, but current status is: ${locked.status}.`,
        );
      return this.createIn(trx, ctx, locked, { ...request, id, groupSnapshotId: null }, claim);
    });
    await kit.launch(owner, ctx);
    return (await rows.findSnapshot(kit.db.query, id)) as Snapshot;
  }

  /** Makes the row of a locked volume's snapshot and journals the work. @returns whom to wake */
  async createIn(
    trx: Db,
    ctx: RequestContext,
    volume: Volume,
    snapshot: Omit<NewSnapshot, 'volumeId' | 'force'> & {
      readonly id: string;
      readonly groupSnapshotId: string | null;
    },
    claim: (asked: Readonly<Record<string, number>>) => Promise<void>,
  ) {
    const { kit } = this;
    if (volume.host === null) throw invalidVolume(`volume ${volume.id} is in no back end.`);
    const type = volume.typeId === null ? null : await findType(trx, volume.typeId);
    await claim(kit.quotas.ofSnapshot(volume.sizeGb, type?.name ?? null));
    await rows.insertSnapshot(trx, {
      id: snapshot.id,
      project_id: volume.projectId,
      user_id: ctx.userId ?? '',
      volume_id: volume.id,
      name: snapshot.name?.trim() ?? null,
      description: snapshot.description?.trim() ?? null,
      status: 'creating',
      progress: '0%',
      size_gb: volume.sizeGb,
      volume_type_id: volume.typeId,
      group_snapshot_id: snapshot.groupSnapshotId,
      metadata: JSON.stringify(checkedMetadata(snapshot.metadata)),
      fault: null,
      created_at: kit.now(),
      updated_at: null,
      deleted: 0,
      deleted_at: null,
    });
    const owner = backendOf(volume.host);
    await kit.journal.add(trx, ctx, 'snapshot.create', {
      input: { volumeId: volume.id, snapshotId: snapshot.id },
      projectId: volume.projectId,
      owner,
    });
    return owner;
  }

  async list(
    ctx: RequestContext,
    { filter, page, withCount }: SnapshotListRequest,
  ): Promise<{ readonly snapshots: readonly Snapshot[]; readonly count: number | null }> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findSnapshotMarker(db, page.marker, filter.projectId)) ?? undefined;
      if (!marker) throw snapshotNotFound(page.marker);
    }
    const [snapshots, count] = await Promise.all([
      page.limit === 0 ? [] : rows.listSnapshots(db, filter, { ...page, marker }),
      withCount ? rows.countSnapshots(db, filter) : null,
    ]);
    return { snapshots, count };
  }

  async update(
    ctx: RequestContext,
    id: string,
    {
      name,
      description,
    }: { readonly name?: string | null | undefined; readonly description?: string | null | undefined },
  ): Promise<Snapshot> {
    await this.find(ctx, id);
    await rows.updateSnapshot(this.kit.db.query, id, {
      ...(name !== undefined && { name: name?.trim() ?? null }),
      ...(description !== undefined && { description: description?.trim() ?? null }),
      updated_at: this.kit.now(),
    });
    return this.find(ctx, id);
  }

  async delete(ctx: RequestContext, id: string, force: boolean): Promise<void> {
    const { kit } = this;
    const owner = await kit.db.transaction(async (trx) => {
      const snapshot = await this.find(ctx, id, trx, true);
      if (snapshot.groupSnapshotId !== null && !force)
        throw invalidSnapshot(`Snapshot ${id} belongs to group snapshot ${snapshot.groupSnapshotId}: delete that.`);
      return this.deleteIn(trx, ctx, snapshot, force);
    });
    if (owner) await kit.launch(owner, ctx);
  }

  /** Marks a locked snapshot and journals its end. @returns whom to wake; null when it is gone already */
  async deleteIn(trx: Db, ctx: RequestContext, snapshot: Snapshot, force: boolean) {
    const { kit } = this;
    const { from, becomes } = snapshotActions[force ? 'forceDelete' : 'delete'];
    if (snapshot.status === 'deleting' && !force) return null;
    if (!(from as readonly SnapshotStatus[]).includes(snapshot.status))
      throw invalidSnapshot(
        `Volume Snapshot status must be ${from.join(' or ')} to delete it, but current status is: ${snapshot.status}.`,
      );
    const now = kit.now();
    const volume = await findVolume(trx, snapshot.volumeId);
    if (!volume?.host || volume.deleted) {
      await rows.markSnapshotDeleted(trx, snapshot.id, now);
      return null;
    }
    await rows.updateSnapshot(trx, snapshot.id, { status: becomes, updated_at: now });
    const owner = backendOf(volume.host);
    await kit.journal.add(trx, ctx, 'snapshot.delete', {
      input: { volumeId: volume.id, snapshotId: snapshot.id },
      projectId: snapshot.projectId,
      owner,
    });
    return owner;
  }

  async metadata(ctx: RequestContext, id: string): Promise<Readonly<Record<string, string>>> {
    return (await this.find(ctx, id)).metadata;
  }

  async changeMetadata(
    ctx: RequestContext,
    id: string,
    change: (known: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    return this.kit.db.transaction(async (trx) => {
      const snapshot = await this.find(ctx, id, trx, true);
      const metadata = checkedMetadata(change(snapshot.metadata));
      await rows.updateSnapshot(trx, id, { metadata: JSON.stringify(metadata), updated_at: this.kit.now() });
      return metadata;
    });
  }

  /** For back ends outside, whose snapshots somebody else makes: they tell how far it is. */
  async report(
    ctx: RequestContext,
    id: string,
    { status, progress }: { readonly status: string; readonly progress: string | undefined },
  ): Promise<void> {
    const next: Readonly<Record<string, readonly SnapshotStatus[]>> = {
      creating: ['creating', 'available', 'error'],
      deleting: ['deleting', 'error_deleting'],
    };
    await this.kit.db.transaction(async (trx) => {
      const snapshot = await this.find(ctx, id, trx, true);
      const allowed = next[snapshot.status] ?? [];
      if (!(allowed as readonly string[]).includes(status))
        throw badRequest(
          allowed.length === 0
            ? `Snapshot status ${snapshot.status} not allowed for update_snapshot_status`
            : `Provided snapshot status ${status} not allowed for snapshot with status ${snapshot.status}.`,
        );
      await rows.updateSnapshot(trx, id, {
        status,
        ...(progress !== undefined && { progress }),
        updated_at: this.kit.now(),
      });
    });
  }
}
