/**
 * Addresses in SQL. The free addresses of a subnet are kept as disjoint ranges (a table of Icehouse's too), so that the lowest
 * free one is the first row of an index, however large the subnet and however many ports.
 *
 * All functions here run in a transaction that holds the subnets' rows (`lockSubnets`): ranges are never changed by two at
 * once. The primary key of `ipallocations` guards against a mistake in that.
 */
import type { Db } from '../store.ts';
import type { AllocationRow, SubnetRow } from '../tables.ts';
import { ipKey, keyValue, type IpVersion, type Range } from './address.ts';

/** The subnets of a network in order of creation, held until the transaction ends. */
export async function lockSubnets(db: Db, networkId: string): Promise<readonly SubnetRow[]> {
  const rows = await db
    .selectFrom('subnets')
    .selectAll()
    .where('network_id', '=', networkId)
    .orderBy('id') // one order of locking for all: no deadlocks
    .forUpdate()
    .execute();
  return rows.sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0));
}

/** Takes the lowest free address; null when none is left. */
export async function takeLowest(db: Db, subnetId: string): Promise<string | null> {
  const range = await db
    .selectFrom('ipavailabilityranges')
    .select(['first_ip', 'last_ip'])
    .where('subnet_id', '=', subnetId)
    .orderBy('first_ip')
    .limit(1)
    .executeTakeFirst();
  if (!range) return null;
  if (range.first_ip === range.last_ip) await dropRange(db, subnetId, range.first_ip);
  else
    await db
      .updateTable('ipavailabilityranges')
      .set({ first_ip: shifted(range.first_ip, 1n) })
      .where('subnet_id', '=', subnetId)
      .where('first_ip', '=', range.first_ip)
      .execute();
  return range.first_ip;
}

/** Takes this address out of the free ones, if it is among them. */
export async function takeAddress(db: Db, subnetId: string, key: string): Promise<void> {
  const range = await db
    .selectFrom('ipavailabilityranges')
    .select(['first_ip', 'last_ip'])
    .where('subnet_id', '=', subnetId)
    .where('first_ip', '<=', key)
    .orderBy('first_ip', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!range || range.last_ip < key) return;
  await dropRange(db, subnetId, range.first_ip);
  await insertRanges(db, subnetId, [
    ...(range.first_ip < key ? [{ first_ip: range.first_ip, last_ip: shifted(key, -1n) }] : []),
    ...(key < range.last_ip ? [{ first_ip: shifted(key, 1n), last_ip: range.last_ip }] : []),
  ]);
}

/** Gives an address back to its pool (one outside of every pool just becomes unused), joined with its free neighbours. */
export async function giveBack(db: Db, subnetId: string, key: string): Promise<void> {
  const pool = await db
    .selectFrom('ipallocationpools')
    .select('id')
    .where('subnet_id', '=', subnetId)
    .where('first_ip', '<=', key)
    .where('last_ip', '>=', key)
    .executeTakeFirst();
  if (!pool) return;
  const neighbours = await db
    .selectFrom('ipavailabilityranges')
    .select(['first_ip', 'last_ip'])
    .where('subnet_id', '=', subnetId)
    .where((on) => on.or([on('first_ip', '=', shifted(key, 1n)), on('last_ip', '=', shifted(key, -1n))]))
    .execute();
  for (const { first_ip } of neighbours) await dropRange(db, subnetId, first_ip);
  await insertRanges(db, subnetId, [
    {
      first_ip: neighbours.find((range) => range.first_ip < key)?.first_ip ?? key,
      last_ip: neighbours.find((range) => range.last_ip > key)?.last_ip ?? key,
    },
  ]);
}

/** Sets the pools of a subnet; what is free is made anew from them and the allocations. */
export async function setPools(db: Db, subnetId: string, version: IpVersion, pools: readonly Range[]): Promise<void> {
  await db.deleteFrom('ipallocationpools').where('subnet_id', '=', subnetId).execute();
  await db.deleteFrom('ipavailabilityranges').where('subnet_id', '=', subnetId).execute();
  const rows = pools.map(({ first, last }) => ({
    subnet_id: subnetId,
    first_ip: ipKey(version, first),
    last_ip: ipKey(version, last),
  }));
  if (rows.length > 0) await db.insertInto('ipallocationpools').values(rows).execute();
  const used = await db
    .selectFrom('ipallocations')
    .select('ip_address')
    .where('subnet_id', '=', subnetId)
    .orderBy('ip_address')
    .execute();
  const taken = used.map(({ ip_address }) => keyValue(ip_address));
  const free = pools.flatMap((pool) => without(pool, taken));
  await insertRanges(
    db,
    subnetId,
    free.map(({ first, last }) => ({ first_ip: ipKey(version, first), last_ip: ipKey(version, last) })),
  );
}

/** The parts of a range between the taken values, which are in order. */
export function without(range: Range, taken: readonly bigint[]): readonly Range[] {
  const parts: Range[] = [];
  let { first } = range;
  for (const value of taken) {
    if (value < first || value > range.last) continue;
    if (first < value) parts.push({ first, last: value - 1n });
    first = value + 1n;
  }
  if (first <= range.last) parts.push({ first, last: range.last });
  return parts;
}

export interface PoolRow {
  readonly subnet_id: string;
  readonly first_ip: string;
  readonly last_ip: string;
}

export const poolsOf = (db: Db, subnetIds: readonly string[]): Promise<PoolRow[]> =>
  db
    .selectFrom('ipallocationpools')
    .select(['subnet_id', 'first_ip', 'last_ip'])
    .where('subnet_id', 'in', subnetIds)
    .orderBy('first_ip')
    .execute();

export const findAllocation = (
  db: Db,
  subnetId: string,
  key: string,
): Promise<{ readonly port_id: string } | undefined> =>
  db
    .selectFrom('ipallocations')
    .select('port_id')
    .where('subnet_id', '=', subnetId)
    .where('ip_address', '=', key)
    .executeTakeFirst();

export async function insertAllocations(db: Db, rows: readonly AllocationRow[]): Promise<void> {
  if (rows.length > 0) await db.insertInto('ipallocations').values(rows).execute();
}

export async function deleteAllocation(db: Db, subnetId: string, key: string): Promise<void> {
  await db.deleteFrom('ipallocations').where('subnet_id', '=', subnetId).where('ip_address', '=', key).execute();
}

const shifted = (key: string, by: bigint): string => (keyValue(key) + by).toString(16).padStart(key.length, '0');

async function dropRange(db: Db, subnetId: string, first: string): Promise<void> {
  await db.deleteFrom('ipavailabilityranges').where('subnet_id', '=', subnetId).where('first_ip', '=', first).execute();
}

async function insertRanges(
  db: Db,
  subnetId: string,
  ranges: readonly { readonly first_ip: string; readonly last_ip: string }[],
): Promise<void> {
  if (ranges.length === 0) return;
  await db
    .insertInto('ipavailabilityranges')
    .values(ranges.map((range) => ({ subnet_id: subnetId, ...range })))
    .execute();
}
