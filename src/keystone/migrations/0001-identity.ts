import type { Kysely } from 'kysely';
import { autoId, columns, required, withDefault } from '#common/db/columns.ts';
import type { Migration } from '#common/db/database.ts';
import { noDomain, rootDomain, type KeystoneTables } from '../tables.ts';

const id = columns.keystoneId;

async function tables(db: Kysely<KeystoneTables>): Promise<void> {
  await db.schema
    .createTable('project')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', 'varchar(64)', required)
    .addColumn('domain_id', id, required)
    .addColumn('parent_id', id)
    .addColumn('is_domain', columns.flag, withDefault(0))
    .addColumn('description', columns.text)
    .addColumn('enabled', columns.flag, withDefault(1))
    .addColumn('options', columns.text, required)
    .addColumn('extra', columns.text, required)
    .addUniqueConstraint('project_name_in_domain', ['domain_id', 'name'])
    .execute();
  await db.schema
    .createTable('project_tag')
    .addColumn('project_id', id, required)
    .addColumn('name', columns.name, required)
    .addPrimaryKeyConstraint('project_tag_key', ['project_id', 'name'])
    .execute();
  await db.schema
    .createTable('user')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', columns.name, required)
    .addColumn('domain_id', id, required)
    .addColumn('enabled', columns.flag, withDefault(1))
    .addColumn('default_project_id', id)
    .addColumn('password_hash', 'varchar(255)')
    .addColumn('failed_auth_count', columns.integer, withDefault(0))
    .addColumn('failed_auth_at', columns.time)
    .addColumn('options', columns.text, required)
    .addColumn('extra', columns.text, required)
    .addUniqueConstraint('user_name_in_domain', ['domain_id', 'name'])
    .execute();
  await db.schema
    .createTable('group')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', 'varchar(64)', required)
    .addColumn('domain_id', id, required)
    .addColumn('description', columns.text, required)
    .addColumn('extra', columns.text, required)
    .addUniqueConstraint('group_name_in_domain', ['domain_id', 'name'])
    .execute();
  await db.schema
    .createTable('user_group_membership')
    .addColumn('user_id', id, required)
    .addColumn('group_id', id, required)
    .addPrimaryKeyConstraint('user_group_membership_key', ['user_id', 'group_id'])
    .execute();
  await db.schema
    .createTable('role')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', columns.name, required)
    .addColumn('domain_id', id, required)
    .addColumn('description', columns.text)
    .addColumn('options', columns.text, required)
    .addColumn('extra', columns.text, required)
    .addUniqueConstraint('role_name_in_domain', ['domain_id', 'name'])
    .execute();
  await db.schema
    .createTable('implied_role')
    .addColumn('prior_role_id', id, required)
    .addColumn('implied_role_id', id, required)
    .addPrimaryKeyConstraint('implied_role_key', ['prior_role_id', 'implied_role_id'])
    .execute();
  await db.schema
    .createTable('assignment')
    .addColumn('type', 'varchar(16)', required)
    .addColumn('actor_id', id, required)
    .addColumn('target_id', id, required)
    .addColumn('role_id', id, required)
    .addPrimaryKeyConstraint('assignment_key', ['actor_id', 'type', 'target_id', 'role_id'])
    .execute();
  await db.schema
    .createTable('region')
    .addColumn('id', columns.name, (c) => c.primaryKey())
    .addColumn('description', columns.text, required)
    .addColumn('parent_region_id', columns.name)
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('service')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('type', columns.name, required)
    .addColumn('name', columns.name)
    .addColumn('enabled', columns.flag, withDefault(1))
    .addColumn('description', columns.text)
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('endpoint')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('legacy_endpoint_id', id)
    .addColumn('interface', 'varchar(8)', required)
    .addColumn('region_id', columns.name)
    .addColumn('service_id', id, required)
    .addColumn('url', columns.text, required)
    .addColumn('enabled', columns.flag, withDefault(1))
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('credential')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('user_id', id, required)
    .addColumn('project_id', id)
    .addColumn('type', columns.name, required)
    .addColumn('blob', columns.text, required)
    .addColumn('key_hash', id, (c) => c.unique())
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('token')
    .addColumn('id_hash', id, (c) => c.primaryKey())
    .addColumn('expires_at', columns.time, required)
    .addColumn('payload', columns.text, required)
    .execute();
  await db.schema
    .createTable('revocation_event')
    .addColumn('id', columns.integer, autoId)
    .addColumn('audit_id', 'varchar(32)')
    .addColumn('user_id', id)
    .addColumn('project_id', id)
    .addColumn('domain_id', id)
    .addColumn('issued_before', columns.bigint, required)
    .addColumn('expires_at', columns.time, required)
    .execute();
  await db.schema
    .createTable('identity_generation')
    .addColumn('id', columns.integer, (c) => c.primaryKey())
    .addColumn('value', columns.integer, required)
    .execute();
}

const indexes: readonly (readonly [keyof KeystoneTables, readonly string[]])[] = [
  ['project', ['parent_id']],
  ['project_tag', ['name']],
  ['user', ['default_project_id']],
  ['user_group_membership', ['group_id']],
  ['assignment', ['target_id', 'type']],
  ['assignment', ['role_id']],
  ['endpoint', ['service_id']],
  ['endpoint', ['legacy_endpoint_id']],
  ['credential', ['user_id']],
  ['token', ['expires_at']],
  ['revocation_event', ['expires_at']],
];

async function index(db: Kysely<KeystoneTables>, table: string, names: readonly string[]): Promise<void> {
  const name = `${table}_by_${names.join('_')}`;
  await db.schema
    .createIndex(name)
    .on(table)
    .columns([...names])
    .execute();
}

/** What Keystone finds in a new database: the default domain and the role that v2.0 members have. */
async function seed(db: Kysely<KeystoneTables>): Promise<void> {
  await db
    .insertInto('project')
    .values({
      id: 'default',
      name: 'Default',
      domain_id: rootDomain,
      parent_id: null,
      is_domain: 1,
      description: 'The default domain',
      enabled: 1,
      options: '{}',
      extra: '{}',
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  await db
    .insertInto('role')
    .values({
      id: '9fe2ff9ee4384b1894a90878d3e92bab',
      name: '_member_',
      domain_id: noDomain,
      description: 'Default role for project membership',
      options: '{}',
      extra: '{}',
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  await db
    .insertInto('identity_generation')
    .values({ id: 1, value: 1 })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
}

export const identity: Migration = {
  up: async (db: Kysely<KeystoneTables>) => {
    await tables(db);
    for (const [table, names] of indexes) await index(db, table, names);
    await seed(db);
  },
};
