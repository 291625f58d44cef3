import type { Insertable, Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';

type Db = Queryable<CinderTables>;

/** A volume that waits to be taken by another project. */
export interface Transfer {
  readonly num: number;
  readonly id: string;
  readonly volumeId: string;
  /** Who gives. */
  readonly projectId: string;
  readonly destinationProjectId: string | null;
  readonly name: string | null;
  readonly salt: string;
  readonly keyHash: string;
  readonly noSnapshots: boolean;
  readonly accepted: boolean;
  readonly createdAt: string;
}

const transferOf = (row: Selectable<CinderTables['transfers']>): Transfer => ({
  num: row.num,
  id: row.id,
  volumeId: row.volume_id,
  projectId: row.source_project_id,
  destinationProjectId: row.destination_project_id,
  name: row.name,
  salt: row.salt,
  keyHash: row.key_hash,
  noSnapshots: row.no_snapshots === 1,
  accepted: row.accepted === 1,
  createdAt: row.created_at,
});

export async function insertTransfer(db: Db, row: Insertable<CinderTables['transfers']>): Promise<void> {
  await db.insertInto('transfers').values(row).execute();
}

export async function findTransfer(db: Db, id: string): Promise<Transfer | null> {
  const row = await db.selectFrom('transfers').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? transferOf(row) : null;
}

/** @returns whether it was there: of two who accept, one gets it */
export async function deleteTransfer(db: Db, id: string): Promise<boolean> {
  return (await db.deleteFrom('transfers').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export async function listTransfers(
  db: Db,
  filter: { readonly projectId?: string; readonly equal: Readonly<Record<string, string>> },
  page: RowPage,
): Promise<Transfer[]> {
  let query = db.selectFrom('transfers').selectAll();
  if (filter.projectId !== undefined) query = query.where('source_project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal)) query = query.where(column as 'name', '=', value);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(transferOf);
}

export async function findTransferMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('transfers').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('source_project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}

/** A volume changes hands, with its snapshots or without. */
export async function giveVolume(
  trx: Db,
  volumeId: string,
  to: { readonly projectId: string; readonly userId: string; readonly snapshots: boolean; readonly now: string },
): Promise<void> {
  await trx
    .updateTable('volumes')
    .set({ project_id: to.projectId, user_id: to.userId, status: 'available', updated_at: to.now })
    .where('id', '=', volumeId)
    .execute();
  if (to.snapshots)
    await trx
      .updateTable('snapshots')
      .set({ project_id: to.projectId, user_id: to.userId, updated_at: to.now })
      .where('volume_id', '=', volumeId)
      .where('deleted', '=', 0)
      .execute();
}
