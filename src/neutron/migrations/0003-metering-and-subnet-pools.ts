import type { Kysely } from 'kysely';
import { columns, required } from '#common/db/columns.ts';
import type { Migration } from '#common/db/database.ts';

const { uuid, keystoneId, name, flag, text, time, integer } = columns;

/** MariaDB keeps what an interrupted migration did: the second run meets it. */
async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!/duplicate (key|column) name/i.test((error as Error).message)) throw error;
  }
}

const index = (db: Kysely<unknown>, table: string, column: string): Promise<void> =>
  unlessThere(db.schema.createIndex(`${table}_by_${column}`).on(table).column(column).execute());

async function metering(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('meteringlabels')
    .ifNotExists()
    .addColumn('id', uuid, (c) => c.primaryKey())
    .addColumn('project_id', keystoneId, required)
    .addColumn('name', name, required)
    .addColumn('description', 'varchar(1024)', required)
    .addColumn('shared', flag, required)
    .execute();
  await index(db, 'meteringlabels', 'project_id');
  await index(db, 'meteringlabels', 'shared');
  await db.schema
    .createTable('meteringlabelrules')
    .ifNotExists()
    .addColumn('id', uuid, (c) => c.primaryKey())
    .addColumn('project_id', keystoneId, required)
    .addColumn('metering_label_id', uuid, required)
    .addColumn('direction', 'varchar(8)', required)
    .addColumn('remote_ip_prefix', 'varchar(64)', required)
    .addColumn('excluded', flag, required)
    .addForeignKeyConstraint('rule_of_label', ['metering_label_id'], 'meteringlabels', ['id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute();
  await index(db, 'meteringlabelrules', 'metering_label_id');
}

async function subnetPools(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('subnetpools')
    .ifNotExists()
    .addColumn('id', uuid, (c) => c.primaryKey())
    .addColumn('project_id', keystoneId, required)
    .addColumn('description', name)
    .addColumn('tags', text, required)
    .addColumn('created_at', time, required)
    .addColumn('updated_at', time, required)
    .addColumn('revision_number', integer, required)
    .addColumn('name', name, required)
    .addColumn('ip_version', flag, required)
    .addColumn('prefixes', text, required)
    .addColumn('default_prefixlen', integer, required)
    .addColumn('min_prefixlen', integer, required)
    .addColumn('max_prefixlen', integer, required)
    .addColumn('default_quota', integer)
    .addColumn('shared', flag, required)
    .addColumn('is_default', flag, required)
    // The IP version that it is the default of: there is one default of each.
    .addColumn('default_of', flag, (c) => c.unique())
    .execute();
  await index(db, 'subnetpools', 'project_id');
  await unlessThere(db.schema.alterTable('subnets').addColumn('subnetpool_id', uuid).execute());
  await index(db, 'subnets', 'subnetpool_id');
}

export const meteringAndSubnetPools: Migration = {
  up: async (db) => {
    await metering(db);
    await subnetPools(db);
  },
};
