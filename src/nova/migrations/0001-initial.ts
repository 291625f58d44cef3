import { sql, type Kysely } from 'kysely';
import { autoId, columns as c, required, withDefault } from '#common/db/columns.ts';
import type { Dialect, Migration } from '#common/db/database.ts';
import { createOperationTables } from '#common/operations/tables.ts';

/** The tables of the first version, and the five flavors that the manual prints. */
export const initial = (dialect: Dialect, now: () => string): Migration => ({
  async up(db: Kysely<unknown>) {
    // MySQL's `text` ends at 64 KiB: user data alone may be as long.
    const long = dialect === 'mysql' ? sql`mediumtext` : sql`text`;

    await createOperationTables(db);
    await db.schema
      .createTable('instances')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('reservation_id', 'varchar(32)', required)
      .addColumn('launch_index', c.integer, required)
      .addColumn('display_name', c.name, required)
      .addColumn('description', c.name)
      .addColumn('hostname', c.name, required)
      .addColumn('vm_state', 'varchar(32)', required)
      .addColumn('task_state', 'varchar(32)')
      .addColumn('power_state', 'varchar(16)', required)
      .addColumn('progress', c.integer, withDefault(0))
      .addColumn('host', c.name)
      .addColumn('node', c.name)
      .addColumn('availability_zone', c.name)
      .addColumn('forced_host', c.name)
      .addColumn('flavor_id', c.name, required)
      .addColumn('flavor', long, required)
      .addColumn('vcpus', c.integer, required)
      .addColumn('memory_mb', c.integer, required)
      .addColumn('disk_gb', c.integer, required)
      .addColumn('image_id', c.uuid)
      .addColumn('image', long)
      .addColumn('root_device_name', 'varchar(32)')
      .addColumn('key_name', c.name)
      .addColumn('key_data', long)
      .addColumn('user_data', long)
      .addColumn('config_drive', c.flag, required)
      .addColumn('access_ip_v4', 'varchar(39)')
      .addColumn('access_ip_v6', 'varchar(39)')
      .addColumn('disk_config', 'varchar(8)', required)
      .addColumn('locked_by', 'varchar(8)')
      .addColumn('locked_reason', c.name)
      .addColumn('metadata', long, required)
      .addColumn('tags', long, required)
      .addColumn('security_groups', long, required)
      .addColumn('requested_networks', long, required)
      .addColumn('network_info', long, required)
      .addColumn('network_stale', c.flag, withDefault(0))
      .addColumn('personality', long, required)
      .addColumn('scheduler_hints', long, required)
      .addColumn('trusted_certificates', long)
      .addColumn('admin_password', c.name)
      .addColumn('guest_password', long)
      .addColumn('failed_hosts', long, required)
      .addColumn('fault', long)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time, required)
      .addColumn('launched_at', c.time)
      .addColumn('terminated_at', c.time)
      .addColumn('deleted', c.flag, required)
      .addColumn('deleted_at', c.time)
      .execute();
    await index(db, 'instances_by_project', 'instances', ['project_id', 'deleted', 'created_at', 'num']);
    await index(db, 'instances_by_host', 'instances', ['host', 'deleted']);
    await index(db, 'instances_by_age', 'instances', ['deleted', 'created_at', 'num']);
    await index(db, 'instances_stale', 'instances', ['network_stale']);

    await db.schema
      .createTable('flavors')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('flavor_id', c.name, (col) => col.notNull().unique())
      .addColumn('name', c.name, (col) => col.notNull().unique())
      .addColumn('memory_mb', c.integer, required)
      .addColumn('vcpus', c.integer, required)
      .addColumn('root_gb', c.integer, required)
      .addColumn('ephemeral_gb', c.integer, required)
      .addColumn('swap_mb', c.integer, required)
      .addColumn('rxtx_factor', c.float, required)
      .addColumn('is_public', c.flag, required)
      .addColumn('disabled', c.flag, required)
      .addColumn('description', c.text)
      .addColumn('extra_specs', c.text, required)
      .addColumn('created_at', c.time, required)
      .execute();
    await db.schema
      .createTable('flavor_access')
      .ifNotExists()
      .addColumn('flavor_num', c.integer, required)
      .addColumn('project_id', c.keystoneId, required)
      .addPrimaryKeyConstraint('flavor_access_pk', ['flavor_num', 'project_id'])
      .execute();

    await db.schema
      .createTable('keypairs')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('name', c.name, required)
      .addColumn('type', 'varchar(8)', required)
      .addColumn('public_key', c.text, required)
      .addColumn('fingerprint', c.name, required)
      .addColumn('created_at', c.time, required)
      .addUniqueConstraint('keypairs_by_user', ['user_id', 'name'])
      .execute();

    await db.schema
      .createTable('quota_limits')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('resource', c.keystoneId, required)
      .addColumn('hard_limit', c.integer, required)
      .addPrimaryKeyConstraint('quota_limits_pk', ['project_id', 'resource'])
      .execute();
    await db.schema
      .createTable('quota_class_limits')
      .ifNotExists()
      .addColumn('class_name', c.name, required)
      .addColumn('resource', c.keystoneId, required)
      .addColumn('hard_limit', c.integer, required)
      .addPrimaryKeyConstraint('quota_class_limits_pk', ['class_name', 'resource'])
      .execute();
    await db.schema
      .createTable('quota_locks')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, (col) => col.primaryKey().notNull())
      .addColumn('touched', c.bigint, required)
      .execute();

    await db.schema
      .createTable('services')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('binary', c.keystoneId, required)
      .addColumn('host', 'varchar(180)', required)
      .addColumn('topic', c.keystoneId, required)
      .addColumn('disabled', c.flag, required)
      .addColumn('disabled_reason', c.name)
      .addColumn('forced_down', c.flag, required)
      .addColumn('last_seen', c.time, required)
      .addColumn('created_at', c.time, required)
      .addColumn('changed_at', c.time, required)
      .addUniqueConstraint('services_by_host', ['host', 'binary'])
      .execute();
    await index(db, 'services_by_change', 'services', ['changed_at']);
    await db.schema
      .createTable('compute_nodes')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('host', c.name, (col) => col.notNull().unique())
      .addColumn('hypervisor_hostname', c.name, required)
      .addColumn('hypervisor_type', c.keystoneId, required)
      .addColumn('hypervisor_version', c.integer, required)
      .addColumn('vcpus', c.integer, required)
      .addColumn('memory_mb', c.integer, required)
      .addColumn('disk_gb', c.integer, required)
      .addColumn('free_disk_gb', c.integer, required)
      .addColumn('vcpus_used', c.integer, required)
      .addColumn('memory_mb_used', c.integer, required)
      .addColumn('disk_gb_used', c.integer, required)
      .addColumn('cpu_info', c.text, required)
      .addColumn('supported_instances', c.text, required)
      .addColumn('created_at', c.time, required)
      .addColumn('changed_at', c.time, required)
      .execute();
    await index(db, 'compute_nodes_by_change', 'compute_nodes', ['changed_at']);
    await db.schema
      .createTable('allocations')
      .ifNotExists()
      .addColumn('server_id', c.uuid, (col) => col.primaryKey().notNull())
      .addColumn('host', c.name, required)
      .addColumn('vcpus', c.integer, required)
      .addColumn('memory_mb', c.integer, required)
      .addColumn('disk_gb', c.integer, required)
      .execute();
    await index(db, 'allocations_by_host', 'allocations', ['host']);

    await db.schema
      .createTable('aggregates')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('name', c.name, (col) => col.notNull().unique())
      .addColumn('metadata', c.text, required)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await db.schema
      .createTable('aggregate_hosts')
      .ifNotExists()
      .addColumn('aggregate_num', c.integer, required)
      .addColumn('host', c.name, required)
      .addPrimaryKeyConstraint('aggregate_hosts_pk', ['aggregate_num', 'host'])
      .execute();
    await db.schema
      .createTable('server_groups')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('name', c.name, required)
      .addColumn('policy', c.keystoneId, required)
      .addColumn('rules', c.text, required)
      .addColumn('touched', c.bigint, required)
      .execute();
    await index(db, 'server_groups_by_project', 'server_groups', ['project_id']);
    await db.schema
      .createTable('server_group_members')
      .ifNotExists()
      .addColumn('group_id', c.uuid, required)
      .addColumn('server_id', c.uuid, required)
      .addPrimaryKeyConstraint('server_group_members_pk', ['group_id', 'server_id'])
      .execute();
    await index(db, 'server_group_members_by_server', 'server_group_members', ['server_id']);

    await db.schema
      .createTable('console_tokens')
      .ifNotExists()
      .addColumn('token_hash', 'varchar(64)', (col) => col.primaryKey().notNull())
      .addColumn('server_id', c.uuid, required)
      .addColumn('type', 'varchar(16)', required)
      .addColumn('host', c.name, required)
      .addColumn('port', c.integer, required)
      .addColumn('expires_at', c.bigint, required)
      .execute();
    await index(db, 'console_tokens_by_server', 'console_tokens', ['server_id']);
    await db.schema
      .createTable('plugged_ports')
      .ifNotExists()
      .addColumn('port_id', c.uuid, (col) => col.primaryKey().notNull())
      .addColumn('server_id', c.uuid, required)
      .execute();
    await index(db, 'plugged_ports_by_server', 'plugged_ports', ['server_id']);
    await db.schema
      .createTable('cache_versions')
      .ifNotExists()
      .addColumn('name', 'varchar(32)', (col) => col.primaryKey().notNull())
      .addColumn('version', c.bigint, required)
      .execute();

    const seeded = db as Kysely<Record<string, Record<string, unknown>>>;
    for (const table of ['cache_versions', 'flavors']) await seeded.deleteFrom(table).execute();
    await seeded
      .insertInto('cache_versions')
      .values(['aggregates', 'flavors'].map((name) => ({ name, version: 1 })))
      .execute();
    await seeded
      .insertInto('flavors')
      .values(
        defaultFlavors.map(([flavor_id, name, memory_mb, root_gb, vcpus]) => ({
          flavor_id,
          name,
          memory_mb,
          vcpus,
          root_gb,
          ephemeral_gb: 0,
          swap_mb: 0,
          rxtx_factor: 1,
          is_public: 1,
          disabled: 0,
          description: null,
          extra_specs: '{}',
          created_at: now(),
        })),
      )
      .execute();
  },
});

const defaultFlavors = [
  ['1', 'm1.tiny', 512, 1, 1],
  ['2', 'm1.small', 2048, 20, 1],
  ['3', 'm1.medium', 4096, 40, 2],
  ['4', 'm1.large', 8192, 80, 4],
  ['5', 'm1.xlarge', 16_384, 160, 8],
] as const;

/** MariaDB keeps the indexes of a migration that was interrupted: the second run meets them (ER_DUP_KEYNAME). */
async function index(db: Kysely<unknown>, name: string, table: string, on: string[]): Promise<void> {
  await db.schema
    .createIndex(name)
    .on(table)
    .columns(on)
    .execute()
    .catch((error: unknown) => {
      if ((error as { errno?: number }).errno !== 1061) throw error;
    });
}
