import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson, type Extra } from '../api/extra.ts';
import type { KeystoneTables } from '../tables.ts';

type Db = Queryable<KeystoneTables>;

/** A policy that Keystone keeps for somebody else: a text of some type, which it does not read. */
export interface PolicyBlob {
  readonly id: string;
  /** A media type. */
  readonly type: string;
  /** Whatever JSON was given. */
  readonly blob: unknown;
  readonly extra: Extra;
}

const toPolicy = (row: Selectable<KeystoneTables['policy']>): PolicyBlob => ({
  id: row.id,
  type: row.type,
  blob: JSON.parse(row.blob) as unknown,
  extra: parseJson(row.extra),
});
const columnsOf = (policy: PolicyBlob) => ({
  type: policy.type,
  blob: JSON.stringify(policy.blob),
  extra: JSON.stringify(policy.extra),
});

export async function listPolicies(db: Db, type?: string): Promise<PolicyBlob[]> {
  let query = db.selectFrom('policy').selectAll().orderBy('id');
  if (type !== undefined) query = query.where('type', '=', type);
  return (await query.execute()).map(toPolicy);
}

export async function findPolicy(db: Db, id: string): Promise<PolicyBlob | undefined> {
  const row = await db.selectFrom('policy').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toPolicy(row);
}

export async function insertPolicy(db: Db, policy: PolicyBlob): Promise<void> {
  await db
    .insertInto('policy')
    .values({ id: policy.id, ...columnsOf(policy) })
    .execute();
}

export async function updatePolicy(db: Db, policy: PolicyBlob): Promise<void> {
  await db.updateTable('policy').set(columnsOf(policy)).where('id', '=', policy.id).execute();
}

export async function deletePolicy(db: Db, id: string): Promise<void> {
  await db.deleteFrom('policy').where('id', '=', id).execute();
}
