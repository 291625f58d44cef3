import type { Queryable } from '#common/db/database.ts';
import type { Snapshot } from '../snapshots/rows.ts';
import { snapshotOf } from '../snapshots/rows.ts';
import type { CinderTables } from '../tables.ts';
import type { Volume } from '../volumes/model.ts';
import { volumeOf } from '../volumes/rows.ts';

type Db = Queryable<CinderTables>;

/** Ids per query: databases limit how many values a statement may have. */
const CHUNK = 500;

async function inChunks<T>(ids: readonly string[], read: (chunk: readonly string[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < ids.length; at += CHUNK) found.push(...(await read(ids.slice(at, at + CHUNK))));
  return found;
}

/** Deleted ones too. */
export const volumesByIds = (db: Db, ids: readonly string[]): Promise<Volume[]> =>
  inChunks(ids, async (chunk) =>
    (await db.selectFrom('volumes').selectAll().where('id', 'in', chunk).execute()).map(volumeOf),
  );

/** Deleted ones too. */
export const snapshotsByIds = (db: Db, ids: readonly string[]): Promise<Snapshot[]> =>
  inChunks(ids, async (chunk) =>
    (await db.selectFrom('snapshots').selectAll().where('id', 'in', chunk).execute()).map(snapshotOf),
  );
