import type { Db } from '../store.ts';
import { inParts } from '../list-rows.ts';

/** How many addresses of each subnet ports have. */
export async function usedAddresses(db: Db, subnetIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await inParts(subnetIds, (part) =>
    db
      .selectFrom('ipallocations')
      .select((eb) => ['subnet_id', eb.fn.countAll<number>().as('used')])
      .where('subnet_id', 'in', part)
      .groupBy('subnet_id')
      .execute(),
  );
  return new Map(rows.map((row) => [row.subnet_id, Number(row.used)]));
}
