import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import { byName } from '../api/paging-rows.ts';
import { forgetProjects } from '../cleanup-rows.ts';
import { rootDomain, type KeystoneTables } from '../tables.ts';
import type { Project, ProjectFilter } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toProject = (row: Selectable<KeystoneTables['project']>, tags: readonly string[]): Project => ({
  id: row.id,
  name: row.name,
  domainId: row.is_domain ? null : row.domain_id,
  parentId: row.parent_id,
  isDomain: row.is_domain === 1,
  description: row.description,
  enabled: row.enabled === 1,
  tags,
  options: parseJson(row.options),
  extra: parseJson(row.extra),
});

const toRow = (project: Project): KeystoneTables['project'] => ({
  id: project.id,
  name: project.name,
  domain_id: project.domainId ?? rootDomain,
  parent_id: project.parentId,
  is_domain: Number(project.isDomain),
  description: project.description,
  enabled: Number(project.enabled),
  options: JSON.stringify(project.options),
  extra: JSON.stringify(project.extra),
});

async function tagsOf(db: Db, ids: readonly string[]): Promise<Map<string, string[]>> {
  const tags = new Map<string, string[]>();
  if (ids.length === 0) return tags;
  const rows = await db.selectFrom('project_tag').selectAll().where('project_id', 'in', ids).orderBy('name').execute();
  for (const row of rows) tags.set(row.project_id, [...(tags.get(row.project_id) ?? []), row.name]);
  return tags;
}

async function withTags(db: Db, rows: readonly Selectable<KeystoneTables['project']>[]): Promise<Project[]> {
  const tags = await tagsOf(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toProject(row, tags.get(row.id) ?? []));
}

/** By name. Two queries (three with a marker). */
export async function listProjects(db: Db, filter: ProjectFilter, page: ListPage = {}): Promise<Project[]> {
  const tagged = (names: readonly string[]) =>
    db.selectFrom('project_tag').select('project_id').where('name', 'in', names);
  let query = db
    .selectFrom('project')
    .selectAll('project')
    .where('is_domain', '=', Number(filter.isDomain ?? false));
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
  if (filter.parentId !== undefined) query = query.where('parent_id', '=', filter.parentId);
  if (filter.enabled !== undefined) query = query.where('enabled', '=', Number(filter.enabled));
  if (filter.ids) query = query.where('id', 'in', filter.ids);
  for (const tag of filter.tags ?? []) query = query.where('id', 'in', tagged([tag]));
  if (filter.anyTags?.length) query = query.where('id', 'in', tagged(filter.anyTags));
  const { notTags = [], notAnyTags = [] } = filter;
  if (notTags.length > 0)
    query = query.where((eb) => eb.not(eb.and(notTags.map((tag) => eb('id', 'in', tagged([tag]))))));
  if (notAnyTags.length > 0) query = query.where('id', 'not in', tagged(notAnyTags));
  const marker =
    page.marker === undefined
      ? undefined
      : await db.selectFrom('project').select(['id', 'name']).where('id', '=', page.marker).executeTakeFirst();
  return withTags(db, await byName(query, 'project', { limit: page.limit, marker }).execute());
}

export async function findProject(db: Db, id: string): Promise<Project | undefined> {
  const row = await db.selectFrom('project').selectAll().where('id', '=', id).executeTakeFirst();
  return row && (await withTags(db, [row]))[0];
}

/** A project of that name, or a domain when `domainId` is null. */
export async function findProjectByName(db: Db, name: string, domainId: string | null): Promise<Project | undefined> {
  const row = await db
    .selectFrom('project')
    .selectAll()
    .where('domain_id', '=', domainId ?? rootDomain)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && (await withTags(db, [row]))[0];
}

/** @throws a duplicate-key error for a second project of that name in the domain */
export async function insertProject(db: Db, project: Project): Promise<void> {
  await db.insertInto('project').values(toRow(project)).execute();
  await insertTags(db, project.id, project.tags);
}

/** @throws a duplicate-key error */
export async function updateProject(db: Db, project: Project): Promise<void> {
  const { id, ...columns } = toRow(project);
  await db.updateTable('project').set(columns).where('id', '=', id).execute();
  await db.deleteFrom('project_tag').where('project_id', '=', id).execute();
  await insertTags(db, id, project.tags);
}

export async function disableProject(db: Db, id: string): Promise<void> {
  await db.updateTable('project').set({ enabled: 0 }).where('id', '=', id).execute();
}

async function insertTags(db: Db, projectId: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  await db
    .insertInto('project_tag')
    .values(tags.map((name) => ({ project_id: projectId, name })))
    .execute();
}

export async function countChildren(db: Db, id: string): Promise<number> {
  const row = await db
    .selectFrom('project')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('parent_id', '=', id)
    .executeTakeFirstOrThrow();
  return row.n;
}

/** The projects with everything that only means something with them. */
export async function deleteProjects(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom('assignment')
    .where('target_id', 'in', ids)
    .where((eb) => eb.or([eb('type', 'like', 'UserProject%'), eb('type', 'like', 'GroupProject%')]))
    .execute();
  await forgetProjects(db, ids);
  await db.updateTable('user').set({ default_project_id: null }).where('default_project_id', 'in', ids).execute();
  await db.deleteFrom('project_tag').where('project_id', 'in', ids).execute();
  await db.deleteFrom('project').where('id', 'in', ids).execute();
}
