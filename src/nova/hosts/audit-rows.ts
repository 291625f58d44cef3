import { isDuplicateKey } from '#common/db/errors.ts';
import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** One host's audit of a period. */
export interface Audit {
  readonly host: string;
  readonly state: 'RUNNING' | 'DONE';
  readonly message: string;
  readonly instances: number;
  readonly errors: number;
}
interface Span {
  /** `YYYY-MM-DDThh:mm:ss.ffffff` */
  readonly begin: string;
  readonly end: string;
}

export async function listAudits(db: Db, { begin, end }: Span): Promise<Audit[]> {
  const rows = await db
    .selectFrom('task_log')
    .selectAll()
    .where('period_beginning', '=', begin)
    .where('period_ending', '=', end)
    .orderBy('host')
    .execute();
  return rows.map((row) => ({
    host: row.host,
    state: row.state as Audit['state'],
    message: row.message,
    instances: row.task_items,
    errors: row.errors,
  }));
}

/** Claims a host's audit. @returns false when somebody has it, or it is done */
export async function beginAudit(db: Db, host: string, { begin, end }: Span, instances: number): Promise<boolean> {
  try {
    await db
      .insertInto('task_log')
      .values({
        host,
        period_beginning: begin,
        period_ending: end,
        state: 'RUNNING',
        message: 'Instance usage audit is running',
        task_items: instances,
        errors: 0,
      })
      .execute();
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export async function endAudit(
  db: Db,
  host: string,
  { begin, end }: Span,
  audit: Omit<Audit, 'host' | 'state'>,
): Promise<void> {
  await db
    .updateTable('task_log')
    .set({ state: 'DONE', message: audit.message, task_items: audit.instances, errors: audit.errors })
    .where('host', '=', host)
    .where('period_beginning', '=', begin)
    .where('period_ending', '=', end)
    .execute();
}
