import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { BlockDeviceTable, NovaTables } from '../tables.ts';
import type { BlockDevice, DiskBus, NewBlockDevice, SourceType, VolumeDevice } from './model.ts';

type Db = Queryable<NovaTables>;

const deviceOf = (row: Selectable<BlockDeviceTable>): BlockDevice => ({
  id: row.id,
  serverId: row.server_id,
  sourceType: row.source_type as SourceType,
  destinationType: row.destination_type as 'local' | 'volume',
  bootIndex: row.boot_index,
  deviceName: row.device_name,
  diskBus: row.disk_bus as DiskBus | null,
  deviceType: row.device_type,
  guestFormat: row.guest_format,
  volumeId: row.volume_id,
  imageId: row.image_id,
  snapshotId: row.snapshot_id,
  volumeSize: row.volume_size,
  volumeType: row.volume_type,
  deleteOnTermination: row.delete_on_termination === 1,
  tag: row.tag,
  shared: row.shared === 1,
  attachmentId: row.attachment_id,
  connectedHost: row.connected_host,
});

/** What is to be kept of a new disk. */
export const deviceRow = (
  device: NewBlockDevice & { readonly deviceName: string },
  made: { readonly id: string; readonly serverId: string; readonly now: string },
): Insertable<BlockDeviceTable> => ({
  id: made.id,
  server_id: made.serverId,
  source_type: device.sourceType,
  destination_type: device.destinationType,
  boot_index: device.bootIndex,
  device_name: device.deviceName,
  disk_bus: device.diskBus,
  device_type: device.deviceType,
  guest_format: device.guestFormat,
  volume_id: device.volumeId,
  image_id: device.imageId,
  snapshot_id: device.snapshotId,
  volume_size: device.volumeSize,
  volume_type: device.volumeType,
  delete_on_termination: device.deleteOnTermination ? 1 : 0,
  tag: device.tag,
  shared: device.shared ? 1 : 0,
  attachment_id: null,
  connected_host: null,
  created_at: made.now,
});

export async function insertDevices(db: Db, rows: readonly Insertable<BlockDeviceTable>[]): Promise<void> {
  // 21 columns a row, and SQLite takes 32 766 values at once.
  for (let at = 0; at < rows.length; at += 500)
    await db
      .insertInto('block_devices')
      .values(rows.slice(at, at + 500))
      .execute();
}

/** A server's disks that have rows, in the order in which they came. */
export async function devicesOf(db: Db, serverId: string): Promise<BlockDevice[]> {
  const rows = await db
    .selectFrom('block_devices')
    .selectAll()
    .where('server_id', '=', serverId)
    .orderBy('num')
    .execute();
  return rows.map(deviceOf);
}

/** Null when the volume is not the server's. */
export async function findVolumeOf(db: Db, serverId: string, volumeId: string): Promise<VolumeDevice | null> {
  const row = await db
    .selectFrom('block_devices')
    .selectAll()
    .where('server_id', '=', serverId)
    .where('volume_id', '=', volumeId)
    .executeTakeFirst();
  return row ? (deviceOf(row) as VolumeDevice) : null;
}

/** A server's volume by the id of its row; null when it is no more. */
export async function findVolume(db: Db, id: string): Promise<VolumeDevice | null> {
  const row = await db
    .selectFrom('block_devices')
    .selectAll()
    .where('id', '=', id)
    .where('volume_id', 'is not', null)
    .executeTakeFirst();
  return row ? (deviceOf(row) as VolumeDevice) : null;
}

/** The servers that have a volume, with how they have it. */
export async function devicesOfVolume(db: Db, volumeId: string): Promise<VolumeDevice[]> {
  const rows = await db.selectFrom('block_devices').selectAll().where('volume_id', '=', volumeId).execute();
  return rows.map((row) => deviceOf(row) as VolumeDevice);
}

/** What lists of servers show: volumes by server, in one query per thousand servers. */
export async function volumesOfServers(
  db: Db,
  serverIds: readonly string[],
): Promise<Map<string, { id: string; deleteOnTermination: boolean }[]>> {
  const found = new Map<string, { id: string; deleteOnTermination: boolean }[]>();
  for (let at = 0; at < serverIds.length; at += 1000) {
    const rows = await db
      .selectFrom('block_devices')
      .select(['server_id', 'volume_id', 'delete_on_termination'])
      .where('server_id', 'in', serverIds.slice(at, at + 1000))
      .where('volume_id', 'is not', null)
      .orderBy('num')
      .execute();
    for (const row of rows)
      found.set(row.server_id, [
        ...(found.get(row.server_id) ?? []),
        { id: row.volume_id as string, deleteOnTermination: row.delete_on_termination === 1 },
      ]);
  }
  return found;
}

export async function updateDevice(db: Db, id: string, change: Updateable<BlockDeviceTable>): Promise<void> {
  await db.updateTable('block_devices').set(change).where('id', '=', id).execute();
}

export async function removeDevice(db: Db, id: string): Promise<void> {
  await db.deleteFrom('block_devices').where('id', '=', id).execute();
}
