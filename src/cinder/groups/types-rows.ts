import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';

type Db = Queryable<CinderTables>;

export interface GroupType {
  readonly num: number;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly isPublic: boolean;
  readonly specs: Readonly<Record<string, string>>;
}
const groupTypeOf = (row: Selectable<CinderTables['group_types']>): GroupType => ({
  num: row.num,
  id: row.id,
  name: row.name,
  description: row.description,
  isPublic: row.is_public === 1,
  specs: JSON.parse(row.group_specs) as Record<string, string>,
});

export async function insertGroupType(db: Db, row: Insertable<CinderTables['group_types']>): Promise<void> {
  await db.insertInto('group_types').values(row).execute();
}
export async function findGroupType(db: Db, id: string): Promise<GroupType | null> {
  const row = await db.selectFrom('group_types').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? groupTypeOf(row) : null;
}
export async function findGroupTypeByName(db: Db, name: string): Promise<GroupType | null> {
  const row = await db.selectFrom('group_types').selectAll().where('name', '=', name).executeTakeFirst();
  return row ? groupTypeOf(row) : null;
}
export async function updateGroupType(
  db: Db,
  id: string,
  change: Updateable<CinderTables['group_types']>,
): Promise<void> {
  await db.updateTable('group_types').set(change).where('id', '=', id).execute();
}
export async function deleteGroupType(db: Db, id: string): Promise<void> {
  await db.deleteFrom('group_types').where('id', '=', id).execute();
}
export async function isGroupTypeInUse(db: Db, id: string): Promise<boolean> {
  const row = await db.selectFrom('groups').select('num').where('group_type_id', '=', id).limit(1).executeTakeFirst();
  return row !== undefined;
}
export async function listGroupTypes(db: Db, isPublic: boolean | null, page: RowPage): Promise<GroupType[]> {
  let query = db.selectFrom('group_types').selectAll();
  if (isPublic !== null) query = query.where('is_public', '=', isPublic ? 1 : 0);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(groupTypeOf);
}
export async function findGroupTypeMarker(db: Db, id: string): Promise<Record<string, unknown> | null> {
  return (await db.selectFrom('group_types').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}
