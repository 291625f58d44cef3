import { ApiError } from '#common/api/errors.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Connector, Volume } from '#clients/volume.ts';
import type { VolumeDisk } from '../rpc.ts';
import type { Server } from '../servers/model.ts';
import type { VolumeConnection } from '../virt/driver.ts';
import { connectionOf } from '../volumes/connection.ts';
import { withoutFolder } from '../volumes/device-names.ts';
import { diskBusOf, type GuestVolumes } from '../volumes/layout.ts';
import { isMadeByUs, volumesOf, type BlockDevice, type VolumeDevice } from '../volumes/model.ts';
import { devicesOf, removeDevice, updateDevice } from '../volumes/rows.ts';
import type { ConductorDeps } from './deps.ts';

type Placed = Server & { readonly host: string };

const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/**
 * The server's own tie to a volume at Cinder: the one that is noted, one that an interrupted try has made, or a new one. One
 * that is not to be kept is replaced by a new one, so that the volume stays reserved meanwhile. No other ties of this server
 * to this volume are left.
 */
export async function ensureAttachment(deps: ConductorDeps, device: VolumeDevice, keep = true): Promise<string> {
  const { attachments } = deps.volume;
  const tie = { volume_id: device.volumeId, instance_id: device.serverId };
  const present = (await attachments.list(tie)).filter((one) => one.status !== 'detached');
  let mine = !keep
    ? undefined
    : (present.find((one) => one.id === device.attachmentId) ??
      (device.attachmentId === null ? present[0] : undefined));
  const wanted = { volumeId: device.volumeId, serverId: device.serverId };
  mine ??= await attachments.create(wanted).catch(async (error: unknown) => {
    if (present.length === 0 || !(error instanceof ApiError && error.status === 400)) throw error;
    // A Cinder that ties a volume to a server but once: the old tie goes first.
    for (const one of present) await attachments.delete(one.id);
    return attachments.create(wanted);
  });
  if (mine.id !== device.attachmentId)
    await updateDevice(deps.db.query, device.id, { attachment_id: mine.id, connected_host: null });
  for (const one of present) if (one.id !== mine.id) await attachments.delete(one.id);
  return mine.id;
}

/** Exports a volume to a host. @returns how a guest there reaches it; it may hold a password */
export async function connectVolume(
  deps: ConductorDeps,
  device: VolumeDevice,
  host: string,
  connector: Connector,
): Promise<VolumeConnection> {
  const id = await ensureAttachment(deps, device, device.connectedHost === null || device.connectedHost === host);
  // Noted before: should the answer be lost, the tie counts as connected.
  await updateDevice(deps.db.query, device.id, { connected_host: host });
  const { connection_info: info } = await deps.volume.attachments.connect(id, {
    ...connector,
    mountpoint: device.deviceName,
  });
  return connectionOf(info);
}

/**
 * Makes all volumes of a server reachable from a host, whatever they were connected to before, and says how. Nothing of it is
 * to be journalled: it holds passwords, and asking again gives it again.
 * @throws ApiError with Cinder's words, ComputeDown
 */
export async function connectVolumes(
  deps: ConductorDeps,
  server: Pick<Server, 'id'>,
  host: string,
  signal: AbortSignal,
): Promise<GuestVolumes> {
  const devices = await devicesOf(deps.db.query, server.id);
  const volumes = volumesOf(devices);
  const connections = new Map<string, VolumeConnection>();
  if (volumes.length > 0) {
    const { connector } = await deps.compute.call(host, 'volumeConnector', {}, { signal });
    for (const device of volumes) connections.set(device.volumeId, await connectVolume(deps, device, host, connector));
  }
  return { devices, connections };
}

/** The guest has its volumes: at Cinder they are in use. */
export async function completeVolumes(deps: ConductorDeps, server: Pick<Server, 'id'>): Promise<void> {
  for (const { attachmentId } of volumesOf(await devicesOf(deps.db.query, server.id)))
    if (attachmentId !== null) await deps.volume.attachments.complete(attachmentId);
}

/** No guest has the volumes any more, and the server keeps them: they are reserved (shelved, moved away). */
export async function disconnectVolumes(deps: ConductorDeps, server: Pick<Server, 'id'>): Promise<void> {
  for (const device of volumesOf(await devicesOf(deps.db.query, server.id)))
    if (device.connectedHost !== null) await ensureAttachment(deps, device, false);
}

/** A volume as a compute host is told of it. */
export const volumeDisk = (server: Server, device: VolumeDevice, connection: VolumeConnection): VolumeDisk => {
  const bus = device.diskBus ?? diskBusOf(server);
  return {
    kind: 'volume',
    device: withoutFolder(device.deviceName),
    // IDE cannot be plugged while a guest runs; the root disk is where it always was.
    bus: bus === 'ide' && device.bootIndex !== 0 ? 'virtio' : bus,
    volumeId: device.volumeId,
    connection,
    ...(device.shared && { shared: true }),
  };
};

/**
 * Before a guest is started again: its host is told which volumes it has and how they are reached now. When Cinder or the host
 * does not answer the guest is started with what its host knows.
 */
export async function refreshVolumes(
  deps: ConductorDeps,
  server: Placed,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  try {
    const { devices, connections } = await connectVolumes(deps, server, server.host, signal);
    const disks = volumesOf(devices).flatMap((device) => {
      const connection = connections.get(device.volumeId);
      return connection ? [volumeDisk(server, device, connection)] : [];
    });
    await deps.compute.call(server.host, 'keepVolumes', { id: server.id, disks }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`The volumes of server ${server.id} are used as its host knows them: they could not be looked at`, error);
  }
}

/** Ends every tie of a server to a volume, whether it is noted or not. */
export async function releaseVolume(deps: ConductorDeps, serverId: string, volumeId: string): Promise<void> {
  const { attachments } = deps.volume;
  const ties = await attachments.list({ volume_id: volumeId, instance_id: serverId }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  for (const one of ties) await attachments.delete(one.id);
}

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

/** Ties a new server to its volumes: they are reserved for it. */
export async function reserveVolumes(deps: ConductorDeps, server: Pick<Server, 'id'>): Promise<void> {
  for (const device of volumesOf(await devicesOf(deps.db.query, server.id))) await ensureAttachment(deps, device);
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
