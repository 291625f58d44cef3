import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { KeystoneTables } from '../tables.ts';
import type { AccessToken, Consumer, RequestToken } from './model.ts';

type Db = Queryable<KeystoneTables>;
const ids = (text: string): readonly string[] => JSON.parse(text) as readonly string[];

const toConsumer = (row: Selectable<KeystoneTables['consumer']>): Consumer => ({
  ...row,
  extra: parseJson(row.extra),
});
const toRequest = (row: Selectable<KeystoneTables['request_token']>): RequestToken => ({
  id: row.id,
  secret: row.secret,
  consumerId: row.consumer_id,
  projectId: row.project_id,
  verifier: row.verifier,
  userId: row.user_id,
  roleIds: ids(row.role_ids),
  expiresAt: row.expires_at,
});
const toAccess = (row: Selectable<KeystoneTables['access_token']>): AccessToken => ({
  id: row.id,
  secret: row.secret,
  consumerId: row.consumer_id,
  projectId: row.project_id,
  userId: row.user_id,
  roleIds: ids(row.role_ids),
  expiresAt: row.expires_at,
});

export async function listConsumers(db: Db): Promise<Consumer[]> {
  return (await db.selectFrom('consumer').selectAll().orderBy('id').execute()).map(toConsumer);
}

export async function findConsumer(db: Db, id: string): Promise<Consumer | undefined> {
  const row = await db.selectFrom('consumer').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toConsumer(row);
}

/** Instead of the one of that id, if there is one. */
export async function storeConsumer(db: Db, { extra, ...consumer }: Consumer): Promise<void> {
  await db.deleteFrom('consumer').where('id', '=', consumer.id).execute();
  await db
    .insertInto('consumer')
    .values({ ...consumer, extra: JSON.stringify(extra) })
    .execute();
}

/** With its tokens. */
export async function deleteConsumer(db: Db, id: string): Promise<void> {
  await db.deleteFrom('request_token').where('consumer_id', '=', id).execute();
  await db.deleteFrom('access_token').where('consumer_id', '=', id).execute();
  await db.deleteFrom('consumer').where('id', '=', id).execute();
}

export async function findRequestToken(db: Db, id: string): Promise<RequestToken | undefined> {
  const row = await db.selectFrom('request_token').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRequest(row);
}

export async function insertRequestToken(db: Db, token: RequestToken): Promise<void> {
  await db
    .insertInto('request_token')
    .values({
      id: token.id,
      secret: token.secret,
      consumer_id: token.consumerId,
      project_id: token.projectId,
      verifier: token.verifier,
      user_id: token.userId,
      role_ids: JSON.stringify(token.roleIds),
      expires_at: token.expiresAt,
    })
    .execute();
}

export async function grantRequestToken(
  db: Db,
  id: string,
  grant: { readonly verifier: string; readonly userId: string; readonly roleIds: readonly string[] },
): Promise<void> {
  await db
    .updateTable('request_token')
    .set({ verifier: grant.verifier, user_id: grant.userId, role_ids: JSON.stringify(grant.roleIds) })
    .where('id', '=', id)
    .execute();
}

export async function deleteRequestToken(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('request_token').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function listAccessTokens(db: Db, userId: string): Promise<AccessToken[]> {
  const rows = await db.selectFrom('access_token').selectAll().where('user_id', '=', userId).orderBy('id').execute();
  return rows.map(toAccess);
}

export async function findAccessToken(db: Db, id: string): Promise<AccessToken | undefined> {
  const row = await db.selectFrom('access_token').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toAccess(row);
}

export async function insertAccessToken(db: Db, token: AccessToken): Promise<void> {
  await db
    .insertInto('access_token')
    .values({
      id: token.id,
      secret: token.secret,
      consumer_id: token.consumerId,
      project_id: token.projectId,
      user_id: token.userId,
      role_ids: JSON.stringify(token.roleIds),
      expires_at: token.expiresAt,
    })
    .execute();
}

export async function deleteAccessToken(db: Db, id: string): Promise<void> {
  await db.deleteFrom('access_token').where('id', '=', id).execute();
}
