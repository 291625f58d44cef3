import { isoMicros, type Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../telemetry/log.ts';
import type { OperationTables } from './tables.ts';

export interface PurgeDeps {
  readonly db: Database<OperationTables>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Days that finished operations are kept; 0 keeps them for ever. */
  readonly days: number;
}

/** Operations in one transaction: short enough that nobody waits for it. */
const batch = 500;
/** Batches at a time: what is left is for the next time. */
const batches = 40;

/** Removes operations that ended long ago, whoever ran them. Any number of processes may do it at once. */
export async function purgeOperations({ db, clock, log, days }: PurgeDeps): Promise<number> {
  if (days <= 0) return 0;
  const before = isoMicros(new Date(clock.now().getTime() - days * 86_400_000));
  let removed = 0;
  for (let turn = 0; turn < batches; turn++) {
    const ids = await db.query
      .selectFrom('operations')
      .select('id')
      .where('status', 'in', ['succeeded', 'failed'])
      .where('finished_at', '<', before)
      .limit(batch)
      .execute();
    if (ids.length === 0) break;
    const old = ids.map((row) => row.id);
    await db.transaction(async (trx) => {
      await trx.deleteFrom('operation_steps').where('operation_id', 'in', old).execute();
      await trx.deleteFrom('operations').where('id', 'in', old).execute();
    });
    removed += old.length;
    if (old.length < batch) break;
  }
  if (removed > 0) log.info(`${removed} operations that ended more than ${days} days ago were removed`);
  return removed;
}
