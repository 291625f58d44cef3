import type { Kysely } from 'kysely';
import { autoId, columns as c, required } from '#common/db/columns.ts';
import type { Migration } from '#common/db/database.ts';

/** Volumes of servers, and the local disks that a request named itself. */
export const blockDevices: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('block_devices')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('server_id', c.uuid, required)
      .addColumn('source_type', 'varchar(16)', required)
      .addColumn('destination_type', 'varchar(16)', required)
      .addColumn('boot_index', c.integer)
      .addColumn('device_name', c.name, required)
      .addColumn('disk_bus', 'varchar(16)')
      .addColumn('device_type', 'varchar(16)')
      .addColumn('guest_format', c.name)
      .addColumn('volume_id', c.uuid)
      .addColumn('image_id', c.uuid)
      .addColumn('snapshot_id', c.uuid)
      .addColumn('volume_size', c.integer)
      .addColumn('volume_type', c.name)
      .addColumn('delete_on_termination', c.flag, required)
      .addColumn('tag', c.name)
      .addColumn('shared', c.flag, required)
      .addColumn('attachment_id', c.uuid)
      .addColumn('connected_host', c.name)
      .addColumn('created_at', c.time, required)
      .execute();
    await index(
      db.schema.createIndex('block_devices_of_server').on('block_devices').columns(['server_id', 'volume_id']).unique(),
    );
    await index(db.schema.createIndex('block_devices_of_volume').on('block_devices').column('volume_id'));
  },
};

/** MariaDB keeps the indexes of a migration that was interrupted: the second run meets them (ER_DUP_KEYNAME). */
async function index(made: { execute(): Promise<void> }): Promise<void> {
  await made.execute().catch((error: unknown) => {
    if ((error as { errno?: number }).errno !== 1061) throw error;
  });
}
