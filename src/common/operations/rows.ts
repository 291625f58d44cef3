import type { Queryable } from '../db/database.ts';
import type { OperationFailure, OperationRecord, OperationStatus, StartOperation, StepRecord } from './operation.ts';
import type { OperationTables } from './tables.ts';

type Db = Queryable<OperationTables>;

/** A journalled operation as the runner resumes it. */
export interface StoredOperation {
  readonly id: string;
  readonly kind: string;
  readonly resourceId: string;
  readonly requestId: string;
  readonly input: unknown;
  readonly state: Record<string, unknown>;
  readonly status: OperationStatus;
  readonly failure: OperationFailure | null;
  readonly sequence: number;
}

export async function insertOperation(
  db: Db,
  row: StartOperation<unknown> & { id: string; kind: string; action: string; owner: string; now: string },
): Promise<void> {
  await db
    .insertInto('operations')
    .values({
      id: row.id,
      kind: row.kind,
      action: row.action,
      resource_id: row.resourceId,
      owner: row.owner,
      request_id: row.requestId,
      project_id: row.projectId,
      user_id: row.userId,
      input: JSON.stringify(row.input),
      state: '{}',
      status: 'pending',
      failure: null,
      started_at: row.now,
      finished_at: null,
    })
    .execute();
}

/** Unfinished operations of an owner, oldest first. */
export async function unfinishedOperations(db: Db, owner: string): Promise<StoredOperation[]> {
  const rows = await db
    .selectFrom('operations')
    .selectAll()
    .where('owner', '=', owner)
    .where('status', 'in', ['pending', 'running', 'undoing'])
    .orderBy('sequence')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    resourceId: row.resource_id,
    requestId: row.request_id,
    input: JSON.parse(row.input) as unknown,
    state: JSON.parse(row.state) as Record<string, unknown>,
    status: row.status as OperationStatus,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as OperationFailure),
    sequence: row.sequence,
  }));
}

/** Journals that an operation of so many steps begins. */
export async function beginOperation(db: Db, id: string, steps: number): Promise<void> {
  await db.updateTable('operations').set({ status: 'running', steps }).where('id', '=', id).execute();
}

export async function setOperationStatus(
  db: Db,
  id: string,
  status: OperationStatus,
  failure: OperationFailure | null,
  finishedAt: string | null,
): Promise<void> {
  await db
    .updateTable('operations')
    .set({ status, failure: failure && JSON.stringify(failure), finished_at: finishedAt })
    .where('id', '=', id)
    .execute();
}

export async function stepRows(db: Db, id: string): Promise<{ position: number; status: string }[]> {
  return db
    .selectFrom('operation_steps')
    .select(['position', 'status'])
    .where('operation_id', '=', id)
    .orderBy('position')
    .execute();
}

/** Journals that a step begins; a second beginning (after a crash) keeps the first time. */
export async function beginStep(db: Db, id: string, position: number, name: string, now: string): Promise<void> {
  const known = await db
    .updateTable('operation_steps')
    .set({ status: 'running', finished_at: null, message: null })
    .where('operation_id', '=', id)
    .where('position', '=', position)
    .executeTakeFirst();
  if (known.numUpdatedRows > 0n) return;
  await db
    .insertInto('operation_steps')
    .values({ operation_id: id, position, name, status: 'running', started_at: now, finished_at: null, message: null })
    .execute();
}

export async function endStep(
  db: Db,
  id: string,
  position: number,
  status: StepRecord['status'],
  now: string,
  message: string | null,
): Promise<void> {
  await db
    .updateTable('operation_steps')
    .set({ status, finished_at: now, ...(message !== null && { message }) })
    .where('operation_id', '=', id)
    .where('position', '=', position)
    .execute();
}

export async function saveState(db: Db, id: string, state: Record<string, unknown>): Promise<void> {
  await db
    .updateTable('operations')
    .set({ state: JSON.stringify(state) })
    .where('id', '=', id)
    .execute();
}

/** A resource's operations, newest first, with their steps: two queries. */
export async function operationsOf(db: Db, resourceId: string): Promise<OperationRecord[]> {
  const rows = await db
    .selectFrom('operations')
    .selectAll()
    .where('resource_id', '=', resourceId)
    .orderBy('sequence', 'desc')
    .execute();
  if (rows.length === 0) return [];
  const steps = await db
    .selectFrom('operation_steps')
    .selectAll()
    .where(
      'operation_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('position')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    action: row.action,
    resourceId: row.resource_id,
    requestId: row.request_id,
    projectId: row.project_id,
    userId: row.user_id,
    status: row.status as OperationStatus,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as OperationFailure),
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    steps: steps
      .filter((step) => step.operation_id === row.id)
      .map((step) => ({
        name: step.name,
        status: step.status as StepRecord['status'],
        startedAt: step.started_at,
        finishedAt: step.finished_at,
        message: step.message,
      })),
  }));
}
