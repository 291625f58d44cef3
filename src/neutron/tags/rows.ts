import type { Db } from '../store.ts';

/** Tables whose rows can be tagged, by the collection's path. */
export const taggedTables = {
  networks: 'networks',
  subnets: 'subnets',
  subnetpools: 'subnetpools',
  ports: 'ports',
  routers: 'routers',
  floatingips: 'floatingips',
  'security-groups': 'securitygroups',
} as const;
export type Tagged = keyof typeof taggedTables;

/** The row's tags, held until the transaction ends. */
export async function lockTags(db: Db, kind: Tagged, id: string): Promise<readonly string[] | null> {
  const row = await db
    .selectFrom(taggedTables[kind])
    .select('tags')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? (JSON.parse(row.tags) as string[]) : null;
}

export async function storeTags(db: Db, kind: Tagged, id: string, tags: readonly string[], now: string): Promise<void> {
  await db
    .updateTable(taggedTables[kind])
    .set((eb) => ({
      tags: JSON.stringify([...new Set(tags)].sort()),
      updated_at: now,
      revision_number: eb('revision_number', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
}
