import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from './tables.ts';

type Db = Queryable<KeystoneTables>;

/** The number of the last change. */
export async function currentGeneration(db: Db): Promise<number> {
  const row = await db.selectFrom('identity_generation').select('value').where('id', '=', 1).executeTakeFirstOrThrow();
  return row.value;
}

/** Counts this transaction's change; answers its number. */
export async function nextGeneration(db: Db): Promise<number> {
  await db
    .updateTable('identity_generation')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('id', '=', 1)
    .execute();
  return currentGeneration(db);
}
