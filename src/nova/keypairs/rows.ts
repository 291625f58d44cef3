import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export interface Keypair {
  readonly num: number;
  readonly userId: string;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAt: string;
}

/** @throws a duplicate-key error when the user has one of that name */
export async function insertKeypair(db: Db, key: Omit<Keypair, 'num'>): Promise<void> {
  await db
    .insertInto('keypairs')
    .values({
      user_id: key.userId,
      name: key.name,
      type: key.type,
      public_key: key.publicKey,
      fingerprint: key.fingerprint,
      created_at: key.createdAt,
    })
    .execute();
}

export async function findKeypair(db: Db, userId: string, name: string): Promise<Keypair | null> {
  const row = await db
    .selectFrom('keypairs')
    .selectAll()
    .where('user_id', '=', userId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row ? keypairOf(row) : null;
}

/** By name. */
export async function listKeypairs(
  db: Db,
  userId: string,
  page: { readonly limit?: number | undefined; readonly marker?: string | undefined } = {},
): Promise<Keypair[]> {
  const query = db.selectFrom('keypairs').selectAll().where('user_id', '=', userId);
  const marker = page.marker === undefined ? undefined : { name: page.marker };
  const rows = await paginate(query, {
    sort: [{ column: 'name', direction: 'asc' }],
    marker,
    limit: page.limit,
  }).execute();
  return rows.map(keypairOf);
}

export async function countKeypairs(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('keypairs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** @returns whether there was one */
export async function deleteKeypair(db: Db, userId: string, name: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('keypairs')
    .where('user_id', '=', userId)
    .where('name', '=', name)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

interface Row {
  readonly num: number;
  readonly user_id: string;
  readonly name: string;
  readonly type: string;
  readonly public_key: string;
  readonly fingerprint: string;
  readonly created_at: string;
}
const keypairOf = (row: Row): Keypair => ({
  num: row.num,
  userId: row.user_id,
  name: row.name,
  type: row.type as 'ssh' | 'x509',
  publicKey: row.public_key,
  fingerprint: row.fingerprint,
  createdAt: row.created_at,
});
