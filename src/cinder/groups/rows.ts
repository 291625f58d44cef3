import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables, GroupTable } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';

type Db = Queryable<CinderTables>;

/** Volumes that are snapshotted together. */
export interface Group {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly groupTypeId: string;
  /** Ids */
  readonly volumeTypes: readonly string[];
  readonly availabilityZone: string | null;
  readonly host: string | null;
  readonly status: string;
  readonly groupSnapshotId: string | null;
  readonly sourceGroupId: string | null;
  readonly createdAt: string;
}
const groupOf = (row: Selectable<GroupTable>): Group => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  userId: row.user_id,
  name: row.name,
  description: row.description,
  groupTypeId: row.group_type_id,
  volumeTypes: JSON.parse(row.volume_types) as string[],
  availabilityZone: row.availability_zone,
  host: row.host,
  status: row.status,
  groupSnapshotId: row.group_snapshot_id,
  sourceGroupId: row.source_group_id,
  createdAt: row.created_at,
});

export interface GroupSnapshot {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly groupId: string;
  readonly groupTypeId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly createdAt: string;
}
const groupSnapshotOf = (row: Selectable<CinderTables['group_snapshots']>): GroupSnapshot => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  userId: row.user_id,
  groupId: row.group_id,
  groupTypeId: row.group_type_id,
  name: row.name,
  description: row.description,
  status: row.status,
  createdAt: row.created_at,
});

export async function insertGroup(db: Db, row: Insertable<GroupTable>): Promise<void> {
  await db.insertInto('groups').values(row).execute();
}
export async function findGroup(db: Db, id: string): Promise<Group | null> {
  const row = await db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? groupOf(row) : null;
}
export async function updateGroup(db: Db, id: string, change: Updateable<GroupTable>): Promise<void> {
  await db.updateTable('groups').set(change).where('id', '=', id).execute();
}
export async function deleteGroup(db: Db, id: string): Promise<void> {
  await db.deleteFrom('groups').where('id', '=', id).execute();
}
export async function listGroups(
  db: Db,
  filter: { readonly projectId?: string; readonly equal: Readonly<Record<string, string>> },
  page: RowPage,
): Promise<Group[]> {
  let query = db.selectFrom('groups').selectAll();
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal)) query = query.where(column as 'name', '=', value);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(groupOf);
}
export async function findGroupMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('groups').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}

/** Statuses of the volumes of groups, in one query. */
export async function memberStatuses(db: Db, groupIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  return collected(
    groupIds.length === 0
      ? []
      : await db
          .selectFrom('volumes')
          .select(['group_id as owner', 'status'])
          .where('group_id', 'in', groupIds)
          .where('deleted', '=', 0)
          .execute(),
  );
}
/** Statuses of the snapshots of group snapshots, in one query. */
export async function partStatuses(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  return collected(
    ids.length === 0
      ? []
      : await db
          .selectFrom('snapshots')
          .select(['group_snapshot_id as owner', 'status'])
          .where('group_snapshot_id', 'in', ids)
          .where('deleted', '=', 0)
          .execute(),
  );
}
function collected(rows: readonly { owner: string | null; status: string }[]): Map<string, string[]> {
  const statuses = new Map<string, string[]>();
  for (const { owner, status } of rows)
    if (owner !== null) statuses.set(owner, [...(statuses.get(owner) ?? []), status]);
  return statuses;
}

export async function insertGroupSnapshot(db: Db, row: Insertable<CinderTables['group_snapshots']>): Promise<void> {
  await db.insertInto('group_snapshots').values(row).execute();
}
export async function findGroupSnapshot(db: Db, id: string): Promise<GroupSnapshot | null> {
  const row = await db.selectFrom('group_snapshots').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? groupSnapshotOf(row) : null;
}
export async function updateGroupSnapshot(
  db: Db,
  id: string,
  change: Updateable<CinderTables['group_snapshots']>,
): Promise<void> {
  await db.updateTable('group_snapshots').set(change).where('id', '=', id).execute();
}
export async function deleteGroupSnapshot(db: Db, id: string): Promise<void> {
  await db.deleteFrom('group_snapshots').where('id', '=', id).execute();
}
export async function listGroupSnapshots(
  db: Db,
  filter: { readonly projectId?: string; readonly equal: Readonly<Record<string, string>> },
  page: RowPage,
): Promise<GroupSnapshot[]> {
  let query = db.selectFrom('group_snapshots').selectAll();
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal)) query = query.where(column as 'name', '=', value);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(groupSnapshotOf);
}
export async function findGroupSnapshotMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('group_snapshots').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}
