import { ApiError } from '#common/api/errors.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Volume } from '#clients/volume.ts';
import type { Server } from '../servers/model.ts';
import { isMadeByUs, type BlockDevice } from '../volumes/model.ts';
import { devicesOf, removeDevice, updateDevice } from '../volumes/rows.ts';
import type { ConductorDeps } from './deps.ts';
import { releaseVolume } from './volumes.ts';

type Placed = Server & { readonly host: string };

const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** How a volume that we make is found again when a crash has lost its id. */
const MADE_FOR = 'nova_block_device';

/** The volume that was made for a device; undefined when there is none. */
async function findMade(deps: ConductorDeps, server: Server, device: BlockDevice): Promise<Volume | undefined> {
  const known = await deps.volume.list({
    all_tenants: '1',
    project_id: server.projectId,
    metadata: JSON.stringify({ [MADE_FOR]: device.id }),
  });
  return known.find((one) => one.metadata[MADE_FOR] === device.id);
}

/** A volume of a new server cannot be had. */
class VolumeNotCreated extends Error {
  override readonly name = 'VolumeNotCreated';
}

/** Makes the volumes that a new server is to have, and waits until they are ready. */
export async function makeVolumes(deps: ConductorDeps, server: Placed, signal: AbortSignal): Promise<void> {
  const made: { device: BlockDevice; volume: Volume }[] = [];
  for (const device of await devicesOf(deps.db.query, server.id)) {
    if (!isMadeByUs(device)) continue;
    if (device.volumeId !== null && device.attachmentId !== null) continue;
    const volume =
      device.volumeId === null
        ? ((await findMade(deps, server, device)) ?? (await makeVolume(deps, server, device)))
        : await deps.volume.show(device.volumeId);
    await updateDevice(deps.db.query, device.id, { volume_id: volume.id, volume_size: volume.size });
    made.push({ device, volume });
  }
  for (const { volume } of made) await untilAvailable(deps, volume.id, signal);
}

async function makeVolume(deps: ConductorDeps, server: Placed, device: BlockDevice): Promise<Volume> {
  const { snapshotId, imageId, volumeSize, volumeType } = device;
  const size = volumeSize ?? (snapshotId === null ? 1 : (await deps.volume.snapshots.show(snapshotId)).size);
  return deps.volume.create({
    size,
    name: device.sourceType === 'blank' ? `${server.id}-blank-vol` : '',
    project_id: server.projectId,
    user_id: server.userId,
    metadata: { [MADE_FOR]: device.id },
    ...(snapshotId !== null && { snapshot_id: snapshotId }),
    ...(imageId !== null && { imageRef: imageId }),
    ...(volumeType !== null && { volume_type: volumeType }),
    ...(!deps.conf.DEFAULT.cinder_cross_az_attach && {
      availability_zone: (await deps.directory.zones())(server.host),
    }),
  });
}

async function untilAvailable(deps: ConductorDeps, id: string, signal: AbortSignal): Promise<void> {
  const { block_device_allocate_retries: tries, block_device_allocate_retries_interval: seconds } = deps.conf.DEFAULT;
  const begun = deps.clock.now().getTime();
  for (let pause = 50; ; pause = Math.min(pause * 1.5, seconds * 1000)) {
    const { status } = await deps.volume.show(id);
    // Reserved: by an interrupted try, for this very server.
    if (status === 'available' || status === 'reserved') return;
    const waited = Math.round((deps.clock.now().getTime() - begun) / 1000);
    if (!['creating', 'downloading'].includes(status) || waited > tries * seconds)
      throw new VolumeNotCreated(
        `Volume ${id} did not finish being created even after we waited ${waited} seconds. And its status is ${status}.`,
      );
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}

/** A volume that is being made cannot be deleted; one that does not come to an end in this time (ms) is left to its owner. */
const GIVE_UP_AFTER = 600_000;

/** Deletes a volume. One that cannot be deleted (it has snapshots) stays its owner's. @throws while it may pass by itself */
async function deleteVolume(deps: ConductorDeps, id: string, log: Logger): Promise<void> {
  try {
    await deps.volume.delete(id);
  } catch (error) {
    if (isGone(error)) return;
    if (!(error instanceof ApiError && [400, 409].includes(error.status))) throw error;
    const volume = await deps.volume.show(id).catch((shown: unknown) => {
      if (isGone(shown)) return null;
      throw shown;
    });
    if (!volume || volume.status === 'deleting') return;
    const age = deps.clock.now().getTime() - Date.parse(`${volume.created_at.replace(/Z$/, '')}Z`);
    const passing = ['creating', 'downloading', 'attaching', 'reserved', 'detaching'].includes(volume.status);
    if (passing && !(age > GIVE_UP_AFTER)) throw error;
    log.warn(`Volume ${id} of a server that is no more was not deleted: ${error.message}`);
  }
}

/** Takes back what a boot has made: ties, volumes, and the server's notes of them. */
export async function unmakeVolumes(deps: ConductorDeps, server: Server, log: Logger): Promise<void> {
  for (const device of await devicesOf(deps.db.query, server.id)) {
    if (device.destinationType !== 'volume') continue;
    const id = device.volumeId ?? (await findMade(deps, server, device))?.id;
    if (id !== undefined) {
      await releaseVolume(deps, server.id, id);
      if (isMadeByUs(device)) await deleteVolume(deps, id, log);
    }
    await removeDevice(deps.db.query, device.id);
  }
}

/** A server is no more: its volumes are free, and those that were to end with it are deleted. */
export async function abandonVolumes(deps: ConductorDeps, server: Server, log: Logger): Promise<void> {
  for (const device of await devicesOf(deps.db.query, server.id)) {
    if (device.volumeId !== null && device.destinationType === 'volume') {
      await releaseVolume(deps, server.id, device.volumeId);
      if (device.deleteOnTermination) await deleteVolume(deps, device.volumeId, log);
    }
    await removeDevice(deps.db.query, device.id);
  }
}
