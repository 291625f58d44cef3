import { createHash } from 'node:crypto';
import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';

type Db = Queryable<KeystoneTables>;

/** Rows that one statement of a purge removes, so that it never holds the database for long. */
const batch = 1000;

/** Under what a token's row is found. */
export const rowId = (tokenId: string): string => createHash('sha256').update(tokenId).digest('hex');

export async function insertToken(db: Db, row: KeystoneTables['token']): Promise<void> {
  await db.insertInto('token').values(row).execute();
}

export async function findToken(db: Db, idHash: string): Promise<string | undefined> {
  const row = await db.selectFrom('token').select('payload').where('id_hash', '=', idHash).executeTakeFirst();
  return row?.payload;
}

/** The signed tokens that have not ended, by the name that the list of revoked tokens has for them. */
export async function listSignedTokens(
  db: Db,
  now: string,
): Promise<{ readonly id: string; readonly expiresAt: string; readonly payload: string }[]> {
  const rows = await db
    .selectFrom('token')
    .select(['listed_id', 'expires_at', 'payload'])
    .where('listed_id', 'is not', null)
    .where('expires_at', '>', now)
    .orderBy('expires_at')
    .execute();
  return rows.map((row) => ({ id: row.listed_id ?? '', expiresAt: row.expires_at, payload: row.payload }));
}

/** Removes what has ended before `now` (`YYYY-MM-DDThh:mm:ss.ffffff`). @returns how many tokens */
export async function purgeExpired(db: Db, now: string): Promise<number> {
  let purged = 0;
  for (;;) {
    const rows = await db.selectFrom('token').select('id_hash').where('expires_at', '<', now).limit(batch).execute();
    if (rows.length === 0) break;
    const ids = rows.map((row) => row.id_hash);
    await db.deleteFrom('token').where('id_hash', 'in', ids).execute();
    purged += rows.length;
  }
  await db.deleteFrom('revocation_event').where('expires_at', '<', now).execute();
  await db.deleteFrom('request_token').where('expires_at', '<', now).execute();
  await db.deleteFrom('access_token').where('expires_at', '<', now).execute();
  return purged;
}

export type RevocationRow = Omit<KeystoneTables['revocation_event'], 'id'>;

export async function insertRevocation(db: Db, row: RevocationRow): Promise<void> {
  await db.insertInto('revocation_event').values(row).execute();
}

/** Those that still matter at `now`, oldest first. */
export async function listRevocations(db: Db, now: string): Promise<RevocationRow[]> {
  return db
    .selectFrom('revocation_event')
    .select(['audit_id', 'user_id', 'project_id', 'domain_id', 'issued_before', 'expires_at'])
    .where('expires_at', '>=', now)
    .orderBy('id')
    .execute();
}
