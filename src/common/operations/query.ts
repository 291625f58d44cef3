import type { Queryable } from '../db/database.ts';
import { paginate } from '../db/pagination.ts';
import type { OperationFailure, OperationStatus, StepRecord } from './operation.ts';
import type { OperationTables } from './tables.ts';

type Db = Queryable<OperationTables>;

/** An operation as lists show it. */
export interface ListedOperation {
  readonly id: string;
  readonly kind: string;
  readonly action: string;
  readonly resourceId: string;
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly requestId: string;
  readonly status: OperationStatus;
  readonly failure: OperationFailure | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** How many steps it has; null before it has begun. */
  readonly total: number | null;
  /** Those that have begun, in order. */
  readonly steps: readonly StepRecord[];
}

export interface OperationFilter {
  /** Null: everybody's. */
  readonly projectId: string | null;
  readonly statuses?: readonly OperationStatus[];
  readonly resourceId?: string;
  readonly kind?: string;
  /** Begun or ended at this time or later: `YYYY-MM-DDThh:mm:ss.ffffff`. */
  readonly since?: string;
}

const columns = [
  ...(['id', 'kind', 'action', 'resource_id', 'project_id', 'user_id', 'request_id', 'status'] as const),
  ...(['failure', 'started_at', 'finished_at', 'steps', 'sequence'] as const),
];

/**
 * One page of the journal, newest first, in two queries (three with a marker).
 * @param marker the operation after which the page starts
 * @returns undefined when there is no such marker
 */
export async function listOperations(
  db: Db,
  filter: OperationFilter,
  page: { readonly marker?: string | undefined; readonly limit: number },
): Promise<ListedOperation[] | undefined> {
  const marker = page.marker === undefined ? undefined : await placeOf(db, page.marker, filter.projectId);
  if (page.marker !== undefined && !marker) return undefined;
  let query = db.selectFrom('operations').select(columns);
  const { projectId, statuses, resourceId, kind, since } = filter;
  if (projectId !== null) query = query.where('project_id', '=', projectId);
  if (statuses) query = query.where('status', 'in', statuses);
  if (resourceId !== undefined) query = query.where('resource_id', '=', resourceId);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (since !== undefined)
    query = query.where((eb) => eb.or([eb('started_at', '>=', since), eb('finished_at', '>=', since)]));
  const rows = await paginate(query, {
    sort: [{ column: 'sequence', direction: 'desc' }],
    marker,
    limit: page.limit,
  }).execute();
  return withSteps(db, rows);
}

/** @param projectId whose it must be; null: anybody's */
export async function findOperation(
  db: Db,
  id: string,
  projectId: string | null,
): Promise<ListedOperation | undefined> {
  let query = db.selectFrom('operations').select(columns).where('id', '=', id);
  if (projectId !== null) query = query.where('project_id', '=', projectId);
  return (await withSteps(db, await query.execute()))[0];
}

async function placeOf(db: Db, id: string, projectId: string | null): Promise<{ sequence: number } | undefined> {
  let query = db.selectFrom('operations').select('sequence').where('id', '=', id);
  if (projectId !== null) query = query.where('project_id', '=', projectId);
  return query.executeTakeFirst();
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly action: string;
  readonly resource_id: string;
  readonly project_id: string | null;
  readonly user_id: string | null;
  readonly request_id: string;
  readonly status: string;
  readonly failure: string | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly steps: number | null;
}

async function withSteps(db: Db, rows: readonly Row[]): Promise<ListedOperation[]> {
  if (rows.length === 0) return [];
  const found = await db
    .selectFrom('operation_steps')
    .selectAll()
    .where(
      'operation_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('position')
    .execute();
  const steps = Map.groupBy(found, (step) => step.operation_id);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    action: row.action,
    resourceId: row.resource_id,
    projectId: row.project_id,
    userId: row.user_id,
    requestId: row.request_id,
    status: row.status as OperationStatus,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as OperationFailure),
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    total: row.steps,
    steps: (steps.get(row.id) ?? []).map((step) => ({
      name: step.name,
      status: step.status as StepRecord['status'],
      startedAt: step.started_at,
      finishedAt: step.finished_at,
      message: step.message,
    })),
  }));
}
