import { join } from 'node:path';
import { diskFile } from '../disks/guest-disks.ts';
import type { GuestDisk } from '../driver.ts';
import { initiatorName } from '../initiator.ts';

type Json = Readonly<Record<string, unknown>>;
type Volume = GuestDisk & { kind: 'volume' };

/** A disk in QEMU's terms, the same for the command line and for hot-plug. */
export interface BlockDevice {
  /** A secret that the node needs: its id and the file that holds it. */
  readonly secret?: { readonly id: string; readonly file: string; readonly value: string };
  /** `blockdev-add` */
  readonly node: Json & { readonly 'node-name': string };
  /** `device_add` */
  readonly device: Json & { readonly id: string; readonly driver: string };
}

/** A node's name has at most 31 characters. */
const shortId = (volumeId: string): string => volumeId.replaceAll('-', '').slice(0, 24);
export const volumeDeviceId = (volumeId: string): string => `vol-${shortId(volumeId)}`;

export const volumeNodeName = (volumeId: string): string => `node-${shortId(volumeId)}`;
/** The device that a volume is behind. */
export const pluggedAs = (disk: Volume): string => volumeDeviceId(disk.plugId ?? disk.volumeId);

const localFile = (filename: string): Json => ({
  driver: filename.startsWith('/dev/') ? 'host_device' : 'file',
  filename,
  discard: 'unmap',
});

/** @param index position in boot order, from 1 */
export function blockDevice(disk: GuestDisk, folder: string, host: string, index: number): BlockDevice {
  if (disk.kind === 'volume') {
    const volume = volumeDevice(disk, folder, host);
    return { ...volume, device: { ...volume.device, ...frontEnd(disk.bus, disk.device), bootindex: index } };
  }
  const id = `disk-${disk.device}`;
  return {
    node: {
      driver: 'qcow2',
      'node-name': `node-${disk.device}`,
      discard: 'unmap',
      file: localFile(join(folder, diskFile(disk)!)),
    },
    device: { ...frontEnd(disk.bus, disk.device), id, drive: `node-${disk.device}`, bootindex: index },
  };
}

/**
 * A volume as it is plugged into a running guest: never IDE, which cannot be hot-plugged.
 * @throws Error for a share that nobody has mounted
 */
export function volumeDevice(disk: Volume, folder: string, host: string): BlockDevice {
  const id = pluggedAs(disk);
  const { connection } = disk;
  const readOnly = connection.readOnly === true && { 'read-only': true };
  const node = { 'node-name': volumeNodeName(disk.volumeId), discard: 'unmap', ...readOnly };
  const device = {
    ...frontEnd(disk.bus === 'ide' ? 'virtio' : disk.bus, disk.device),
    id,
    drive: node['node-name'],
    serial: disk.volumeId.slice(0, 20), // virtio has no more room
    ...(disk.shared && { 'share-rw': true }),
  };
  if (connection.type === 'file')
    return {
      node: { driver: connection.format, ...node, file: { ...localFile(connection.path), ...readOnly } },
      device,
    };
  if (connection.type === 'nfs') throw new Error(`The share ${connection.export} is not mounted.`);
  if (connection.type === 'rbd') {
    const server = connection.monitors.map((monitor) => {
      const [address = '', port = '6789'] = monitor.split(':');
      return { host: address, port };
    });
    const user = connection.user ? { user: connection.user } : {};
    const file = { driver: 'rbd', pool: connection.pool, image: connection.image, server, ...user, ...readOnly };
    return { node: { driver: 'raw', ...node, file }, device };
  }
  const secret =
    connection.password === null
      ? undefined
      : {
          id: `secret-${shortId(disk.volumeId)}`,
          file: join(folder, `${volumeDeviceId(disk.volumeId)}.secret`),
          value: connection.password,
        };
  const file = {
    driver: 'iscsi',
    transport: 'tcp',
    portal: connection.portal,
    target: connection.iqn,
    lun: connection.lun,
    'initiator-name': initiatorName(host),
    ...(connection.username !== null && { user: connection.username }),
    ...(secret && { 'password-secret': secret.id }),
    ...readOnly,
  };
  return { ...(secret && { secret }), node: { driver: 'raw', ...node, file }, device };
}

/** The config drive: a CD, or a disk when it is vfat. */
export function configDriveDevice(folder: string, name: string, format: 'iso9660' | 'vfat'): BlockDevice {
  const node = {
    driver: 'raw',
    'node-name': 'node-config',
    'read-only': true,
    file: { driver: 'file', filename: join(folder, name) },
  };
  const id = 'disk-config';
  return format === 'iso9660'
    ? { node, device: { driver: 'ide-cd', bus: 'ide.1', unit: 1, id, drive: 'node-config' } }
    : { node, device: { driver: 'virtio-blk-pci', id, drive: 'node-config' } };
}

/** The controller's place follows from the device's letter: hda … hdd are the four places of IDE. */
function frontEnd(bus: GuestDisk['bus'], device: string): Json & { readonly driver: string } {
  if (bus === 'virtio') return { driver: 'virtio-blk-pci' };
  const place = Math.max(0, (device.codePointAt(2) ?? 97) - 97);
  if (bus === 'scsi') return { driver: 'scsi-hd', bus: 'scsi0.0', 'scsi-id': place };
  return { driver: 'ide-hd', bus: `ide.${Math.floor(place / 2) % 2}`, unit: place % 2 };
}
