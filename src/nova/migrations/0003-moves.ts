import { sql, type Kysely } from 'kysely';
import { autoId, columns as c, required } from '#common/db/columns.ts';
import type { Dialect, Migration } from '#common/db/database.ts';

/** MariaDB keeps what an interrupted migration has made: the second run meets it (duplicate column, duplicate key). */
const unlessThere = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (![1060, 1061].includes((error as { errno?: number }).errno ?? 0)) throw error;
  });
};

/** Moves of servers, and what operations keep of a server. */
export const moves = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    const long = dialect === 'mysql' ? sql`mediumtext` : sql`text`;
    await unlessThere(db.schema.alterTable('instances').addColumn('system_metadata', long).execute());
    await db.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('uuid', c.uuid, (col) => col.notNull().unique())
      .addColumn('server_id', c.uuid, required)
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId)
      .addColumn('type', 'varchar(32)', required)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('source_compute', c.name)
      .addColumn('source_node', c.name)
      .addColumn('dest_compute', c.name)
      .addColumn('dest_node', c.name)
      .addColumn('dest_host', c.name)
      .addColumn('old_flavor', c.text, required)
      .addColumn('new_flavor', c.text, required)
      .addColumn('old_flavor_num', c.integer)
      .addColumn('new_flavor_num', c.integer)
      .addColumn('old_vm_state', 'varchar(32)', required)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await unlessThere(
      db.schema.createIndex('migrations_by_server').on('migrations').columns(['server_id', 'status']).execute(),
    );
    await unlessThere(
      db.schema.createIndex('migrations_by_source').on('migrations').columns(['source_compute', 'status']).execute(),
    );
  },
});
