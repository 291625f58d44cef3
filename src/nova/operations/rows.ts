import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;
const unfinished = ['pending', 'running', 'undoing'];

export interface OpenOperation {
  readonly id: string;
  readonly kind: string;
  readonly owner: string;
}

/** What is still to be done for a server, oldest first. */
export async function openOperations(db: Db, serverId: string): Promise<OpenOperation[]> {
  return db
    .selectFrom('operations')
    .select(['id', 'kind', 'owner'])
    .where('resource_id', '=', serverId)
    .where('status', 'in', unfinished)
    .orderBy('sequence')
    .execute();
}

export interface OperationOutcome {
  readonly status: string;
  readonly failure: { readonly code: number; readonly message: string } | null;
  readonly state: Readonly<Record<string, unknown>>;
}

export async function outcomeOf(db: Db, id: string): Promise<OperationOutcome | null> {
  const row = await db
    .selectFrom('operations')
    .select(['status', 'failure', 'state'])
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    (row && {
      status: row.status,
      failure: row.failure === null ? null : (JSON.parse(row.failure) as OperationOutcome['failure']),
      state: JSON.parse(row.state) as Record<string, unknown>,
    }) ??
    null
  );
}

/** Ends an operation that nobody has begun with. Says whether it was so. */
export async function failPending(db: Db, id: string, message: string, now: string): Promise<boolean> {
  const failure = { step: '', code: 500, message };
  const { numUpdatedRows } = await db
    .updateTable('operations')
    .set({ status: 'failed', failure: JSON.stringify(failure), finished_at: now })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Owners with unfinished work. */
export async function ownersOfOpenOperations(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('operations').select('owner').distinct().where('status', 'in', unfinished).execute();
  return rows.map((row) => row.owner);
}

/** Work of a conductor that is gone for good becomes another's. */
export async function adopt(db: Db, from: string, to: string): Promise<void> {
  await db
    .updateTable('operations')
    .set({ owner: to })
    .where('owner', '=', from)
    .where('status', 'in', unfinished)
    .execute();
}
