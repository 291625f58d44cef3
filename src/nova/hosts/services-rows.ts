import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** A daemon of Nova on a host. */
export interface Service {
  readonly num: number;
  readonly id: string;
  readonly binary: string;
  readonly host: string;
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  readonly forcedDown: boolean;
  readonly lastSeen: string;
  readonly changedAt: string;
}

const serviceOf = (row: Selectable<NovaTables['services']>): Service => ({
  num: row.num,
  id: row.id,
  binary: row.binary,
  host: row.host,
  disabled: row.disabled === 1,
  disabledReason: row.disabled_reason,
  forcedDown: row.forced_down === 1,
  lastSeen: row.last_seen,
  changedAt: row.changed_at,
});

/** Makes or refreshes a daemon's row. */
export async function seeService(
  db: Db,
  report: {
    readonly id: string;
    readonly binary: string;
    readonly host: string;
    readonly topic: string;
    readonly now: string;
  },
): Promise<void> {
  const { id, binary, host, topic, now } = report;
  const refresh = () =>
    db
      .updateTable('services')
      .set({ last_seen: now, changed_at: now, topic })
      .where('host', '=', host)
      .where('binary', '=', binary)
      .executeTakeFirst();
  if ((await refresh()).numUpdatedRows > 0n) return;
  await db
    .insertInto('services')
    .values({
      id,
      binary,
      host,
      topic,
      disabled: 0,
      disabled_reason: null,
      forced_down: 0,
      last_seen: now,
      created_at: now,
      changed_at: now,
    })
    .execute()
    .catch(async (error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      await refresh();
    });
}

export async function listServices(
  db: Db,
  filter: {
    readonly binary?: string | undefined;
    readonly host?: string | undefined;
    /** Rows that changed at or after this time. */
    readonly changedSince?: string;
  } = {},
): Promise<Service[]> {
  let query = db.selectFrom('services').selectAll();
  if (filter.binary !== undefined) query = query.where('binary', '=', filter.binary);
  if (filter.host !== undefined) query = query.where('host', '=', filter.host);
  if (filter.changedSince !== undefined) query = query.where('changed_at', '>=', filter.changedSince);
  return (await query.orderBy('num').execute()).map(serviceOf);
}

export async function findService(db: Db, id: string): Promise<Service | null> {
  const query = db.selectFrom('services').selectAll();
  const row = await (
    /^\d+$/.test(id) ? query.where('num', '=', Number(id)) : query.where('id', '=', id)
  ).executeTakeFirst();
  return row ? serviceOf(row) : null;
}

export interface ServiceChange {
  readonly disabled?: boolean;
  readonly disabledReason?: string | null;
  readonly forcedDown?: boolean;
}

export async function changeService(db: Db, num: number, change: ServiceChange, now: string): Promise<void> {
  await db
    .updateTable('services')
    .set({
      changed_at: now,
      ...(change.disabled !== undefined && { disabled: change.disabled ? 1 : 0 }),
      ...(change.disabledReason !== undefined && { disabled_reason: change.disabledReason }),
      ...(change.forcedDown !== undefined && { forced_down: change.forcedDown ? 1 : 0 }),
    })
    .where('num', '=', num)
    .execute();
}

/** With a compute host's row goes what it reported; servers that are still on it forbid it. */
export async function deleteService(trx: Db, service: Service): Promise<void> {
  await trx.deleteFrom('services').where('num', '=', service.num).execute();
  if (service.binary === 'nova-compute')
    await trx.deleteFrom('compute_nodes').where('host', '=', service.host).execute();
}
