import type { Kysely } from 'kysely';
import { autoId, columns, required, withDefault } from '#common/db/columns.ts';
import type { Migration } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';

const id = columns.keystoneId;

/** What users had before: nothing of it needs a value in rows that are there. */
async function widened(db: Kysely<KeystoneTables>): Promise<void> {
  await db.schema.alterTable('token').addColumn('listed_id', columns.name).execute();
  await db.schema.alterTable('credential').addColumn('encrypted_by', id).execute();
  for (const column of ['password_created_at', 'password_expires_at', 'last_active_at'])
    await db.schema.alterTable('user').addColumn(column, columns.time).execute();
  await db.schema
    .createTable('password_history')
    .addColumn('id', columns.integer, autoId)
    .addColumn('user_id', id, required)
    .addColumn('password_hash', columns.name, required)
    .addColumn('created_at', columns.time, required)
    .execute();
}

async function delegation(db: Kysely<KeystoneTables>): Promise<void> {
  await db.schema
    .createTable('trust')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('trustor_user_id', id, required)
    .addColumn('trustee_user_id', id, required)
    .addColumn('project_id', id)
    .addColumn('impersonation', columns.flag, required)
    .addColumn('expires_at', columns.time)
    .addColumn('remaining_uses', columns.integer)
    .addColumn('redelegated_trust_id', id)
    .addColumn('redelegation_count', columns.integer, withDefault(0))
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('trust_role')
    .addColumn('trust_id', id, required)
    .addColumn('role_id', id, required)
    .addPrimaryKeyConstraint('trust_role_key', ['trust_id', 'role_id'])
    .execute();
  await db.schema
    .createTable('application_credential')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', columns.name, required)
    .addColumn('user_id', id, required)
    .addColumn('project_id', id, required)
    .addColumn('secret_hash', columns.name, required)
    .addColumn('description', columns.text)
    .addColumn('expires_at', columns.time)
    .addColumn('unrestricted', columns.flag, withDefault(0))
    .addUniqueConstraint('application_credential_name', ['user_id', 'name'])
    .execute();
  await db.schema
    .createTable('application_credential_role')
    .addColumn('application_credential_id', id, required)
    .addColumn('role_id', id, required)
    .addPrimaryKeyConstraint('application_credential_role_key', ['application_credential_id', 'role_id'])
    .execute();
  await db.schema
    .createTable('access_rule')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('user_id', id, required)
    .addColumn('service', columns.name, required)
    .addColumn('path', columns.text, required)
    .addColumn('method', 'varchar(16)', required)
    .execute();
  await db.schema
    .createTable('application_credential_access_rule')
    .addColumn('application_credential_id', id, required)
    .addColumn('access_rule_id', id, required)
    .addPrimaryKeyConstraint('application_credential_access_rule_key', ['application_credential_id', 'access_rule_id'])
    .execute();
}

async function oauth(db: Kysely<KeystoneTables>): Promise<void> {
  await db.schema
    .createTable('consumer')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('secret', id, required)
    .addColumn('description', columns.text)
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('request_token')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('secret', id, required)
    .addColumn('consumer_id', id, required)
    .addColumn('project_id', id, required)
    .addColumn('verifier', id)
    .addColumn('user_id', id)
    .addColumn('role_ids', columns.text, required)
    .addColumn('expires_at', columns.time, required)
    .execute();
  await db.schema
    .createTable('access_token')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('secret', id, required)
    .addColumn('consumer_id', id, required)
    .addColumn('project_id', id, required)
    .addColumn('user_id', id, required)
    .addColumn('role_ids', columns.text, required)
    .addColumn('expires_at', columns.time)
    .execute();
}

async function administration(db: Kysely<KeystoneTables>): Promise<void> {
  await db.schema
    .createTable('policy')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('type', columns.name, required)
    .addColumn('blob', columns.text, required)
    .addColumn('extra', columns.text, required)
    .execute();
  await db.schema
    .createTable('endpoint_group')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', columns.name, required)
    .addColumn('description', columns.text)
    .addColumn('filters', columns.text, required)
    .execute();
  await db.schema
    .createTable('project_endpoint_group')
    .addColumn('project_id', id, required)
    .addColumn('endpoint_group_id', id, required)
    .addPrimaryKeyConstraint('project_endpoint_group_key', ['project_id', 'endpoint_group_id'])
    .execute();
  await db.schema
    .createTable('project_endpoint')
    .addColumn('project_id', id, required)
    .addColumn('endpoint_id', id, required)
    .addPrimaryKeyConstraint('project_endpoint_key', ['project_id', 'endpoint_id'])
    .execute();
  await db.schema
    .createTable('domain_config')
    .addColumn('domain_id', id, required)
    .addColumn('config_group', id, required)
    .addColumn('config_option', id, required)
    .addColumn('value', columns.text, required)
    .addPrimaryKeyConstraint('domain_config_key', ['domain_id', 'config_group', 'config_option'])
    .execute();
  await db.schema
    .createTable('registered_limit')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('service_id', id, required)
    .addColumn('region_id', columns.name)
    .addColumn('resource_name', columns.name, required)
    .addColumn('default_limit', columns.integer, required)
    .addColumn('description', columns.text)
    .execute();
  await db.schema
    .createTable('resource_limit')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('registered_limit_id', id, required)
    .addColumn('project_id', id)
    .addColumn('domain_id', id)
    .addColumn('value', columns.integer, required)
    .addColumn('description', columns.text)
    .execute();
}

const indexes: readonly (readonly [keyof KeystoneTables, readonly string[]])[] = [
  ['password_history', ['user_id']],
  ['trust', ['trustor_user_id']],
  ['trust', ['trustee_user_id']],
  ['trust', ['project_id']],
  ['application_credential', ['project_id']],
  ['access_rule', ['user_id']],
  ['application_credential_access_rule', ['access_rule_id']],
  ['access_token', ['user_id']],
  ['registered_limit', ['service_id']],
  ['resource_limit', ['registered_limit_id']],
];

/** Acting for others (trusts, application credentials, OAuth), and the administration that came after Icehouse. */
export const delegationTables: Migration = {
  up: async (db: Kysely<KeystoneTables>) => {
    await widened(db);
    await delegation(db);
    await oauth(db);
    await administration(db);
    for (const [table, names] of indexes)
      await db.schema
        .createIndex(`${table}_by_${names.join('_')}`)
        .on(table)
        .columns([...names])
        .execute();
  },
};
