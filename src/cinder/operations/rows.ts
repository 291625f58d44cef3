import type { Queryable } from '#common/db/database.ts';
import type { CinderTables } from '../tables.ts';

type Db = Queryable<CinderTables>;

const OPEN = ['pending', 'running', 'undoing'];

/** Those among the resources that something is being done to, or waits to be. */
export async function busyResources(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('operations')
    .select('resource_id')
    .distinct()
    .where('resource_id', 'in', ids)
    .where('status', 'in', OPEN)
    .execute();
  return new Set(rows.map((row) => row.resource_id));
}

/** Who has unfinished operations. */
export async function ownersOfOpenOperations(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('operations').select('owner').distinct().where('status', 'in', OPEN).execute();
  return rows.map((row) => row.owner);
}

/** Gives an owner's unfinished operations to another one. */
export async function adopt(db: Db, from: string, to: string): Promise<void> {
  await db.updateTable('operations').set({ owner: to }).where('owner', '=', from).where('status', 'in', OPEN).execute();
}

/** Names of volumes and backups, deleted ones too, by id. */
export async function namesOf(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const [volumes, backups] = await Promise.all(
    (['volumes', 'backups'] as const).map((table) =>
      db.selectFrom(table).select(['id', 'name']).where('id', 'in', ids).execute(),
    ),
  );
  return new Map(
    [...(volumes ?? []), ...(backups ?? [])].flatMap(({ id, name }) => (name ? [[id, name] as const] : [])),
  );
}
