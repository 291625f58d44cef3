import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';
import type { EndpointFilters, EndpointGroup, ProjectFilters } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toGroup = (row: Selectable<KeystoneTables['endpoint_group']>): EndpointGroup => ({
  id: row.id,
  name: row.name,
  description: row.description,
  filters: JSON.parse(row.filters) as EndpointFilters,
});
const toRow = (group: EndpointGroup): KeystoneTables['endpoint_group'] => ({
  id: group.id,
  name: group.name,
  description: group.description,
  filters: JSON.stringify(group.filters),
});

export async function listGroups(db: Db, name?: string): Promise<EndpointGroup[]> {
  let query = db.selectFrom('endpoint_group').selectAll().orderBy('name').orderBy('id');
  if (name !== undefined) query = query.where('name', '=', name);
  return (await query.execute()).map(toGroup);
}

export async function findGroup(db: Db, id: string): Promise<EndpointGroup | undefined> {
  const row = await db.selectFrom('endpoint_group').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toGroup(row);
}

export async function insertGroup(db: Db, group: EndpointGroup): Promise<void> {
  await db.insertInto('endpoint_group').values(toRow(group)).execute();
}

export async function updateGroup(db: Db, group: EndpointGroup): Promise<void> {
  const { id, ...columns } = toRow(group);
  await db.updateTable('endpoint_group').set(columns).where('id', '=', id).execute();
}

export async function deleteGroup(db: Db, id: string): Promise<void> {
  await db.deleteFrom('project_endpoint_group').where('endpoint_group_id', '=', id).execute();
  await db.deleteFrom('endpoint_group').where('id', '=', id).execute();
}

/** What a project has of its own. Two queries. */
export async function projectFilters(db: Db, projectId: string): Promise<ProjectFilters> {
  const endpoints = await db
    .selectFrom('project_endpoint')
    .select('endpoint_id')
    .where('project_id', '=', projectId)
    .execute();
  const groups = await db
    .selectFrom('endpoint_group')
    .innerJoin('project_endpoint_group as given', 'given.endpoint_group_id', 'endpoint_group.id')
    .selectAll('endpoint_group')
    .where('given.project_id', '=', projectId)
    .execute();
  return { endpointIds: new Set(endpoints.map((row) => row.endpoint_id)), groups: groups.map(toGroup) };
}

/** The ids of the projects that have an endpoint of their own. */
export async function projectsOfEndpoint(db: Db, endpointId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('project_endpoint')
    .select('project_id')
    .where('endpoint_id', '=', endpointId)
    .execute();
  return rows.map((row) => row.project_id);
}

export async function projectsOfGroup(db: Db, groupId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('project_endpoint_group')
    .select('project_id')
    .where('endpoint_group_id', '=', groupId)
    .execute();
  return rows.map((row) => row.project_id);
}

/** One that is there already is no error. */
export async function addEndpoint(db: Db, projectId: string, endpointId: string): Promise<void> {
  await db
    .insertInto('project_endpoint')
    .values({ project_id: projectId, endpoint_id: endpointId })
    .onConflict((c) => c.columns(['project_id', 'endpoint_id']).doNothing())
    .execute();
}

/** One that is there already is no error. */
export async function addGroup(db: Db, projectId: string, groupId: string): Promise<void> {
  await db
    .insertInto('project_endpoint_group')
    .values({ project_id: projectId, endpoint_group_id: groupId })
    .onConflict((c) => c.columns(['project_id', 'endpoint_group_id']).doNothing())
    .execute();
}

/** Whether it was there. */
export async function removeEndpoint(db: Db, projectId: string, endpointId: string): Promise<boolean> {
  const result = await db
    .deleteFrom('project_endpoint')
    .where('project_id', '=', projectId)
    .where('endpoint_id', '=', endpointId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Whether it was there. */
export async function removeGroup(db: Db, projectId: string, groupId: string): Promise<boolean> {
  const result = await db
    .deleteFrom('project_endpoint_group')
    .where('project_id', '=', projectId)
    .where('endpoint_group_id', '=', groupId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
