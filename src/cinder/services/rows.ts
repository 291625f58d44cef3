import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { BackendReport } from '../rpc.ts';
import type { CinderTables } from '../tables.ts';

type Db = Queryable<CinderTables>;

/** A daemon of Cinder on a host; a cinder-volume has one per back end. */
export interface Service {
  readonly num: number;
  readonly id: string;
  readonly binary: string;
  /** `stor1@lvm` */
  readonly host: string;
  readonly topic: string;
  readonly availabilityZone: string;
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  readonly frozen: boolean;
  readonly lastSeen: string;
  readonly createdAt: string;
  readonly report: BackendReport | null;
}

const serviceOf = (row: Selectable<CinderTables['services']>): Service => ({
  num: row.num,
  id: row.id,
  binary: row.binary,
  host: row.host,
  topic: row.topic,
  availabilityZone: row.availability_zone,
  disabled: row.disabled === 1,
  disabledReason: row.disabled_reason,
  frozen: row.frozen === 1,
  lastSeen: row.last_seen,
  createdAt: row.created_at,
  report: row.report === null ? null : (JSON.parse(row.report) as BackendReport),
});

export async function pingDatabase(db: Db): Promise<void> {
  await db.selectFrom('services').select('num').limit(1).execute();
}

/** Makes or refreshes a daemon's row. */
export async function seeService(
  db: Db,
  seen: {
    /** Of the row when it is new. */
    readonly id: string;
    readonly binary: string;
    readonly host: string;
    readonly topic: string;
    readonly availabilityZone: string;
    readonly report?: BackendReport;
    readonly now: string;
  },
): Promise<void> {
  const { id, binary, host, topic, availabilityZone, report, now } = seen;
  const said = {
    last_seen: now,
    changed_at: now,
    topic,
    availability_zone: availabilityZone,
    ...(report && { report: JSON.stringify(report) }),
  };
  const refresh = () =>
    db.updateTable('services').set(said).where('host', '=', host).where('binary', '=', binary).executeTakeFirst();
  if ((await refresh()).numUpdatedRows > 0n) return;
  await db
    .insertInto('services')
    .values({
      report: null,
      ...said,
      id,
      binary,
      host,
      disabled: 0,
      disabled_reason: null,
      frozen: 0,
      created_at: now,
    })
    .execute()
    .catch(async (error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      await refresh();
    });
}

export async function listServices(
  db: Db,
  filter: { readonly binary?: string | undefined; readonly host?: string | undefined } = {},
): Promise<Service[]> {
  let query = db.selectFrom('services').selectAll();
  if (filter.binary !== undefined) query = query.where('binary', '=', filter.binary);
  if (filter.host !== undefined) query = query.where('host', '=', filter.host);
  return (await query.orderBy('num').execute()).map(serviceOf);
}

export interface ServiceChange {
  readonly disabled?: boolean;
  readonly disabledReason?: string | null;
  readonly frozen?: boolean;
}

export async function changeService(db: Db, num: number, change: ServiceChange, now: string): Promise<void> {
  await db
    .updateTable('services')
    .set({
      changed_at: now,
      ...(change.disabled !== undefined && { disabled: change.disabled ? 1 : 0 }),
      ...(change.disabledReason !== undefined && { disabled_reason: change.disabledReason }),
      ...(change.frozen !== undefined && { frozen: change.frozen ? 1 : 0 }),
    })
    .where('num', '=', num)
    .execute();
}

export async function deleteService(db: Db, num: number): Promise<void> {
  await db.deleteFrom('services').where('num', '=', num).execute();
}
