import { sql, type Kysely } from 'kysely';
import { autoId, columns as c, required, withDefault } from '#common/db/columns.ts';
import type { Dialect, Migration } from '#common/db/database.ts';
import { createOperationTables } from '#common/operations/tables.ts';

/** The tables of the first version, the type that volumes have whose request names none, and the group type of old clients. */
export const initial = (dialect: Dialect, now: () => string): Migration => ({
  async up(db: Kysely<unknown>) {
    const long = dialect === 'mysql' ? sql`mediumtext` : sql`text`;

    await createOperationTables(db);
    await db.schema
      .createTable('volumes')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('name', c.name)
      .addColumn('description', c.name)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('size_gb', c.integer, required)
      .addColumn('host', c.name)
      .addColumn('availability_zone', c.name)
      .addColumn('volume_type_id', c.uuid)
      .addColumn('snapshot_id', c.uuid)
      .addColumn('source_volume_id', c.uuid)
      .addColumn('image_id', c.uuid)
      .addColumn('image_metadata', long)
      .addColumn('bootable', c.flag, required)
      .addColumn('multiattach', c.flag, required)
      .addColumn('readonly', c.flag, required)
      .addColumn('encrypted', c.flag, required)
      .addColumn('metadata', long, required)
      .addColumn('admin_metadata', long, required)
      .addColumn('provider_location', c.text)
      .addColumn('provider_auth', c.text)
      .addColumn('migration_status', 'varchar(32)')
      .addColumn('previous_status', 'varchar(32)')
      .addColumn('group_id', c.uuid)
      .addColumn('replication_status', 'varchar(32)')
      .addColumn('fault', c.text)
      .addColumn('launched_at', c.time)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .addColumn('deleted', c.flag, required)
      .addColumn('deleted_at', c.time)
      .execute();
    await index(db, 'volumes_by_project', 'volumes', ['project_id', 'deleted', 'created_at', 'num']);
    await index(db, 'volumes_by_age', 'volumes', ['deleted', 'created_at', 'num']);
    await index(db, 'volumes_by_host', 'volumes', ['host', 'deleted']);
    await index(db, 'volumes_by_group', 'volumes', ['group_id']);
    await index(db, 'volumes_by_type', 'volumes', ['volume_type_id', 'deleted']);

    await db.schema
      .createTable('snapshots')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('volume_id', c.uuid, required)
      .addColumn('name', c.name)
      .addColumn('description', c.name)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('progress', 'varchar(8)', required)
      .addColumn('size_gb', c.integer, required)
      .addColumn('volume_type_id', c.uuid)
      .addColumn('group_snapshot_id', c.uuid)
      .addColumn('metadata', long, required)
      .addColumn('fault', c.text)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .addColumn('deleted', c.flag, required)
      .addColumn('deleted_at', c.time)
      .execute();
    await index(db, 'snapshots_by_project', 'snapshots', ['project_id', 'deleted', 'created_at', 'num']);
    await index(db, 'snapshots_by_age', 'snapshots', ['deleted', 'created_at', 'num']);
    await index(db, 'snapshots_by_volume', 'snapshots', ['volume_id', 'deleted']);
    await index(db, 'snapshots_by_group_snapshot', 'snapshots', ['group_snapshot_id']);

    await db.schema
      .createTable('attachments')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('volume_id', c.uuid, required)
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('server_id', c.uuid)
      .addColumn('attached_host', c.name)
      .addColumn('mountpoint', c.name)
      .addColumn('attach_status', 'varchar(32)', required)
      .addColumn('mode', 'varchar(8)', required)
      .addColumn('connector', c.text)
      .addColumn('connection_info', c.text)
      .addColumn('attached_at', c.time)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await index(db, 'attachments_by_volume', 'attachments', ['volume_id']);
    await index(db, 'attachments_by_server', 'attachments', ['server_id']);
    await index(db, 'attachments_by_project', 'attachments', ['project_id', 'created_at', 'num']);

    await db.schema
      .createTable('backups')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('volume_id', c.uuid, required)
      .addColumn('snapshot_id', c.uuid)
      .addColumn('parent_id', c.uuid)
      .addColumn('name', c.name)
      .addColumn('description', c.name)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('host', c.name)
      .addColumn('availability_zone', c.name)
      .addColumn('container', c.name)
      .addColumn('service', c.name)
      .addColumn('service_metadata', c.text)
      .addColumn('size_gb', c.integer, required)
      .addColumn('object_count', c.integer, withDefault(0))
      .addColumn('metadata', long, required)
      .addColumn('data_timestamp', c.time)
      .addColumn('restore_volume_id', c.uuid)
      .addColumn('fail_reason', c.text)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .addColumn('deleted', c.flag, required)
      .addColumn('deleted_at', c.time)
      .execute();
    await index(db, 'backups_by_project', 'backups', ['project_id', 'deleted', 'created_at', 'num']);
    await index(db, 'backups_by_volume', 'backups', ['volume_id', 'deleted']);
    await index(db, 'backups_by_parent', 'backups', ['parent_id', 'deleted']);

    await db.schema
      .createTable('services')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('binary', c.keystoneId, required)
      .addColumn('host', 'varchar(180)', required)
      .addColumn('topic', c.keystoneId, required)
      .addColumn('availability_zone', c.name, required)
      .addColumn('disabled', c.flag, required)
      .addColumn('disabled_reason', c.name)
      .addColumn('frozen', c.flag, required)
      .addColumn('last_seen', c.time, required)
      .addColumn('created_at', c.time, required)
      .addColumn('changed_at', c.time, required)
      .addColumn('report', c.text)
      .addUniqueConstraint('services_by_host', ['host', 'binary'])
      .execute();

    await db.schema
      .createTable('volume_types')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('name', c.name, (col) => col.notNull().unique())
      .addColumn('description', c.name)
      .addColumn('is_public', c.flag, required)
      .addColumn('extra_specs', c.text, required)
      .addColumn('qos_specs_id', c.uuid)
      .addColumn('encryption', c.text)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await db.schema
      .createTable('volume_type_access')
      .ifNotExists()
      .addColumn('volume_type_id', c.uuid, required)
      .addColumn('project_id', c.keystoneId, required)
      .addPrimaryKeyConstraint('volume_type_access_pk', ['volume_type_id', 'project_id'])
      .execute();
    await db.schema
      .createTable('default_types')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, (col) => col.primaryKey().notNull())
      .addColumn('volume_type_id', c.uuid, required)
      .addColumn('created_at', c.time, required)
      .execute();
    await db.schema
      .createTable('qos_specs')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('name', c.name, (col) => col.notNull().unique())
      .addColumn('consumer', 'varchar(16)', required)
      .addColumn('specs', c.text, required)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();

    await db.schema
      .createTable('transfers')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('volume_id', c.uuid, required)
      .addColumn('source_project_id', c.keystoneId, required)
      .addColumn('destination_project_id', c.keystoneId)
      .addColumn('name', c.name)
      .addColumn('salt', c.name, required)
      .addColumn('key_hash', c.name, required)
      .addColumn('no_snapshots', c.flag, required)
      .addColumn('accepted', c.flag, required)
      .addColumn('created_at', c.time, required)
      .execute();
    await index(db, 'transfers_by_volume', 'transfers', ['volume_id']);
    await index(db, 'transfers_by_project', 'transfers', ['source_project_id', 'created_at', 'num']);
    await db.schema
      .createTable('messages')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('request_id', c.keystoneId)
      .addColumn('resource_type', c.keystoneId)
      .addColumn('resource_id', c.uuid)
      .addColumn('action_id', 'varchar(8)', required)
      .addColumn('detail_id', 'varchar(8)', required)
      .addColumn('level', 'varchar(16)', required)
      .addColumn('created_at', c.time, required)
      .addColumn('expires_at', c.time, required)
      .execute();
    await index(db, 'messages_by_project', 'messages', ['project_id', 'created_at', 'num']);

    await db.schema
      .createTable('group_types')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('name', c.name, (col) => col.notNull().unique())
      .addColumn('description', c.name)
      .addColumn('is_public', c.flag, required)
      .addColumn('group_specs', c.text, required)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await db.schema
      .createTable('groups')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('name', c.name)
      .addColumn('description', c.name)
      .addColumn('group_type_id', c.uuid, required)
      .addColumn('volume_types', c.text, required)
      .addColumn('availability_zone', c.name)
      .addColumn('host', c.name)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('group_snapshot_id', c.uuid)
      .addColumn('source_group_id', c.uuid)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await index(db, 'groups_by_project', 'groups', ['project_id', 'created_at', 'num']);
    await db.schema
      .createTable('group_snapshots')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('id', c.uuid, (col) => col.notNull().unique())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('group_id', c.uuid, required)
      .addColumn('group_type_id', c.uuid, required)
      .addColumn('name', c.name)
      .addColumn('description', c.name)
      .addColumn('status', 'varchar(32)', required)
      .addColumn('created_at', c.time, required)
      .addColumn('updated_at', c.time)
      .execute();
    await index(db, 'group_snapshots_by_project', 'group_snapshots', ['project_id', 'created_at', 'num']);

    await db.schema
      .createTable('quota_limits')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('resource', 'varchar(180)', required)
      .addColumn('hard_limit', c.integer, required)
      .addPrimaryKeyConstraint('quota_limits_pk', ['project_id', 'resource'])
      .execute();
    await db.schema
      .createTable('quota_class_limits')
      .ifNotExists()
      .addColumn('class_name', 'varchar(180)', required)
      .addColumn('resource', 'varchar(180)', required)
      .addColumn('hard_limit', c.integer, required)
      .addPrimaryKeyConstraint('quota_class_limits_pk', ['class_name', 'resource'])
      .execute();
    await db.schema
      .createTable('quota_locks')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, (col) => col.primaryKey().notNull())
      .addColumn('touched', c.bigint, required)
      .execute();

    const seeded = db as Kysely<Record<string, Record<string, unknown>>>;
    for (const table of ['volume_types', 'group_types']) await seeded.deleteFrom(table).execute();
    await seeded
      .insertInto('volume_types')
      .values({
        id: '2bac48b0-e612-493a-8638-60c759371478',
        name: '__DEFAULT__',
        description: 'Default Volume Type',
        is_public: 1,
        extra_specs: '{}',
        created_at: now(),
      })
      .execute();
    await seeded
      .insertInto('group_types')
      .values({
        id: '227523e8-27c3-413f-ad5a-d55a118aa302',
        name: 'default_cgsnapshot_type',
        description: 'Default group type for migrating cgsnapshot',
        is_public: 1,
        group_specs: JSON.stringify({ consistent_group_snapshot_enabled: '<is> True' }),
        created_at: now(),
      })
      .execute();
  },
});

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
