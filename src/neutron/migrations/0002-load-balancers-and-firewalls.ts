import type { CreateTableBuilder, Kysely } from 'kysely';
import { columns, required } from '#common/db/columns.ts';
import type { Migration } from '#common/db/database.ts';

const { uuid, keystoneId, name, flag, text, integer } = columns;
const status = 'varchar(16)';

const owned = (db: Kysely<unknown>, table: string): CreateTableBuilder<string, 'id' | 'project_id'> =>
  db.schema
    .createTable(table)
    .ifNotExists()
    .addColumn('id', uuid, (c) => c.primaryKey())
    .addColumn('project_id', keystoneId, required);

/** MariaDB keeps the indexes of a migration that was interrupted: the second run meets them. */
const index = async (db: Kysely<unknown>, table: string, column: string): Promise<void> => {
  try {
    await db.schema.createIndex(`${table}_by_${column}`).on(table).column(column).execute();
  } catch (error) {
    if (!/duplicate key name/i.test((error as Error).message)) throw error;
  }
};

async function loadBalancers(db: Kysely<unknown>): Promise<void> {
  await owned(db, 'pools')
    .addColumn('name', name, required)
    .addColumn('description', name, required)
    .addColumn('subnet_id', uuid, required)
    .addColumn('protocol', 'varchar(8)', required)
    .addColumn('provider', name, required)
    .addColumn('lb_method', 'varchar(32)', required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', status, required)
    .addColumn('status_description', name)
    .addColumn('generation', integer, required)
    .addColumn('stats', text, required)
    .execute();
  await index(db, 'pools', 'project_id');
  await owned(db, 'vips')
    .addColumn('name', name, required)
    .addColumn('description', name, required)
    .addColumn('subnet_id', uuid, required)
    .addColumn('port_id', uuid)
    .addColumn('protocol_port', integer, required)
    .addColumn('protocol', 'varchar(8)', required)
    // A pool has one VIP, whoever is faster.
    .addColumn('pool_id', uuid, (c) => c.notNull().unique())
    .addColumn('session_persistence', text)
    .addColumn('connection_limit', integer, required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', status, required)
    .addColumn('status_description', name)
    .addForeignKeyConstraint('vip_pool', ['pool_id'], 'pools', ['id'])
    .addForeignKeyConstraint('vip_port', ['port_id'], 'ports', ['id'], (c) => c.onDelete('set null'))
    .execute();
  await index(db, 'vips', 'project_id');
  await owned(db, 'members')
    .addColumn('pool_id', uuid, required)
    .addColumn('address', 'varchar(64)', required)
    .addColumn('protocol_port', integer, required)
    .addColumn('weight', integer, required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', status, required)
    .addColumn('status_description', name)
    .addUniqueConstraint('members_place', ['pool_id', 'address', 'protocol_port'])
    .addForeignKeyConstraint('member_pool', ['pool_id'], 'pools', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'members', 'project_id');
  await owned(db, 'healthmonitors')
    .addColumn('type', 'varchar(8)', required)
    .addColumn('delay', integer, required)
    .addColumn('timeout', integer, required)
    .addColumn('max_retries', integer, required)
    .addColumn('http_method', 'varchar(16)', required)
    .addColumn('url_path', name, required)
    .addColumn('expected_codes', 'varchar(64)', required)
    .addColumn('admin_state_up', flag, required)
    .execute();
  await index(db, 'healthmonitors', 'project_id');
  await db.schema
    .createTable('poolmonitorassociations')
    .ifNotExists()
    .addColumn('pool_id', uuid, required)
    .addColumn('monitor_id', uuid, required)
    .addColumn('status', status, required)
    .addColumn('status_description', name)
    .addPrimaryKeyConstraint('poolmonitorassociations_pk', ['pool_id', 'monitor_id'])
    .addForeignKeyConstraint('association_pool', ['pool_id'], 'pools', ['id'], (c) => c.onDelete('cascade'))
    .addForeignKeyConstraint('association_monitor', ['monitor_id'], 'healthmonitors', ['id'])
    .execute();
  await index(db, 'poolmonitorassociations', 'monitor_id');
  await db.schema
    .createTable('poolloadbalanceragentbindings')
    .ifNotExists()
    .addColumn('pool_id', uuid, (c) => c.primaryKey())
    .addColumn('agent_id', uuid, required)
    .addForeignKeyConstraint('balanced_pool', ['pool_id'], 'pools', ['id'], (c) => c.onDelete('cascade'))
    .addForeignKeyConstraint('balancing_agent', ['agent_id'], 'agents', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'poolloadbalanceragentbindings', 'agent_id');
}

async function firewalls(db: Kysely<unknown>): Promise<void> {
  await owned(db, 'firewall_policies')
    .addColumn('name', name, required)
    .addColumn('description', name, required)
    .addColumn('shared', flag, required)
    .addColumn('audited', flag, required)
    .execute();
  await index(db, 'firewall_policies', 'project_id');
  await owned(db, 'firewall_rules')
    .addColumn('name', name, required)
    .addColumn('description', name, required)
    .addColumn('firewall_policy_id', uuid)
    .addColumn('shared', flag, required)
    .addColumn('protocol', 'varchar(8)')
    .addColumn('ip_version', flag, required)
    .addColumn('source_ip_address', 'varchar(64)')
    .addColumn('destination_ip_address', 'varchar(64)')
    .addColumn('source_port', 'varchar(16)')
    .addColumn('destination_port', 'varchar(16)')
    .addColumn('action', 'varchar(8)', required)
    .addColumn('enabled', flag, required)
    .addColumn('position', integer)
    .addForeignKeyConstraint('rule_policy', ['firewall_policy_id'], 'firewall_policies', ['id'])
    .execute();
  await index(db, 'firewall_rules', 'project_id');
  await index(db, 'firewall_rules', 'firewall_policy_id');
  await owned(db, 'firewalls')
    .addColumn('name', name, required)
    .addColumn('description', name, required)
    .addColumn('shared', flag, required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', status, required)
    .addColumn('firewall_policy_id', uuid)
    .addColumn('generation', integer, required)
    // A project has one firewall, whoever is faster.
    .addUniqueConstraint('firewalls_project', ['project_id'])
    .addForeignKeyConstraint('firewall_policy', ['firewall_policy_id'], 'firewall_policies', ['id'])
    .execute();
  await index(db, 'firewalls', 'firewall_policy_id');
  await db.schema
    .createTable('routerfirewalls')
    .ifNotExists()
    .addColumn('router_id', uuid, (c) => c.primaryKey())
    .addColumn('firewall_id', uuid, required)
    .addColumn('generation', integer, required)
    .addColumn('applied', flag, required)
    .addForeignKeyConstraint('filtered_router', ['router_id'], 'routers', ['id'], (c) => c.onDelete('cascade'))
    .addForeignKeyConstraint('filtering_firewall', ['firewall_id'], 'firewalls', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'routerfirewalls', 'firewall_id');
}

export const loadBalancersAndFirewalls: Migration = {
  up: async (db) => {
    await loadBalancers(db);
    await firewalls(db);
  },
};
