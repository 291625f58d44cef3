import type { ColumnType, Generated, Kysely } from 'kysely';
import { autoId } from '../db/columns.ts';

/** The journal's tables; a service that runs operations has them in its own database. */
export interface OperationTables {
  operations: {
    id: string;
    kind: string;
    action: string;
    resource_id: string;
    /** The daemon that runs it, `nova-conductor@host`: only it resumes. */
    owner: string;
    request_id: string;
    project_id: string | null;
    user_id: string | null;
    /** JSON */
    input: string;
    /** JSON: results of the steps, merged */
    state: string;
    status: string;
    /** JSON of OperationFailure */
    failure: string | null;
    started_at: string;
    finished_at: string | null;
    /** How many steps it has; null before it has begun. */
    steps: ColumnType<number | null, number | null | undefined, number | null>;
    /** Order of arrival per resource. */
    sequence: Generated<number>;
  };
  operation_steps: {
    operation_id: string;
    position: number;
    name: string;
    status: string;
    started_at: string;
    finished_at: string | null;
    message: string | null;
  };
}

/** For a service's migration: makes the journal's tables. */
export async function createOperationTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('operations')
    .addColumn('sequence', 'integer', autoId)
    .addColumn('id', 'varchar(36)', (c) => c.notNull().unique())
    .addColumn('kind', 'varchar(64)', (c) => c.notNull())
    .addColumn('action', 'varchar(64)', (c) => c.notNull())
    .addColumn('resource_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('owner', 'varchar(255)', (c) => c.notNull())
    .addColumn('request_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('project_id', 'varchar(64)')
    .addColumn('user_id', 'varchar(64)')
    .addColumn('input', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('status', 'varchar(16)', (c) => c.notNull())
    .addColumn('failure', 'text')
    .addColumn('started_at', 'varchar(26)', (c) => c.notNull())
    .addColumn('finished_at', 'varchar(26)')
    .execute();
  await db.schema.createIndex('operations_by_resource').on('operations').columns(['resource_id', 'sequence']).execute();
  await db.schema.createIndex('operations_by_owner').on('operations').columns(['owner', 'status']).execute();
  await db.schema
    .createTable('operation_steps')
    .addColumn('operation_id', 'varchar(36)', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('name', 'varchar(64)', (c) => c.notNull())
    .addColumn('status', 'varchar(16)', (c) => c.notNull())
    .addColumn('started_at', 'varchar(26)', (c) => c.notNull())
    .addColumn('finished_at', 'varchar(26)')
    .addColumn('message', 'text')
    .addPrimaryKeyConstraint('operation_steps_pk', ['operation_id', 'position'])
    .execute();
}

/** MariaDB keeps what an interrupted migration has made: the second run meets it (duplicate column, duplicate key). */
const unlessThere = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (![1060, 1061].includes((error as { errno?: number }).errno ?? 0)) throw error;
  });
};

/** For a later migration: what showing the journal to its users needs. */
export async function extendOperationTables(db: Kysely<unknown>): Promise<void> {
  await unlessThere(db.schema.alterTable('operations').addColumn('steps', 'integer').execute());
  await unlessThere(
    db.schema.createIndex('operations_by_project').on('operations').columns(['project_id', 'sequence']).execute(),
  );
  await unlessThere(
    db.schema.createIndex('operations_by_end').on('operations').columns(['status', 'finished_at']).execute(),
  );
}
