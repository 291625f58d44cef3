import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { autoId, columns, required, withDefault } from '#common/db/columns.ts';

/** Kinds of things that every cloud has metadata for. */
const seededTypes = [
  'OS::Glance::Image',
  'OS::Cinder::Volume',
  'OS::Nova::Flavor',
  'OS::Nova::Aggregate',
  'OS::Nova::Server',
];

/** The catalogue of metadata definitions; tasks, and what an image shows of an import under way. */
export const metadefsAndTasks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('metadef_namespaces')
      .addColumn('id', 'integer', autoId)
      .addColumn('namespace', 'varchar(80)', (c) => c.notNull().unique())
      .addColumn('display_name', 'varchar(80)')
      .addColumn('description', columns.text)
      .addColumn('visibility', 'varchar(16)', required)
      .addColumn('protected', columns.flag, withDefault(0))
      .addColumn('owner', columns.name, required)
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .execute();
    await db.schema
      .createTable('metadef_definitions')
      .addColumn('id', 'integer', autoId)
      .addColumn('namespace_id', columns.integer, required)
      .addColumn('kind', 'varchar(16)', required)
      .addColumn('name', columns.name, required)
      .addColumn('body', columns.text, required)
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .addUniqueConstraint('metadef_definitions_name', ['namespace_id', 'kind', 'name'])
      .execute();
    await db.schema
      .createTable('metadef_resource_types')
      .addColumn('id', 'integer', autoId)
      .addColumn('name', 'varchar(80)', (c) => c.notNull().unique())
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .execute();
    await db.schema
      .createTable('metadef_associations')
      .addColumn('namespace_id', columns.integer, required)
      .addColumn('resource_type', 'varchar(80)', required)
      .addColumn('prefix', 'varchar(80)')
      .addColumn('properties_target', 'varchar(80)')
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .addPrimaryKeyConstraint('metadef_associations_pk', ['namespace_id', 'resource_type'])
      .execute();
    const epoch = '1970-01-01T00:00:00.000000';
    await (db as Kysely<{ metadef_resource_types: { name: string; created_at: string; updated_at: string } }>)
      .insertInto('metadef_resource_types')
      .values(seededTypes.map((name) => ({ name, created_at: epoch, updated_at: epoch })))
      .execute();
    await db.schema
      .createTable('tasks')
      .addColumn('id', columns.uuid, (c) => c.primaryKey())
      .addColumn('type', 'varchar(30)', required)
      .addColumn('status', 'varchar(30)', required)
      .addColumn('owner', columns.name, required)
      .addColumn('image_id', columns.uuid)
      .addColumn('request_id', columns.name)
      .addColumn('user_id', columns.name)
      .addColumn('input', columns.text, required)
      .addColumn('result', columns.text)
      .addColumn('message', columns.text)
      .addColumn('expires_at', columns.time)
      .addColumn('created_at', columns.time, required)
      .addColumn('updated_at', columns.time, required)
      .execute();
    await db.schema.createIndex('tasks_by_image').on('tasks').column('image_id').execute();
    await db.schema.createIndex('tasks_by_owner').on('tasks').columns(['owner', 'created_at']).execute();
    await db.schema.alterTable('images').addColumn('importing_to_stores', columns.text).execute();
    await db.schema.alterTable('images').addColumn('failed_import', columns.text).execute();
    await db.schema.alterTable('images').addColumn('import_task', columns.uuid).execute();
  },
};
