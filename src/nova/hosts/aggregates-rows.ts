import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** Hosts that belong together; `availability_zone` in its metadata makes a zone of them. */
export interface Aggregate {
  readonly num: number;
  readonly id: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

export async function aggregatesVersion(db: Db): Promise<number> {
  const row = await db
    .selectFrom('cache_versions')
    .select('version')
    .where('name', '=', 'aggregates')
    .executeTakeFirst();
  return Number(row?.version ?? 0);
}

async function bump(trx: Db): Promise<void> {
  await trx
    .updateTable('cache_versions')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('name', '=', 'aggregates')
    .execute();
}

export async function listAggregates(db: Db): Promise<Aggregate[]> {
  const rows = await db.selectFrom('aggregates').selectAll().orderBy('num').execute();
  const hosts = Map.groupBy(
    await db.selectFrom('aggregate_hosts').selectAll().orderBy('host').execute(),
    (row) => row.aggregate_num,
  );
  return rows.map((row) => ({
    num: row.num,
    id: row.id,
    name: row.name,
    hosts: (hosts.get(row.num) ?? []).map((entry) => entry.host),
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

/** @throws a duplicate-key error for a name that is taken */
export async function insertAggregate(
  trx: Db,
  aggregate: {
    readonly id: string;
    readonly name: string;
    readonly metadata: Record<string, string>;
    readonly now: string;
  },
): Promise<void> {
  const { id, name, metadata, now } = aggregate;
  await trx
    .insertInto('aggregates')
    .values({ id, name, metadata: JSON.stringify(metadata), created_at: now, updated_at: null })
    .execute();
  await bump(trx);
}

export async function updateAggregate(
  trx: Db,
  num: number,
  change: { readonly name?: string; readonly metadata?: Readonly<Record<string, string>>; readonly now: string },
): Promise<void> {
  await trx
    .updateTable('aggregates')
    .set({
      updated_at: change.now,
      ...(change.name !== undefined && { name: change.name }),
      ...(change.metadata && { metadata: JSON.stringify(change.metadata) }),
    })
    .where('num', '=', num)
    .execute();
  await bump(trx);
}

export async function deleteAggregate(trx: Db, num: number): Promise<void> {
  await trx.deleteFrom('aggregates').where('num', '=', num).execute();
  await bump(trx);
}

/** @throws a duplicate-key error when the host is in it already */
export async function addHost(trx: Db, num: number, host: string): Promise<void> {
  await trx.insertInto('aggregate_hosts').values({ aggregate_num: num, host }).execute();
  await bump(trx);
}

export async function removeHost(trx: Db, num: number, host: string): Promise<void> {
  await trx.deleteFrom('aggregate_hosts').where('aggregate_num', '=', num).where('host', '=', host).execute();
  await bump(trx);
}
