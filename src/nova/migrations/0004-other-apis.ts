import { sql, type Kysely } from 'kysely';
import { autoId, columns as c, required, withDefault } from '#common/db/columns.ts';
import type { Dialect, Migration } from '#common/db/database.ts';

/** Limits of single users, agent builds, certificates, usage audits, numbers of the EC2 API, and archived servers. */
export const otherApis = (dialect: Dialect): Migration => ({
  async up(db: Kysely<unknown>) {
    const long = dialect === 'mysql' ? sql`mediumtext` : sql`text`;
    await db.schema
      .createTable('user_quota_limits')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('resource', 'varchar(64)', required)
      .addColumn('hard_limit', c.integer, required)
      .addPrimaryKeyConstraint('user_quota_limits_pk', ['project_id', 'user_id', 'resource'])
      .execute();
    await db.schema
      .createTable('agent_builds')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('hypervisor', 'varchar(64)', required)
      .addColumn('os', 'varchar(64)', required)
      .addColumn('architecture', 'varchar(64)', required)
      .addColumn('version', c.name, required)
      .addColumn('url', c.name, required)
      .addColumn('md5hash', c.name, required)
      .addColumn('created_at', c.time, required)
      .addUniqueConstraint('agent_builds_unique', ['hypervisor', 'os', 'architecture'])
      .execute();
    await db.schema
      .createTable('certificates')
      .ifNotExists()
      .addColumn('num', c.integer, autoId)
      .addColumn('authority', c.keystoneId, required)
      .addColumn('serial', 'varchar(64)', required)
      .addColumn('user_id', c.keystoneId, required)
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('subject', c.name, required)
      .addColumn('created_at', c.time, required)
      .addColumn('revoked_at', c.time)
      .addUniqueConstraint('certificates_unique', ['authority', 'serial'])
      .execute();
    await db.schema
      .createTable('task_log')
      .ifNotExists()
      .addColumn('host', c.name, required)
      .addColumn('period_beginning', c.time, required)
      .addColumn('period_ending', c.time, required)
      .addColumn('state', 'varchar(16)', required)
      .addColumn('message', c.text, required)
      .addColumn('task_items', c.integer, withDefault(0))
      .addColumn('errors', c.integer, withDefault(0))
      .addPrimaryKeyConstraint('task_log_pk', ['host', 'period_beginning', 'period_ending'])
      .execute();
    await db.schema
      .createTable('ec2_ids')
      .ifNotExists()
      .addColumn('kind', 'varchar(8)', required)
      .addColumn('num', c.bigint, required)
      .addColumn('id', c.uuid, required)
      .addPrimaryKeyConstraint('ec2_ids_pk', ['kind', 'num'])
      .addUniqueConstraint('ec2_ids_unique', ['kind', 'id'])
      .execute();
    await db.schema
      .createTable('ec2_client_tokens')
      .ifNotExists()
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('token', 'varchar(64)', required)
      .addColumn('reservation_id', 'varchar(32)', required)
      .addColumn('created_at', c.time, required)
      .addPrimaryKeyConstraint('ec2_client_tokens_pk', ['project_id', 'token'])
      .execute();
    await db.schema
      .createTable('shadow_instances')
      .ifNotExists()
      .addColumn('id', c.uuid, (col) => col.primaryKey())
      .addColumn('project_id', c.keystoneId, required)
      .addColumn('deleted_at', c.time)
      .addColumn('record', long, required)
      .execute();
  },
});
