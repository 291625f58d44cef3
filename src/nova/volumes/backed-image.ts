import type { RequestContext } from '#common/auth/context.ts';
import type { Image } from '#clients/image.ts';
import type { VolumeSnapshot } from '#clients/volume.ts';
import type { Server } from '../servers/model.ts';
import type { ServerService } from '../servers/service.ts';
import { notInherited } from '../servers/snapshot-image.ts';
import { rootVolume, type BlockDevice } from './model.ts';
import { devicesOf } from './rows.ts';

/** The disks of a server that boots from a volume; null for one that boots from an image. */
export async function volumeBackedDisks(
  servers: ServerService,
  server: Server,
): Promise<readonly BlockDevice[] | null> {
  const devices = await devicesOf(servers.db.query, server.id);
  return rootVolume(devices) ? devices : null;
}

/** A disk as an image describes it, so that a server that is made of the image has one like it. */
const describe = (device: BlockDevice, snapshot: VolumeSnapshot | null) => ({
  source_type: snapshot ? 'snapshot' : device.sourceType,
  destination_type: device.destinationType,
  boot_index: device.bootIndex,
  device_name: device.deviceName,
  disk_bus: device.diskBus,
  device_type: device.deviceType,
  guest_format: device.guestFormat,
  delete_on_termination: device.deleteOnTermination,
  volume_size: snapshot?.size ?? device.volumeSize,
  ...(device.tag !== null && { tag: device.tag }),
  ...(device.volumeType !== null && { volume_type: device.volumeType }),
  ...(snapshot && { snapshot_id: snapshot.id }),
});

/**
 * Saves a server that boots from a volume: a snapshot of each of its volumes, and an image without data that names them. All of
 * it is done as the user, whose snapshots and image they are; what was made is removed when something fails.
 * @param devices what `volumeBackedDisks` has given
 * @returns the image, active
 * @throws ApiError with Cinder's or Glance's words
 */
export async function createVolumeBackedImage(
  servers: ServerService,
  ctx: RequestContext,
  server: Server,
  devices: readonly BlockDevice[],
  wanted: { readonly name: string; readonly properties: Readonly<Record<string, string>> },
): Promise<Image> {
  const [cinder, glance] = [servers.deps.volumeAs(ctx), servers.deps.imageAs(ctx)];
  const snapshots: VolumeSnapshot[] = [];
  let image: Image | undefined;
  try {
    const mapping = [];
    for (const device of devices) {
      if (device.volumeId === null) {
        mapping.push(describe(device, null));
        continue;
      }
      const snapshot = await cinder.snapshots.create({
        volume_id: device.volumeId,
        name: `snapshot for ${wanted.name}`,
        force: true,
      });
      snapshots.push(snapshot);
      mapping.push(describe(device, snapshot));
    }
    const known = server.image?.properties ?? {};
    const inherited = Object.fromEntries(Object.entries(known).filter(([key]) => !notInherited.test(key)));
    image = await glance.create({
      ...inherited,
      ...wanted.properties,
      id: servers.deps.ids.uuid(),
      name: wanted.name,
      visibility: 'private',
      container_format: 'bare',
      disk_format: 'raw',
      min_ram: Number(known['min_ram'] ?? 0),
      min_disk: rootVolume(devices)?.volumeSize ?? 0,
      bdm_v2: 'True',
      root_device_name: server.rootDeviceName ?? '/dev/vda',
      block_device_mapping: JSON.stringify(mapping),
    });
    // Without data an image is never active: it gets none, on purpose.
    await glance.upload(image.id, '');
    return await glance.show(image.id);
  } catch (error) {
    if (image) await glance.delete(image.id).catch(() => undefined);
    for (const { id } of snapshots) await cinder.snapshots.delete(id).catch(() => undefined);
    throw error;
  }
}
