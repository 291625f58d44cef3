import type { Queryable } from '#common/db/database.ts';
import type { CinderTables } from '../tables.ts';

/** An operation that ended badly. */
export interface FailedOperation {
  readonly action: string;
  readonly resourceId: string;
  readonly message: string;
  readonly finishedAt: string;
}

/** The newest first. */
export async function failedOperations(db: Queryable<CinderTables>, limit: number): Promise<FailedOperation[]> {
  const rows = await db
    .selectFrom('operations')
    .select(['action', 'resource_id', 'failure', 'finished_at', 'started_at'])
    .where('status', '=', 'failed')
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    action: row.action,
    resourceId: row.resource_id,
    message: row.failure === null ? '' : (JSON.parse(row.failure) as { message: string }).message,
    finishedAt: row.finished_at ?? row.started_at,
  }));
}
