import { badRequest, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Queryable } from '#common/db/database.ts';
import { invalidInput, invalidVolume } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import type { PageRequest } from '../api/paging.ts';
import { backendOf, type Owner } from '../operations/journal.ts';
import { snapshotsOfGroupSnapshot } from '../snapshots/rows.ts';
import type { SnapshotService } from '../snapshots/service.ts';
import type { CinderTables } from '../tables.ts';
import { requestedType } from '../types/choose.ts';
import { typesByIds } from '../types/rows.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume, insertVolume, updateVolume, volumesOfGroup } from '../volumes/rows.ts';
import type { VolumeService } from '../volumes/service.ts';
import { volumeActions } from '../volumes/states.ts';
import * as rows from './rows.ts';
import type { Group, GroupSnapshot } from './rows.ts';
import { findGroupType, findGroupTypeByName } from './types-rows.ts';

type Db = Queryable<CinderTables>;
interface ListFilter {
  readonly projectId?: string;
  readonly equal: Readonly<Record<string, string>>;
}

export const groupNotFound = (id: string) => notFound(`Group ${id} could not be found.`);
export const groupSnapshotNotFound = (id: string) => notFound(`GroupSnapshot ${id} could not be found.`);

/**
 * Generic groups without a driver of their own, as Zed's default driver has them: what is done to a group is done to its
 * volumes one by one. What a group is doing is what they are doing, so that nothing can be forgotten half way: a status is
 * settled when it is read.
 */
export class GroupService {
  readonly kit: Kit;
  readonly #volumes: VolumeService;
  readonly #snapshots: SnapshotService;

  constructor(volumes: VolumeService, snapshots: SnapshotService) {
    this.kit = volumes.kit;
    this.#volumes = volumes;
    this.#snapshots = snapshots;
  }

  /** @throws ApiError 404 */
  async find(ctx: RequestContext, id: string): Promise<Group> {
    const found = await rows.findGroup(this.kit.db.query, id);
    const group = found && this.kit.sees(ctx, found) ? (await this.#settled([found]))[0] : undefined;
    if (!group) throw groupNotFound(id);
    return group;
  }

  async list(filter: ListFilter, page: PageRequest): Promise<readonly Group[]> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findGroupMarker(db, page.marker, filter.projectId)) ?? undefined;
      if (!marker) throw groupNotFound(page.marker);
    }
    return page.limit === 0 ? [] : this.#settled(await rows.listGroups(db, filter, { ...page, marker }));
  }

  /** Groups whose volumes have all been made are available, those whose volumes are all gone are gone. */
  async #settled(groups: readonly Group[]): Promise<Group[]> {
    const db = this.kit.db.query;
    const moving = groups.filter(({ status }) => status in shownAs);
    const members = await rows.memberStatuses(
      db,
      moving.map(({ id }) => id),
    );
    const settled: Group[] = [];
    for (const group of groups) {
      const status = moving.includes(group) ? outcome(group.status, members.get(group.id) ?? []) : group.status;
      if (status === 'gone') await rows.deleteGroup(db, group.id);
      else settled.push({ ...group, status: shownAs[status] ?? status });
      if (status !== 'gone' && status !== group.status)
        await rows.updateGroup(db, group.id, { status, updated_at: this.kit.now() });
    }
    return settled;
  }

  volumesOf(group: Group): Promise<readonly Volume[]> {
    return volumesOfGroup(this.kit.db.query, group.id);
  }

  async create(
    ctx: RequestContext,
    asked: {
      readonly name: string | null;
      readonly description: string | null;
      readonly groupType: string;
      readonly volumeTypes: readonly string[];
      readonly availabilityZone: string | null;
    },
  ): Promise<Group> {
    const { kit } = this;
    const db = kit.db.query;
    const groupType = (await findGroupType(db, asked.groupType)) ?? (await findGroupTypeByName(db, asked.groupType));
    if (!groupType) throw notFound(`Group type ${asked.groupType} could not be found.`);
    if (asked.volumeTypes.length === 0) throw invalidInput('volume_types must be provided to create group');
    const types = await Promise.all(asked.volumeTypes.map((name) => requestedType(db, ctx, name)));
    const zone = asked.availabilityZone ?? kit.conf.DEFAULT.storage_availability_zone;
    const zones = await kit.directory.zones();
    if (asked.availabilityZone !== null && !zones.get(zone))
      throw invalidInput(`Availability zone '${zone}' is invalid.`);
    return this.#insert(ctx, {
      name: asked.name,
      description: asked.description,
      group_type_id: groupType.id,
      volume_types: JSON.stringify(types.map(({ id }) => id)),
      availability_zone: zone,
      group_snapshot_id: null,
      source_group_id: null,
    });
  }

  async #insert(
    ctx: RequestContext,
    fields: Pick<
      Parameters<typeof rows.insertGroup>[1],
      | 'name'
      | 'description'
      | 'group_type_id'
      | 'volume_types'
      | 'availability_zone'
      | 'group_snapshot_id'
      | 'source_group_id'
    >,
    fill: (
      trx: Db,
      groupId: string,
      claim: (asked: Readonly<Record<string, number>>) => Promise<void>,
    ) => Promise<void> = () => Promise.resolve(),
  ): Promise<Group> {
    const { kit } = this;
    const projectId = ctx.projectId ?? '';
    const id = kit.ids.uuid();
    await kit.quotas.transaction(projectId, async (trx, claim) => {
      await claim({ groups: 1 });
      await rows.insertGroup(trx, {
        ...fields,
        id,
        project_id: projectId,
        user_id: ctx.userId ?? '',
        host: null,
        status: making,
        created_at: kit.now(),
        updated_at: null,
      });
      await fill(trx, id, claim);
    });
    return this.find(ctx, id);
  }

  /** A group whose volumes are copies of another group's, as they are or as they were. */
  async createFrom(
    ctx: RequestContext,
    asked: {
      readonly name: string | null;
      readonly description: string | null;
      readonly groupSnapshotId: string | null;
      readonly sourceGroupId: string | null;
    },
  ): Promise<Group> {
    const { kit } = this;
    const db = kit.db.query;
    const snapshot = asked.groupSnapshotId === null ? null : await this.findSnapshot(ctx, asked.groupSnapshotId);
    const sourceId = snapshot?.groupId ?? asked.sourceGroupId;
    if (sourceId === null) throw badRequest('Either group_snapshot_id or source_group_id must be provided.');
    const source = await this.find(ctx, sourceId);
    const originals: (readonly [Volume, string | null])[] = [];
    if (snapshot)
      for (const part of await snapshotsOfGroupSnapshot(db, snapshot.id)) {
        if (part.status !== 'available') throw badRequest(`Snapshot ${part.id} is not available.`);
        const volume = await findVolume(db, part.volumeId);
        if (volume) originals.push([{ ...volume, sizeGb: part.sizeGb }, part.id]);
      }
    else for (const volume of await volumesOfGroup(db, source.id)) originals.push([volume, null]);
    if (originals.length === 0)
      throw badRequest(
        snapshot
          ? 'Group snapshot is empty. No group will be created.'
          : 'Source group is empty. No group will be created.',
      );
    const types = await typesByIds(
      db,
      originals.flatMap(([{ typeId }]) => typeId ?? []),
    );
    const owners: Owner[] = [];
    const made = await this.#insert(
      ctx,
      {
        name: asked.name,
        description: asked.description,
        group_type_id: source.groupTypeId,
        volume_types: JSON.stringify(source.volumeTypes),
        availability_zone: source.availabilityZone,
        group_snapshot_id: snapshot?.id ?? null,
        source_group_id: snapshot ? null : source.id,
      },
      async (trx, groupId, claim) => {
        for (const [original, snapshotId] of originals) {
          if (original.host === null) throw invalidVolume(`volume ${original.id} is in no back end.`);
          const type = original.typeId === null ? undefined : types.get(original.typeId);
          await claim(kit.quotas.ofVolume(original.sizeGb, type?.name ?? null));
          const id = kit.ids.uuid();
          const owner = backendOf(original.host);
          owners.push(owner);
          await insertVolume(trx, {
            id,
            project_id: ctx.projectId ?? '',
            user_id: ctx.userId ?? '',
            name: original.name,
            description: original.description,
            status: 'creating',
            size_gb: original.sizeGb,
            host: original.host,
            availability_zone: original.availabilityZone,
            volume_type_id: original.typeId,
            snapshot_id: snapshotId,
            source_volume_id: snapshotId === null ? original.id : null,
            image_id: null,
            image_metadata: original.imageMetadata && JSON.stringify(original.imageMetadata),
            bootable: original.bootable ? 1 : 0,
            multiattach: original.multiattach ? 1 : 0,
            readonly: 0,
            encrypted: 0,
            metadata: JSON.stringify(original.metadata),
            admin_metadata: '{}',
            group_id: groupId,
            created_at: kit.now(),
            deleted: 0,
          });
          await kit.journal.add(trx, ctx, 'volume.build', {
            input: { volumeId: id },
            projectId: ctx.projectId ?? '',
            owner,
          });
        }
      },
    );
    await kit.launch(owners, ctx);
    return made;
  }

  async update(
    ctx: RequestContext,
    id: string,
    asked: {
      readonly name: string | null | undefined;
      readonly description: string | null | undefined;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    },
  ): Promise<void> {
    const { kit } = this;
    const group = await this.find(ctx, id);
    if (group.status !== 'available')
      throw badRequest(`Invalid Group: Group status must be available, but current status is: ${group.status}.`);
    const both = asked.add.find((volumeId) => asked.remove.includes(volumeId));
    if (both !== undefined) throw badRequest(`Invalid Volume: ${both} is in both add_volumes and remove_volumes.`);
    await kit.db.transaction(async (trx) => {
      const now = kit.now();
      for (const volumeId of asked.add) {
        const volume = await this.#volumes.find(ctx, volumeId, trx, true);
        const from = volumeActions.join.from as readonly string[];
        if (volume.groupId !== null && volume.groupId !== id)
          throw invalidVolume(
            `Cannot add volume ${volumeId} to group ${id} because it is already in group ${volume.groupId}.`,
          );
        if (!group.volumeTypes.includes(volume.typeId ?? ''))
          throw invalidVolume(
            `Cannot add volume ${volumeId} to group ${id} because its volume type is not supported by the group.`,
          );
        if (!from.includes(volume.status))
          throw invalidVolume(
            `Cannot add volume ${volumeId} to group ${id} because it is in an invalid state: ${volume.status}.`,
          );
        await updateVolume(trx, volumeId, { group_id: id, updated_at: now });
      }
      for (const volumeId of asked.remove) {
        const volume = await this.#volumes.find(ctx, volumeId, trx, true);
        if (volume.groupId !== id)
          throw invalidVolume(`Cannot remove volume ${volumeId} from group ${id} because it is not in the group.`);
        await updateVolume(trx, volumeId, { group_id: null, updated_at: now });
      }
      await rows.updateGroup(trx, id, {
        ...(asked.name !== undefined && { name: asked.name }),
        ...(asked.description !== undefined && { description: asked.description }),
        updated_at: now,
      });
    });
  }

  /** With its volumes, or empty. */
  async delete(ctx: RequestContext, id: string, deleteVolumes: boolean): Promise<void> {
    const { kit } = this;
    const group = await this.find(ctx, id);
    if (!['available', 'error', 'deleting'].includes(group.status))
      throw badRequest(
        `Invalid Group: Group status must be available or error, but current status is: ${group.status}`,
      );
    const owners: Owner[] = [];
    await kit.db.transaction(async (trx) => {
      owners.length = 0;
      const members = await volumesOfGroup(trx, id);
      if (members.length > 0 && !deleteVolumes)
        throw badRequest(
          `Invalid Group: Group ${id} still contains volumes. The delete-volumes flag is required to delete it.`,
        );
      for (const member of members) {
        const locked = await this.#volumes.find(ctx, member.id, trx, true);
        const owner = await this.#volumes.deleteIn(trx, ctx, locked, { cascade: false, force: false, ofGroup: true });
        if (owner) owners.push(owner);
      }
      if (members.length === 0) await rows.deleteGroup(trx, id);
      else await rows.updateGroup(trx, id, { status: ending, updated_at: kit.now() });
    });
    await kit.launch(owners, ctx);
  }

  /** @throws ApiError 404 */
  async findSnapshot(ctx: RequestContext, id: string): Promise<GroupSnapshot> {
    const found = await rows.findGroupSnapshot(this.kit.db.query, id);
    const snapshot = found && this.kit.sees(ctx, found) ? (await this.#settledSnapshots([found]))[0] : undefined;
    if (!snapshot) throw groupSnapshotNotFound(id);
    return snapshot;
  }

  async listSnapshots(filter: ListFilter, page: PageRequest): Promise<readonly GroupSnapshot[]> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findGroupSnapshotMarker(db, page.marker, filter.projectId)) ?? undefined;
      if (!marker) throw groupSnapshotNotFound(page.marker);
    }
    if (page.limit === 0) return [];
    return this.#settledSnapshots(await rows.listGroupSnapshots(db, filter, { ...page, marker }));
  }

  async #settledSnapshots(snapshots: readonly GroupSnapshot[]): Promise<GroupSnapshot[]> {
    const db = this.kit.db.query;
    const moving = snapshots.filter(({ status }) => status in shownAs);
    const parts = await rows.partStatuses(
      db,
      moving.map(({ id }) => id),
    );
    const settled: GroupSnapshot[] = [];
    for (const one of snapshots) {
      const status = moving.includes(one) ? outcome(one.status, parts.get(one.id) ?? []) : one.status;
      if (status === 'gone') await rows.deleteGroupSnapshot(db, one.id);
      else settled.push({ ...one, status: shownAs[status] ?? status });
      if (status !== 'gone' && status !== one.status)
        await rows.updateGroupSnapshot(db, one.id, { status, updated_at: this.kit.now() });
    }
    return settled;
  }

  async createSnapshot(
    ctx: RequestContext,
    asked: { readonly groupId: string; readonly name: string | null; readonly description: string | null },
  ): Promise<GroupSnapshot> {
    const { kit } = this;
    const group = await this.find(ctx, asked.groupId);
    const id = kit.ids.uuid();
    const owners: Owner[] = [];
    await kit.quotas.transaction(group.projectId, async (trx, claim) => {
      owners.length = 0;
      const members = await volumesOfGroup(trx, group.id);
      if (members.length === 0)
        throw badRequest('Invalid Group: The source group cannot be empty when creating group_snapshot.');
      const busy = members.find(({ status }) => !(volumeActions.join.from as readonly string[]).includes(status));
      if (busy) throw invalidVolume(`Volume ${busy.id} is ${busy.status}: no snapshot can be made of the group now.`);
      await rows.insertGroupSnapshot(trx, {
        id,
        project_id: group.projectId,
        user_id: ctx.userId ?? '',
        group_id: group.id,
        group_type_id: group.groupTypeId,
        name: asked.name,
        description: asked.description,
        status: making,
        created_at: kit.now(),
        updated_at: null,
      });
      for (const member of members)
        owners.push(
          await this.#snapshots.createIn(
            trx,
            ctx,
            member,
            {
              id: kit.ids.uuid(),
              groupSnapshotId: id,
              name: asked.name,
              description: asked.description,
              metadata: {},
            },
            claim,
          ),
        );
    });
    await kit.launch(owners, ctx);
    return this.findSnapshot(ctx, id);
  }

  async deleteSnapshot(ctx: RequestContext, id: string): Promise<void> {
    const { kit } = this;
    const snapshot = await this.findSnapshot(ctx, id);
    if (!['available', 'error', 'deleting'].includes(snapshot.status))
      throw badRequest(
        'Invalid GroupSnapshot: GroupSnapshot status must be available or error, and no Group can be currently using it as source for its creation.',
      );
    const owners: Owner[] = [];
    await kit.db.transaction(async (trx) => {
      owners.length = 0;
      const parts = await snapshotsOfGroupSnapshot(trx, id);
      for (const part of parts) {
        const owner = await this.#snapshots.deleteIn(trx, ctx, part, false);
        if (owner) owners.push(owner);
      }
      if (parts.length === 0) await rows.deleteGroupSnapshot(trx, id);
      else await rows.updateGroupSnapshot(trx, id, { status: ending, updated_at: kit.now() });
    });
    await kit.launch(owners, ctx);
  }
}

/** In rows: what is being made or deleted, until its members say how that went. An operator's "creating" is kept. */
const making = 'making';
const ending = 'ending';
const shownAs: Readonly<Record<string, string>> = { [making]: 'creating', [ending]: 'deleting' };

/** What all members together have come to. */
function outcome(status: string, members: readonly string[]): string {
  if (status === ending) {
    if (members.length === 0) return 'gone';
    return members.every((one) => one === 'error_deleting') ? 'error' : ending;
  }
  if (members.some((one) => one === 'creating' || one === 'downloading')) return making;
  return members.some((one) => one === 'error') ? 'error' : 'available';
}
