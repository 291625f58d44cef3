import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import { byName } from '../api/paging-rows.ts';
import { noDomain, type KeystoneTables } from '../tables.ts';
import type { Implication, Role, RoleFilter } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toRole = (row: Selectable<KeystoneTables['role']>): Role => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id === noDomain ? null : row.domain_id,
  description: row.description,
  options: parseJson(row.options),
  extra: parseJson(row.extra),
});

/** By name. */
export async function listRoles(db: Db, filter: RoleFilter, page: ListPage = {}): Promise<Role[]> {
  let query = db.selectFrom('role').selectAll('role');
  if (filter.ids) query = query.where('id', 'in', filter.ids);
  else query = query.where('domain_id', '=', filter.domainId ?? noDomain);
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  const marker =
    page.marker === undefined
      ? undefined
      : await db.selectFrom('role').select(['id', 'name']).where('id', '=', page.marker).executeTakeFirst();
  return (await byName(query, 'role', { limit: page.limit, marker }).execute()).map(toRole);
}

/** The roles that are of some domain. */
export async function listDomainRoles(db: Db): Promise<Role[]> {
  return (await db.selectFrom('role').selectAll().where('domain_id', '!=', noDomain).execute()).map(toRole);
}

export async function findRole(db: Db, id: string): Promise<Role | undefined> {
  const row = await db.selectFrom('role').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRole(row);
}

const columnsOf = (role: Role) => ({
  name: role.name,
  domain_id: role.domainId ?? noDomain,
  description: role.description,
  options: JSON.stringify(role.options),
  extra: JSON.stringify(role.extra),
});

/** @throws a duplicate-key error */
export async function insertRole(db: Db, role: Role): Promise<void> {
  await db
    .insertInto('role')
    .values({ id: role.id, ...columnsOf(role) })
    .execute();
}

/** @throws a duplicate-key error */
export async function updateRole(db: Db, role: Role): Promise<void> {
  await db.updateTable('role').set(columnsOf(role)).where('id', '=', role.id).execute();
}

export async function deleteRole(db: Db, id: string): Promise<void> {
  await db.deleteFrom('assignment').where('role_id', '=', id).execute();
  await db
    .deleteFrom('implied_role')
    .where((eb) => eb.or([eb('prior_role_id', '=', id), eb('implied_role_id', '=', id)]))
    .execute();
  await db.deleteFrom('role').where('id', '=', id).execute();
}

export async function listImplications(db: Db): Promise<Implication[]> {
  const rows = await db
    .selectFrom('implied_role')
    .selectAll()
    .orderBy('prior_role_id')
    .orderBy('implied_role_id')
    .execute();
  return rows.map((row) => ({ priorId: row.prior_role_id, impliedId: row.implied_role_id }));
}

/** One that is there already is no error. */
export async function insertImplication(db: Db, { priorId, impliedId }: Implication): Promise<void> {
  await db
    .insertInto('implied_role')
    .values({ prior_role_id: priorId, implied_role_id: impliedId })
    .onConflict((c) => c.columns(['prior_role_id', 'implied_role_id']).doNothing())
    .execute();
}

export async function deleteImplication(db: Db, { priorId, impliedId }: Implication): Promise<boolean> {
  const result = await db
    .deleteFrom('implied_role')
    .where('prior_role_id', '=', priorId)
    .where('implied_role_id', '=', impliedId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
