import { ApiError } from '#common/api/errors.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Connector } from '#clients/volume.ts';
import type { VolumeDisk } from '../rpc.ts';
import type { Server } from '../servers/model.ts';
import type { VolumeConnection } from '../virt/driver.ts';
import { connectionOf } from '../volumes/connection.ts';
import { withoutFolder } from '../volumes/device-names.ts';
import { diskBusOf, type GuestVolumes } from '../volumes/layout.ts';
import { volumesOf, type VolumeDevice } from '../volumes/model.ts';
import { devicesOf, updateDevice } from '../volumes/rows.ts';
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

/** Ties a new server to its volumes: they are reserved for it. */
export async function reserveVolumes(deps: ConductorDeps, server: Pick<Server, 'id'>): Promise<void> {
  for (const device of volumesOf(await devicesOf(deps.db.query, server.id))) await ensureAttachment(deps, device);
}
