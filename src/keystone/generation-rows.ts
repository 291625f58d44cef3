import { sql } from 'kysely';
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

/** How many migrations the database has had; 0 for an empty one. */
export async function databaseVersion(db: Db): Promise<number> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'igloo_migration')) return 0;
  const { rows } = await sql<{ n: number | string }>`select count(*) as n from igloo_migration`.execute(db);
  return Number(rows[0]?.n ?? 0);
}
