import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export type GroupPolicy = 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';

/** Servers that must (or must not) share a host. */
export interface ServerGroup {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly name: string;
  readonly policy: GroupPolicy;
  readonly rules: Readonly<Record<string, number>>;
}

const groupOf = (row: Selectable<NovaTables['server_groups']>): ServerGroup => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  userId: row.user_id,
  name: row.name,
  policy: row.policy as GroupPolicy,
  rules: JSON.parse(row.rules) as Record<string, number>,
});

export async function insertGroup(db: Db, group: Omit<ServerGroup, 'num'>): Promise<void> {
  await db
    .insertInto('server_groups')
    .values({
      id: group.id,
      project_id: group.projectId,
      user_id: group.userId,
      name: group.name,
      policy: group.policy,
      rules: JSON.stringify(group.rules),
      touched: 0,
    })
    .execute();
}

export async function findGroup(db: Db, id: string): Promise<ServerGroup | null> {
  const row = await db.selectFrom('server_groups').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? groupOf(row) : null;
}

/** @param projectId null lists those of all projects */
export async function listGroups(db: Db, projectId: string | null): Promise<ServerGroup[]> {
  let query = db.selectFrom('server_groups').selectAll();
  if (projectId !== null) query = query.where('project_id', '=', projectId);
  return (await query.orderBy('num').execute()).map(groupOf);
}

/** A project's; with a user, only those that he made. */
export async function countGroups(db: Db, projectId: string, userId?: string): Promise<number> {
  let query = db
    .selectFrom('server_groups')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  const row = await query.executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function deleteGroup(trx: Db, id: string): Promise<void> {
  await trx.deleteFrom('server_group_members').where('group_id', '=', id).execute();
  await trx.deleteFrom('server_groups').where('id', '=', id).execute();
}

export async function addMember(db: Db, groupId: string, serverId: string): Promise<void> {
  await db.insertInto('server_group_members').values({ group_id: groupId, server_id: serverId }).execute();
}

export async function countMembers(db: Db, groupId: string): Promise<number> {
  const row = await db
    .selectFrom('server_group_members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('group_id', '=', groupId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** A server that is gone is in no group. */
export async function leaveGroups(db: Db, serverId: string): Promise<void> {
  await db.deleteFrom('server_group_members').where('server_id', '=', serverId).execute();
}

/** Members by group. */
export async function membersOf(db: Db, groupIds: readonly string[]): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>(groupIds.map((id) => [id, []]));
  if (groupIds.length === 0) return members;
  const rows = await db.selectFrom('server_group_members').selectAll().where('group_id', 'in', groupIds).execute();
  for (const row of rows) members.get(row.group_id)?.push(row.server_id);
  return members;
}

export async function groupsOfServer(db: Db, serverId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('server_group_members')
    .select('group_id')
    .where('server_id', '=', serverId)
    .execute();
  return rows.map((row) => row.group_id);
}

/** Members of a group with the hosts that they have claimed; holds the group until the transaction ends. */
export async function lockGroupHosts(trx: Db, groupId: string): Promise<{ serverId: string; host: string }[]> {
  await trx
    .updateTable('server_groups')
    .set((eb) => ({ touched: eb('touched', '+', 1) }))
    .where('id', '=', groupId)
    .execute();
  return groupHosts(trx, groupId);
}

export async function groupHosts(db: Db, groupId: string): Promise<{ serverId: string; host: string }[]> {
  return db
    .selectFrom('server_group_members')
    .innerJoin('allocations', 'allocations.server_id', 'server_group_members.server_id')
    .select(['allocations.server_id as serverId', 'allocations.host as host'])
    .where('server_group_members.group_id', '=', groupId)
    .execute();
}
