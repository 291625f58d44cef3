import { ApiError, badRequest, conflict, notFound } from '#common/api/errors.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Volume, VolumeClient } from '#clients/volume.ts';
import { outcomeOf } from '../operations/rows.ts';
import type { ServerService } from '../servers/service.ts';
import type { Server } from '../servers/model.ts';
import { chooseDeviceName, letterOf } from './device-names.ts';
import { diskBusOf, layOut } from './layout.ts';
import { isRoot, type NewBlockDevice, type VolumeDevice } from './model.ts';
import { deviceRow, devicesOf, findVolumeOf, insertDevices, updateDevice } from './rows.ts';

/** Milliseconds that a client waits to hear whether Cinder lets a volume be taken, or let go. */
const ANSWER_MS = 60_000;

export interface AttachRequest {
  readonly volumeId: string;
  /** `/dev/vdb`; null for the next that is free. */
  readonly device: string | null;
  readonly tag: string | null;
  readonly deleteOnTermination: boolean;
}

/** A volume that the caller may see. @throws ApiError 404 */
export async function volumeFor(cinder: VolumeClient, id: string): Promise<Volume> {
  return cinder.show(id).catch((error: unknown) => {
    if (error instanceof ApiError && [400, 403, 404].includes(error.status))
      throw notFound(`Volume ${id} could not be found.`);
    throw error;
  });
}

/** @throws ApiError 400 naming the status in which the volume cannot be taken */
export function checkFree(volume: Volume): void {
  const usable = volume.status === 'available' || (volume.multiattach && volume.status === 'in-use');
  if (!usable)
    throw badRequest(
      `Invalid volume: volume '${volume.id}' status must be 'available'. Currently in '${volume.status}'`,
    );
}

/** @throws ApiError 400 for a volume that several servers may have, where the client does not know of such */
export function checkMultiattach(volume: Volume, version: ApiVersion | undefined): void {
  if (volume.multiattach && version?.atLeast('2.60') === false)
    throw badRequest('Multiattach volumes are only supported starting with compute API version 2.60.');
}

/** What a device is, made of a volume that is there. */
export const deviceOfVolume = (volume: Volume, more: Partial<NewBlockDevice> = {}): NewBlockDevice => ({
  sourceType: 'volume',
  destinationType: 'volume',
  bootIndex: null,
  deviceName: null,
  diskBus: null,
  deviceType: null,
  guestFormat: null,
  volumeId: volume.id,
  imageId: null,
  snapshotId: null,
  volumeSize: volume.size,
  volumeType: null,
  deleteOnTermination: false,
  tag: null,
  shared: volume.multiattach,
  ...more,
});

/**
 * Begins to attach a volume; answers when it is reserved for the server.
 * @returns the device's name: `/dev/vdb`
 * @throws ApiError 404, 400 when the volume cannot be had, 409 for the server's state or a name that is taken
 */
export async function attachVolume(
  servers: ServerService,
  ctx: RequestContext,
  id: string,
  request: AttachRequest,
  version: ApiVersion,
  signal: AbortSignal,
): Promise<string> {
  const { conf, ids } = servers.deps;
  const server = await servers.show(ctx, id);
  if (request.device !== null && request.device !== '') letterOf(request.device);
  const volume = await volumeFor(servers.deps.volumeAs(ctx), request.volumeId);
  checkMultiattach(volume, version);
  if (await findVolumeOf(servers.db.query, server.id, volume.id))
    throw badRequest(`Invalid volume: volume ${volume.id} already attached`);
  checkFree(volume);
  if (!conf.DEFAULT.cinder_cross_az_attach) await checkZone(servers, server, volume);
  checkShelved(server, request, volume, version);
  const deviceId = ids.uuid();
  let name = '';
  const operation = await servers.begin(
    ctx,
    id,
    'attachVolume',
    'server.attach_volume',
    { deviceId },
    async (locked, trx) => {
      const devices = await devicesOf(trx, locked.id);
      if (devices.some((one) => one.volumeId === volume.id))
        throw badRequest(`Invalid volume: volume ${volume.id} already attached`);
      const used = layOut(locked, devices).map((disk) => disk.name);
      name = chooseDeviceName(request.device, used, diskBusOf(locked) === 'scsi' ? 'scsi' : 'virtio');
      const { tag, deleteOnTermination } = request;
      const device = deviceOfVolume(volume, { tag, deleteOnTermination });
      await insertDevices(trx, [
        deviceRow({ ...device, deviceName: name }, { id: deviceId, serverId: locked.id, now: servers.now() }),
      ]);
      return {};
    },
  );
  await heardOf(servers, operation, 'reserved', signal);
  return name;
}

/** A shelved server has no guest. @throws ApiError 409, 400 */
function checkShelved(server: Server, request: AttachRequest, volume: Volume, version: ApiVersion): void {
  if (server.vmState !== 'shelved' && server.vmState !== 'shelved_offloaded') return;
  if (!version.atLeast('2.20'))
    throw conflict(`Cannot 'attach_volume' instance ${server.id} while it is in vm_state ${server.vmState}`);
  if (server.vmState !== 'shelved_offloaded') return;
  if (request.tag !== null)
    throw badRequest('Tagged volume attachment is not supported for shelved-offloaded instances.');
  if (volume.multiattach)
    throw badRequest('Attaching multiattach volumes is not supported for shelved-offloaded instances.');
}

async function checkZone(servers: ServerService, server: Server, volume: Volume): Promise<void> {
  const zone = server.host === null ? server.availabilityZone : (await servers.deps.directory.zones())(server.host);
  if (zone !== null && zone !== volume.availability_zone)
    throw badRequest(
      `Invalid volume: Instance ${server.id} and volume ${volume.id} are not in the same availability_zone. Instance is in ${zone}. Volume is in ${volume.availability_zone}`,
    );
}

/** Waits until an operation has come as far as `mark`. Should that take long, it goes on by itself. @throws ApiError with its failure */
async function heardOf(servers: ServerService, operation: string, mark: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + ANSWER_MS;
  for (let pause = 5; Date.now() < deadline; pause = Math.min(pause * 1.5, 250)) {
    const outcome = await outcomeOf(servers.db.query, operation);
    if (outcome?.status === 'succeeded' || outcome?.state[mark] !== undefined) return;
    if (outcome?.failure) throw new ApiError(outcome.failure.code, outcome.failure.message);
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}

/** A server's volume. @throws ApiError 404 */
export async function attachedVolume(
  servers: ServerService,
  server: Server,
  volumeId: string,
  message = `Instance ${server.id} is not attached to volume ${volumeId}`,
): Promise<VolumeDevice> {
  const device = await findVolumeOf(servers.db.query, server.id, volumeId);
  if (!device) throw notFound(message);
  return device;
}

/** Begins to detach a volume. @throws ApiError 404, 400 for the root disk and for a volume that is not in use, 409 */
export async function detachVolume(
  servers: ServerService,
  ctx: RequestContext,
  id: string,
  volumeId: string,
  call: { readonly version: ApiVersion; readonly api: string; readonly signal: AbortSignal },
): Promise<void> {
  const server = await servers.show(ctx, id);
  const offloaded = server.vmState === 'shelved' || server.vmState === 'shelved_offloaded';
  if (offloaded && !call.version.atLeast('2.20'))
    throw conflict(`Cannot 'detach_volume' instance ${server.id} while it is in vm_state ${server.vmState}`);
  const volume = await volumeFor(servers.deps.volumeAs(ctx), volumeId);
  const device = await attachedVolume(servers, server, volume.id);
  if (isRoot(device)) throw new ApiError(call.api === 'v2' ? 403 : 400, 'Cannot detach a root device volume');
  // Reserved for a server that is nowhere: nothing is to be taken out of a guest.
  if (!['in-use', 'reserved', 'attaching'].includes(volume.status))
    throw badRequest(
      `Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.`,
    );
  const operation = await servers.begin(ctx, id, 'detachVolume', 'server.detach_volume', { deviceId: device.id });
  await heardOf(servers, operation, 'begun', call.signal);
}

/** Begins to put another volume in the place of one. @throws ApiError 404, 400, 409 */
export async function swapVolume(
  servers: ServerService,
  ctx: RequestContext,
  id: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const server = await servers.show(ctx, id);
  const cinder = servers.deps.volumeAs(ctx);
  const [old, fresh] = [await volumeFor(cinder, from), await volumeFor(cinder, to)];
  const device = await attachedVolume(
    servers,
    server,
    old.id,
    'The volume was either invalid or not attached to the instance.',
  );
  if (old.multiattach || fresh.multiattach)
    throw badRequest('Swapping multi-attach volumes with more than one read/write attachment is not supported.');
  if (fresh.size < old.size) throw badRequest('Invalid volume: New volume must be the same size or larger.');
  if (fresh.id === old.id || fresh.status !== 'available')
    throw badRequest(`Invalid volume: volume '${fresh.id}' status must be 'available'. Currently in '${fresh.status}'`);
  const operation = await servers.begin(ctx, id, 'swapVolume', 'server.swap_volume', {
    deviceId: device.id,
    newVolumeId: fresh.id,
  });
  await heardOf(servers, operation, 'attachmentId', signal);
}

/** What may be changed of an attachment while it is: whether the volume is deleted with the server. */
export async function updateAttachment(
  servers: ServerService,
  device: VolumeDevice,
  deleteOnTermination: boolean,
): Promise<void> {
  await updateDevice(servers.db.query, device.id, { delete_on_termination: deleteOnTermination ? 1 : 0 });
}
