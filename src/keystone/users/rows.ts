import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import { byName } from '../api/paging-rows.ts';
import { rootDomain, type KeystoneTables } from '../tables.ts';
import type { User, UserFilter, UserSecrets } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toUser = (row: Selectable<KeystoneTables['user']>): UserSecrets => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id,
  enabled: row.enabled === 1,
  defaultProjectId: row.default_project_id,
  options: parseJson(row.options),
  extra: parseJson(row.extra),
  passwordHash: row.password_hash,
  failedAuthCount: row.failed_auth_count,
  failedAuthAt: row.failed_auth_at === null ? null : Date.parse(`${row.failed_auth_at}Z`),
});

const withoutSecrets = ({ passwordHash: _p, failedAuthCount: _c, failedAuthAt: _a, ...user }: UserSecrets): User =>
  user;

/** By name. */
export async function listUsers(db: Db, filter: UserFilter, page: ListPage = {}): Promise<User[]> {
  let query = db.selectFrom('user').selectAll('user');
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
  if (filter.enabled !== undefined) query = query.where('enabled', '=', Number(filter.enabled));
  if (filter.ids) query = query.where('id', 'in', filter.ids);
  if (filter.groupId !== undefined) {
    const members = db.selectFrom('user_group_membership').select('user_id').where('group_id', '=', filter.groupId);
    query = query.where('id', 'in', members);
  }
  const marker =
    page.marker === undefined
      ? undefined
      : await db.selectFrom('user').select(['id', 'name']).where('id', '=', page.marker).executeTakeFirst();
  const rows = await byName(query, 'user', { limit: page.limit, marker }).execute();
  return rows.map((row) => withoutSecrets(toUser(row)));
}

export async function findUser(db: Db, id: string): Promise<UserSecrets | undefined> {
  const row = await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toUser(row);
}

/** A user by name, in a domain that is named by its id or by its name. */
export async function findUserByName(
  db: Db,
  name: string,
  domain: { readonly id: string } | { readonly name: string },
): Promise<UserSecrets | undefined> {
  let query = db.selectFrom('user').selectAll('user').where('user.name', '=', name);
  if ('id' in domain) query = query.where('user.domain_id', '=', domain.id);
  else {
    const ids = db
      .selectFrom('project')
      .select('id')
      .where('domain_id', '=', rootDomain)
      .where('name', '=', domain.name);
    query = query.where('user.domain_id', 'in', ids);
  }
  const row = await query.executeTakeFirst();
  return row && toUser(row);
}

/** @throws a duplicate-key error for a second user of that name in the domain */
export async function insertUser(db: Db, user: User, passwordHash: string | null): Promise<void> {
  await db
    .insertInto('user')
    .values({
      ...columnsOf(user),
      id: user.id,
      password_hash: passwordHash,
      failed_auth_count: 0,
      failed_auth_at: null,
    })
    .execute();
}

/** @throws a duplicate-key error */
export async function updateUser(db: Db, user: User, passwordHash: string | null | undefined): Promise<void> {
  await db
    .updateTable('user')
    .set({
      ...columnsOf(user),
      ...(passwordHash !== undefined && { password_hash: passwordHash, failed_auth_count: 0, failed_auth_at: null }),
    })
    .where('id', '=', user.id)
    .execute();
}

const columnsOf = (user: User) => ({
  name: user.name,
  domain_id: user.domainId,
  enabled: Number(user.enabled),
  default_project_id: user.defaultProjectId,
  options: JSON.stringify(user.options),
  extra: JSON.stringify(user.extra),
});

export async function countFailure(db: Db, id: string, now: string): Promise<void> {
  await db
    .updateTable('user')
    .set((eb) => ({ failed_auth_count: eb('failed_auth_count', '+', 1), failed_auth_at: now }))
    .where('id', '=', id)
    .execute();
}

export async function clearFailures(db: Db, id: string): Promise<void> {
  await db.updateTable('user').set({ failed_auth_count: 0, failed_auth_at: null }).where('id', '=', id).execute();
}

/** The user with everything that only means something with the user. */
export async function deleteUser(db: Db, id: string): Promise<void> {
  await db
    .deleteFrom('assignment')
    .where('actor_id', '=', id)
    .where('type', 'in', ['UserProject', 'UserDomain', 'UserSystem'])
    .execute();
  await db.deleteFrom('user_group_membership').where('user_id', '=', id).execute();
  await db.deleteFrom('credential').where('user_id', '=', id).execute();
  await db.deleteFrom('user').where('id', '=', id).execute();
}
