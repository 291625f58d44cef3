import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import { byName } from '../api/paging-rows.ts';
import type { KeystoneTables } from '../tables.ts';
import type { Group, GroupFilter } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toGroup = (row: Selectable<KeystoneTables['group']>): Group => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id,
  description: row.description,
  extra: parseJson(row.extra),
});

/** By name. */
export async function listGroups(db: Db, filter: GroupFilter, page: ListPage = {}): Promise<Group[]> {
  let query = db.selectFrom('group').selectAll('group');
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
  if (filter.ids) query = query.where('id', 'in', filter.ids);
  if (filter.userId !== undefined) {
    const joined = db.selectFrom('user_group_membership').select('group_id').where('user_id', '=', filter.userId);
    query = query.where('id', 'in', joined);
  }
  const marker =
    page.marker === undefined
      ? undefined
      : await db.selectFrom('group').select(['id', 'name']).where('id', '=', page.marker).executeTakeFirst();
  return (await byName(query, 'group', { limit: page.limit, marker }).execute()).map(toGroup);
}

export async function findGroup(db: Db, id: string): Promise<Group | undefined> {
  const row = await db.selectFrom('group').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toGroup(row);
}

const columnsOf = (group: Group) => ({
  name: group.name,
  domain_id: group.domainId,
  description: group.description,
  extra: JSON.stringify(group.extra),
});

/** @throws a duplicate-key error */
export async function insertGroup(db: Db, group: Group): Promise<void> {
  await db
    .insertInto('group')
    .values({ id: group.id, ...columnsOf(group) })
    .execute();
}

/** @throws a duplicate-key error */
export async function updateGroup(db: Db, group: Group): Promise<void> {
  await db.updateTable('group').set(columnsOf(group)).where('id', '=', group.id).execute();
}

export async function deleteGroup(db: Db, id: string): Promise<void> {
  await db.deleteFrom('assignment').where('actor_id', '=', id).where('type', 'like', 'Group%').execute();
  await db.deleteFrom('user_group_membership').where('group_id', '=', id).execute();
  await db.deleteFrom('group').where('id', '=', id).execute();
}

export async function isMember(db: Db, groupId: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('user_group_membership')
    .select('user_id')
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Being a member already is no error. */
export async function addMember(db: Db, groupId: string, userId: string): Promise<void> {
  await db
    .insertInto('user_group_membership')
    .values({ group_id: groupId, user_id: userId })
    .onConflict((c) => c.columns(['user_id', 'group_id']).doNothing())
    .execute();
}

export async function removeMember(db: Db, groupId: string, userId: string): Promise<void> {
  await db.deleteFrom('user_group_membership').where('group_id', '=', groupId).where('user_id', '=', userId).execute();
}

/** Group → its members, for many groups at once. */
export async function membersOf(db: Db, groupIds: readonly string[]): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>();
  if (groupIds.length === 0) return members;
  const rows = await db
    .selectFrom('user_group_membership')
    .selectAll()
    .where('group_id', 'in', groupIds)
    .orderBy('user_id')
    .execute();
  for (const row of rows) members.set(row.group_id, [...(members.get(row.group_id) ?? []), row.user_id]);
  return members;
}
