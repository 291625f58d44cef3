import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { KeystoneTables } from '../tables.ts';
import type { CredentialFilter, SealedCredential } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toCredential = (row: Selectable<KeystoneTables['credential']>): SealedCredential => ({
  id: row.id,
  userId: row.user_id,
  projectId: row.project_id,
  type: row.type,
  blob: row.blob,
  encryptedBy: row.encrypted_by ?? null,
  extra: parseJson(row.extra),
});
const columnsOf = (credential: SealedCredential, keyHash: string | null) => ({
  user_id: credential.userId,
  project_id: credential.projectId,
  type: credential.type,
  blob: credential.blob,
  encrypted_by: credential.encryptedBy,
  key_hash: keyHash,
  extra: JSON.stringify(credential.extra),
});

export async function listCredentials(db: Db, filter: CredentialFilter): Promise<SealedCredential[]> {
  let query = db.selectFrom('credential').selectAll().orderBy('id');
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  if (filter.type !== undefined) query = query.where('type', '=', filter.type);
  return (await query.execute()).map(toCredential);
}

export async function findCredential(db: Db, id: string): Promise<SealedCredential | undefined> {
  const row = await db.selectFrom('credential').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toCredential(row);
}

/** The EC2 key pair whose access key has that hash. */
export async function findByKeyHash(db: Db, keyHash: string): Promise<SealedCredential | undefined> {
  const row = await db.selectFrom('credential').selectAll().where('key_hash', '=', keyHash).executeTakeFirst();
  return row && toCredential(row);
}

/** Only how it is encrypted changes. */
export async function resealCredential(db: Db, { id, blob, encryptedBy }: SealedCredential): Promise<void> {
  await db.updateTable('credential').set({ blob, encrypted_by: encryptedBy }).where('id', '=', id).execute();
}

/** @throws a duplicate-key error for an access key that is there already */
export async function insertCredential(db: Db, credential: SealedCredential, keyHash: string | null): Promise<void> {
  await db
    .insertInto('credential')
    .values({ id: credential.id, ...columnsOf(credential, keyHash) })
    .execute();
}

/** @throws a duplicate-key error */
export async function updateCredential(db: Db, credential: SealedCredential, keyHash: string | null): Promise<void> {
  await db.updateTable('credential').set(columnsOf(credential, keyHash)).where('id', '=', credential.id).execute();
}

export async function deleteCredential(db: Db, id: string): Promise<void> {
  await db.deleteFrom('credential').where('id', '=', id).execute();
}
