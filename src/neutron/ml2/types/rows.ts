/** Segment pools in SQL: one row per id of the configured ranges. */
import type { Db } from '../../store.ts';

/** Makes the pool hold exactly `ids`; allocated ones outside stay. */
export async function synchronisePool(db: Db, pool: string, ids: ReadonlySet<number>): Promise<void> {
  const rows = await db
    .selectFrom('ml2_allocations')
    .select(['segmentation_id', 'allocated'])
    .where('pool', '=', pool)
    .execute();
  const known = new Set(rows.map((row) => row.segmentation_id));
  const stale = rows.filter((row) => !row.allocated && !ids.has(row.segmentation_id)).map((row) => row.segmentation_id);
  for (let at = 0; at < stale.length; at += 1000)
    await db
      .deleteFrom('ml2_allocations')
      .where('pool', '=', pool)
      .where('allocated', '=', 0)
      .where('segmentation_id', 'in', stale.slice(at, at + 1000))
      .execute();
  const missing = [...ids].filter((id) => !known.has(id));
  for (let at = 0; at < missing.length; at += 1000)
    await db
      .insertInto('ml2_allocations')
      .values(missing.slice(at, at + 1000).map((id) => ({ pool, segmentation_id: id, allocated: 0 })))
      // Another neutron-server may be starting too.
      .onConflict((c) => c.columns(['pool', 'segmentation_id']).doNothing())
      .execute();
}

/** Takes the lowest free id; null when there is none. */
export async function takeLowestId(db: Db, pool: string): Promise<number | null> {
  for (;;) {
    const row = await db
      .selectFrom('ml2_allocations')
      .select('segmentation_id')
      .where('pool', '=', pool)
      .where('allocated', '=', 0)
      .orderBy('segmentation_id')
      .limit(1)
      .executeTakeFirst();
    if (!row) return null;
    // Compare and swap: who loses against another request looks for the next one.
    if (await mark(db, pool, row.segmentation_id)) return row.segmentation_id;
  }
}

/** Takes this id, which may lie outside the ranges; false when it is taken already. */
export async function takeId(db: Db, pool: string, id: number): Promise<boolean> {
  if (await mark(db, pool, id)) return true;
  const row = await db
    .selectFrom('ml2_allocations')
    .select('allocated')
    .where('pool', '=', pool)
    .where('segmentation_id', '=', id)
    .executeTakeFirst();
  if (row) return false;
  await db.insertInto('ml2_allocations').values({ pool, segmentation_id: id, allocated: 1 }).execute();
  return true;
}

const mark = async (db: Db, pool: string, id: number): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('ml2_allocations')
    .set({ allocated: 1 })
    .where('pool', '=', pool)
    .where('segmentation_id', '=', id)
    .where('allocated', '=', 0)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
};

/** @param keep whether the id belongs to the ranges still */
export async function releaseId(db: Db, pool: string, id: number, keep: boolean): Promise<void> {
  if (keep)
    await db
      .updateTable('ml2_allocations')
      .set({ allocated: 0 })
      .where('pool', '=', pool)
      .where('segmentation_id', '=', id)
      .execute();
  else await db.deleteFrom('ml2_allocations').where('pool', '=', pool).where('segmentation_id', '=', id).execute();
}

/** Pools in the table whose name starts so. */
export async function poolsNamed(db: Db, prefix: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('ml2_allocations')
    .select('pool')
    .distinct()
    .where('pool', 'like', `${prefix}%`)
    .execute();
  return rows.map(({ pool }) => pool);
}

/** False when the physical network has its flat network already. */
export async function takeFlat(db: Db, physicalNetwork: string): Promise<boolean> {
  const taken = await db
    .selectFrom('ml2_flat_allocations')
    .select('physical_network')
    .where('physical_network', '=', physicalNetwork)
    .executeTakeFirst();
  if (taken) return false;
  await db.insertInto('ml2_flat_allocations').values({ physical_network: physicalNetwork }).execute();
  return true;
}

export async function releaseFlat(db: Db, physicalNetwork: string): Promise<void> {
  await db.deleteFrom('ml2_flat_allocations').where('physical_network', '=', physicalNetwork).execute();
}
