import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { autoId, columns, required, withDefault } from '#common/db/columns.ts';
import { createOperationTables } from '#common/operations/tables.ts';

/** Images with their properties, tags, members, locations and the usage per owner; the journal of imports. */
export const images: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('images')
      .addColumn('id', columns.uuid, (c) => c.primaryKey())
      .addColumn('name', columns.name)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('visibility', 'varchar(16)', required)
      .addColumn('owner', columns.name)
      .addColumn('protected', columns.flag, withDefault(0))
      .addColumn('os_hidden', columns.flag, withDefault(0))
      .addColumn('size', columns.bigint)
      .addColumn('virtual_size', columns.bigint)
      .addColumn('checksum', 'varchar(32)')
      .addColumn('os_hash_algo', 'varchar(64)')
      .addColumn('os_hash_value', 'varchar(128)')
      .addColumn('disk_format', 'varchar(20)')
      .addColumn('container_format', 'varchar(20)')
      .addColumn('min_disk', columns.integer, withDefault(0))
      .addColumn('min_ram', columns.integer, withDefault(0))
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .addColumn('deleted_at', columns.time)
      .addColumn('receiver', columns.name)
      .execute();
    await db.schema.createIndex('images_by_owner').on('images').columns(['owner', 'created_at']).execute();
    await db.schema.createIndex('images_by_visibility').on('images').columns(['visibility', 'created_at']).execute();
    await db.schema.createIndex('images_by_status').on('images').columns(['status', 'receiver']).execute();
    await db.schema.createIndex('images_by_time').on('images').columns(['created_at', 'id']).execute();
    await db.schema
      .createTable('image_properties')
      .addColumn('image_id', columns.uuid, required)
      .addColumn('name', columns.name, required)
      .addColumn('value', columns.text, required)
      .addPrimaryKeyConstraint('image_properties_pk', ['image_id', 'name'])
      .execute();
    await db.schema
      .createTable('image_tags')
      .addColumn('image_id', columns.uuid, required)
      .addColumn('value', columns.name, required)
      .addPrimaryKeyConstraint('image_tags_pk', ['image_id', 'value'])
      .execute();
    await db.schema
      .createTable('image_members')
      .addColumn('image_id', columns.uuid, required)
      .addColumn('member', columns.name, required)
      .addColumn('status', 'varchar(20)', required)
      .addColumn('can_share', columns.flag, withDefault(0))
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .addPrimaryKeyConstraint('image_members_pk', ['image_id', 'member'])
      .execute();
    await db.schema.createIndex('image_members_by_member').on('image_members').columns(['member', 'status']).execute();
    await db.schema
      .createTable('image_locations')
      .addColumn('id', 'integer', autoId)
      .addColumn('image_id', columns.uuid, required)
      .addColumn('url', columns.text, required)
      .addColumn('store', 'varchar(64)', required)
      .execute();
    await db.schema.createIndex('image_locations_by_image').on('image_locations').column('image_id').execute();
    await db.schema
      .createTable('storage_usage')
      .addColumn('owner', columns.name, (c) => c.primaryKey())
      .addColumn('bytes', columns.bigint, withDefault(0))
      .execute();
    await createOperationTables(db);
  },
};
