import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { attachmentsOfVolume, insertAttachment } from '../attachments/rows.ts';
import { invalidInput, invalidSnapshot, invalidVolume, snapshotNotFound } from '../api/errors.ts';
import { backendOf } from '../operations/journal.ts';
import { findSnapshot, snapshotsOfVolume, updateSnapshot } from '../snapshots/rows.ts';
import { requestedType } from '../types/choose.ts';
import { findType } from '../types/rows.ts';
import { forget } from './attaching.ts';
import { updateVolume } from './rows.ts';
import type { VolumeService } from './service.ts';
import { snapshotActions, volumeActions, type VolumeAction, type VolumeStatus } from './states.ts';
import type { Volume } from './model.ts';

/** Actions that take longer than a request: the row says what is going on, the journal who does it. */

const allowedIn = (action: VolumeAction, status: VolumeStatus): boolean =>
  (volumeActions[action].from as readonly VolumeStatus[]).includes(status);

function hostOf(volume: Volume): string {
  if (volume.host === null) throw invalidVolume(`volume ${volume.id} is in no back end.`);
  return volume.host;
}

/** @param inUse whether the version lets attached volumes grow (3.42) */
export async function extend(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  newSizeGb: number,
  inUse: boolean,
): Promise<void> {
  const { kit } = volumes;
  const before = await volumes.find(ctx, id);
  if (newSizeGb <= before.sizeGb)
    throw invalidInput(
      `New size for extend must be greater than current size. (current: ${before.sizeGb}, extended: ${newSizeGb}).`,
    );
  await kit.quotas.checkSize(before.projectId, newSizeGb);
  if (before.status === 'in-use' && inUse) kit.authorize(ctx, 'volume:extend_attached_volume');
  const type = before.typeId === null ? null : await findType(kit.db.query, before.typeId);
  const owner = backendOf(hostOf(before));
  const action = inUse ? 'extendInUse' : 'extend';
  await kit.quotas.transaction(before.projectId, async (trx, claim) => {
    const volume = await volumes.find(ctx, id, trx, true);
    if (!allowedIn(action, volume.status))
      throw invalidVolume(
        `Volume ${id} status must be '${volumeActions[action].from.join("' or '")}' to extend, currently ${volume.status}.`,
      );
    const growth = newSizeGb - volume.sizeGb;
    await claim({ gigabytes: growth, ...(type && { [`gigabytes_${type.name}`]: growth }) });
    await updateVolume(trx, id, {
      status: volumeActions[action].becomes,
      previous_status: volume.status,
      updated_at: kit.now(),
    });
    await kit.journal.add(trx, ctx, 'volume.extend', {
      input: { volumeId: id, newSizeGb, oldStatus: volume.status },
      projectId: volume.projectId,
      owner,
    });
  });
  await kit.launch(owner, ctx);
}

export interface UploadRequest {
  readonly imageName: string;
  readonly containerFormat: string;
  readonly diskFormat: string;
  readonly force: boolean;
  readonly visibility: string;
  readonly protected: boolean;
}

/** Makes the image as the caller, and journals the copying. @returns the image's id and the volume as it was */
export async function upload(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  request: UploadRequest,
): Promise<{ readonly imageId: string; readonly volume: Volume }> {
  const { kit } = volumes;
  const before = await volumes.find(ctx, id);
  const forced = request.force && kit.conf.DEFAULT.enable_force_upload;
  const action = forced ? 'uploadForced' : 'upload';
  const refuse = ({ status }: Volume): never => {
    throw invalidVolume(
      request.force && !forced && status === 'in-use'
        ? 'Force upload to image is disabled, Force option will be ignored. The volume must be available.'
        : `Volume ${id} status must be ${volumeActions[action].from.join(' or ')}, but current status is: ${status}.`,
    );
  };
  if (!allowedIn(action, before.status)) refuse(before);
  if (request.visibility === 'public') kit.authorize(ctx, 'volume_extension:volume_actions:upload_public');
  const owner = backendOf(hostOf(before));
  const images = kit.imageAs(ctx);
  const image = await images.create({
    name: request.imageName,
    container_format: request.containerFormat,
    disk_format: request.diskFormat,
    visibility: request.visibility,
    protected: request.protected,
    min_disk: before.sizeGb,
    ...propertiesFor(before),
  });
  try {
    await kit.db.transaction(async (trx) => {
      const volume = await volumes.find(ctx, id, trx, true);
      if (!allowedIn(action, volume.status)) refuse(volume);
      await updateVolume(trx, id, {
        status: volumeActions[action].becomes,
        previous_status: volume.status,
        updated_at: kit.now(),
      });
      await kit.journal.add(trx, ctx, 'volume.upload', {
        input: { volumeId: id, imageId: image.id, oldStatus: volume.status },
        projectId: volume.projectId,
        owner,
      });
    });
  } catch (error) {
    await images.delete(image.id).catch(() => undefined);
    throw error;
  }
  await kit.launch(owner, ctx);
  return { imageId: image.id, volume: before };
}

const glanceOwn = new Set([
  ...['image_id', 'image_name', 'checksum', 'container_format', 'disk_format', 'min_disk', 'min_ram', 'size'],
]);
/** What the volume's own image was told goes on to the new one. */
const propertiesFor = ({ imageMetadata }: Volume): Record<string, string> =>
  Object.fromEntries(
    Object.entries(imageMetadata ?? {}).filter(
      ([name]) => !glanceOwn.has(name) && !name.startsWith('signature') && !name.startsWith('cinder_'),
    ),
  );

export async function retype(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  { newType, migration }: { readonly newType: string; readonly migration: 'never' | 'on-demand' },
): Promise<void> {
  const { kit } = volumes;
  const before = await volumes.find(ctx, id);
  const type = await requestedType(kit.db.query, ctx, newType).catch((error: unknown) => {
    throw error instanceof ApiError && error.status === 404 ? invalidInput(`Volume_type ${newType} not found`) : error;
  });
  if (type.id === before.typeId) throw invalidInput(`New volume_type same as original: ${type.id}.`);
  if (type.encryption)
    throw invalidInput(
      `Volume type ${type.name} asks for encryption, and this cloud has no key manager. Choose a type without.`,
    );
  const owner = backendOf(hostOf(before));
  await kit.quotas.transaction(before.projectId, async (trx, claim) => {
    const volume = await volumes.find(ctx, id, trx, true);
    if (!allowedIn('retype', volume.status) || volume.migrationStatus === 'migrating' || volume.groupId !== null)
      throw invalidVolume(
        `Volume ${id} status must be available or in-use, must not be migrating, have snapshots, be replicated, be part of a group and destination host/cluster must be different than the current one`,
      );
    await claim({ [`volumes_${type.name}`]: 1, [`gigabytes_${type.name}`]: volume.sizeGb });
    await updateVolume(trx, id, {
      status: volumeActions.retype.becomes,
      previous_status: volume.status,
      updated_at: kit.now(),
    });
    await kit.journal.add(trx, ctx, 'volume.retype', {
      input: { volumeId: id, newTypeId: type.id, migration },
      projectId: volume.projectId,
      owner,
    });
  });
  await kit.launch(owner, ctx);
}

export async function migrate(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  { host, lock }: { readonly host: string; readonly lock: boolean },
): Promise<void> {
  const { kit } = volumes;
  const target = await kit.directory.backend(host);
  if (!target || target.disabled || !kit.directory.isUp(target))
    throw badRequest(`Invalid host: No available service named ${host}`);
  const owner = await kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, id, trx, true);
    const at = backendOf(hostOf(volume));
    if (at.host === target.host) throw invalidVolume('Destination host must be different than the current host.');
    const snapshots = await snapshotsOfVolume(trx, id);
    const idle = [null, 'none', 'error', 'success', 'deleting'].includes(volume.migrationStatus);
    if (!allowedIn('migrate', volume.status) || !idle || volume.groupId !== null || snapshots.length > 0)
      throw invalidVolume(
        `Volume ${id} status must be available or in-use, must not be migrating, have snapshots, be replicated, be part of a group and destination host/cluster must be different than the current one`,
      );
    await updateVolume(trx, id, {
      migration_status: 'starting',
      previous_status: volume.status,
      ...(lock && volume.status === 'available' && { status: volumeActions.migrateLocked.becomes }),
      updated_at: kit.now(),
    });
    await kit.journal.add(trx, ctx, 'volume.migrate', {
      input: { volumeId: id, host: target.host },
      projectId: volume.projectId,
      owner: at,
    });
    return at;
  });
  await kit.launch(owner, ctx);
}

/**
 * `os-migrate_volume_completion` of Nova's swap: the servers of the old volume have the new one.
 * @returns the id of the volume that stays
 */
export async function completeSwap(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  { newVolumeId, failed }: { readonly newVolumeId: string; readonly failed: boolean },
): Promise<string> {
  const { kit } = volumes;
  const old = await volumes.find(ctx, id);
  const fresh = await volumes.find(ctx, newVolumeId);
  if (old.migrationStatus !== null || fresh.migrationStatus !== null)
    throw badRequest(`Volume ${id} is being migrated by Cinder itself: nobody else completes that.`);
  const attachments = await attachmentsOfVolume(kit.db.query, id);
  if (failed) {
    await kit.db.transaction(async (trx) => {
      await updateVolume(trx, newVolumeId, { status: 'available', updated_at: kit.now() }, { status: ['attaching'] });
      await updateVolume(trx, id, { status: 'in-use', updated_at: kit.now() }, { status: ['detaching'] });
    });
    return id;
  }
  for (const attachment of attachments) {
    await forget(volumes, ctx, id, attachment.id);
    await kit.db.transaction(async (trx) => {
      const now = kit.now();
      await insertAttachment(trx, {
        id: kit.ids.uuid(),
        volume_id: newVolumeId,
        project_id: fresh.projectId,
        server_id: attachment.serverId,
        attached_host: attachment.attachedHost,
        mountpoint: attachment.mountpoint,
        attach_status: 'attached',
        mode: attachment.mode,
        connector: null,
        connection_info: null,
        attached_at: now,
        created_at: now,
      });
      await updateVolume(trx, newVolumeId, { status: 'in-use', updated_at: now });
    });
  }
  return newVolumeId;
}

export async function revert(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  snapshotId: string,
): Promise<void> {
  const { kit } = volumes;
  const owner = await kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, id, trx, true);
    const at = backendOf(hostOf(volume));
    const snapshots = await snapshotsOfVolume(trx, id);
    const snapshot = await findSnapshot(trx, snapshotId);
    if (!snapshot || !kit.sees(ctx, snapshot)) throw snapshotNotFound(snapshotId);
    const newest = snapshots.at(-1);
    if (!newest) throw invalidInput(`Volume ${id} has no snapshots.`);
    if (newest.id !== snapshotId)
      throw invalidInput(`Specified snapshot ${snapshotId} is None or not the latest one of volume ${id}.`);
    if (volume.sizeGb !== snapshot.sizeGb)
      throw invalidInput(
        `Can't revert volume ${id} to its latest snapshot ${snapshotId}. The volume size must be equal to the snapshot size.`,
      );
    if (!allowedIn('revert', volume.status) || (await attachmentsOfVolume(trx, id)).length > 0)
      throw invalidVolume(
        `Can't revert volume ${id} to its latest snapshot ${snapshotId}. Volume's status must be available and it must not be attached.`,
      );
    if (!(snapshotActions.revert.from as readonly string[]).includes(snapshot.status))
      throw invalidSnapshot(`Snapshot ${snapshotId} must be available to revert to it, but is ${snapshot.status}.`);
    const now = kit.now();
    await updateVolume(trx, id, {
      status: volumeActions.revert.becomes,
      previous_status: volume.status,
      updated_at: now,
    });
    await updateSnapshot(trx, snapshotId, { status: snapshotActions.revert.becomes, updated_at: now });
    await kit.journal.add(trx, ctx, 'volume.revert', {
      input: { volumeId: id, snapshotId },
      projectId: volume.projectId,
      owner: at,
    });
    return at;
  });
  await kit.launch(owner, ctx);
}

export async function unmanage(volumes: VolumeService, ctx: RequestContext, id: string): Promise<void> {
  const { kit } = volumes;
  const owner = await kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, id, trx, true);
    const at = backendOf(hostOf(volume));
    const blocked =
      !allowedIn('unmanage', volume.status) ||
      (await snapshotsOfVolume(trx, id)).length > 0 ||
      (await attachmentsOfVolume(trx, id)).length > 0;
    if (blocked)
      throw invalidVolume(
        'Volume status must be available or error and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.',
      );
    await updateVolume(trx, id, {
      status: volumeActions.unmanage.becomes,
      previous_status: volume.status,
      updated_at: kit.now(),
    });
    await kit.journal.add(trx, ctx, 'volume.unmanage', {
      input: { volumeId: id },
      projectId: volume.projectId,
      owner: at,
    });
    return at;
  });
  await kit.launch(owner, ctx);
}

/** `os-reimage` (3.68): the image's bytes take the place of the volume's. */
export async function reimage(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  { imageId, reserved }: { readonly imageId: string; readonly reserved: boolean },
): Promise<never> {
  const volume = await volumes.find(ctx, id);
  const action = reserved ? 'reimageReserved' : 'reimage';
  if (!allowedIn(action, volume.status))
    throw invalidVolume(
      `status must be ${volumeActions[action].from.join(' or ')} to re-image, but current status is: ${volume.status}.`,
    );
  await volumes.kit
    .imageAs(ctx)
    .show(imageId)
    .catch((error: unknown) => {
      throw error instanceof ApiError && error.status === 404
        ? notFound(`Image ${imageId} could not be found.`)
        : error;
    });
  throw badRequest(
    `The back end of volume ${id} cannot write an image over a volume. Make a new volume of image ${imageId} instead.`,
  );
}
