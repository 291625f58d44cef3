import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import { byName } from '../api/paging-rows.ts';
import { forgetUsers } from '../cleanup-rows.ts';
import { rootDomain, type KeystoneTables } from '../tables.ts';
import type { User, UserFilter, UserSecrets } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toUser = (row: Selectable<KeystoneTables['user']>): UserSecrets => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id,
  enabled: row.enabled === 1,
  defaultProjectId: row.default_project_id,
  passwordExpiresAt: row.password_expires_at ?? null,
  passwordCreatedAt: row.password_created_at ?? null,
  lastActiveAt: row.last_active_at ?? null,
  options: parseJson(row.options),
  extra: parseJson(row.extra),
  passwordHash: row.password_hash,
  failedAuthCount: row.failed_auth_count,
  failedAuthAt: row.failed_auth_at === null ? null : Date.parse(`${row.failed_auth_at}Z`),
});

/** What may be shown of a user. */
export const withoutSecrets = ({
  passwordHash: _p,
  failedAuthCount: _c,
  failedAuthAt: _a,
  passwordCreatedAt: _w,
  lastActiveAt: _l,
  ...user
}: UserSecrets): User => user;

/** By name. */
export async function listUsers(db: Db, filter: UserFilter, page: ListPage = {}): Promise<User[]> {
  let query = db.selectFrom('user').selectAll('user');
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
  if (filter.enabled !== undefined) query = query.where('enabled', '=', Number(filter.enabled));
  if (filter.passwordExpires)
    query = query.where('password_expires_at', filter.passwordExpires.how, filter.passwordExpires.time);
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
export async function insertUser(db: Db, user: User, passwordHash: string | null, now: string): Promise<void> {
  await db
    .insertInto('user')
    .values({
      ...columnsOf(user),
      id: user.id,
      password_hash: passwordHash,
      password_created_at: passwordHash === null ? null : now,
      last_active_at: now,
      failed_auth_count: 0,
      failed_auth_at: null,
    })
    .execute();
}

/**
 * @param password a new one, and when it was given; null takes the password away
 * @throws a duplicate-key error
 */
export async function updateUser(
  db: Db,
  user: User,
  password: { readonly hash: string | null; readonly createdAt: string } | undefined,
): Promise<void> {
  await db
    .updateTable('user')
    .set({
      ...columnsOf(user),
      ...(password && {
        password_hash: password.hash,
        password_created_at: password.createdAt,
        failed_auth_count: 0,
        failed_auth_at: null,
      }),
    })
    .where('id', '=', user.id)
    .execute();
}

/** The passwords that the user had before, newest first. */
export async function listOldPasswords(db: Db, userId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('password_history')
    .select('password_hash')
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.password_hash);
}

export async function keepOldPassword(db: Db, userId: string, hash: string, now: string): Promise<void> {
  await db.insertInto('password_history').values({ user_id: userId, password_hash: hash, created_at: now }).execute();
}

export async function markActive(db: Db, id: string, now: string): Promise<void> {
  await db.updateTable('user').set({ last_active_at: now }).where('id', '=', id).execute();
}

const columnsOf = (user: User) => ({
  name: user.name,
  domain_id: user.domainId,
  enabled: Number(user.enabled),
  default_project_id: user.defaultProjectId,
  password_expires_at: user.passwordExpiresAt,
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
  await db.deleteFrom('assignment').where('actor_id', '=', id).where('type', 'like', 'User%').execute();
  await db.deleteFrom('user_group_membership').where('user_id', '=', id).execute();
  await forgetUsers(db, [id]);
  await db.deleteFrom('user').where('id', '=', id).execute();
}
