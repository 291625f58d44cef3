import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';

type Db = Queryable<CinderTables>;

export interface QosSpecs {
  readonly num: number;
  readonly id: string;
  readonly name: string;
  readonly consumer: 'front-end' | 'back-end' | 'both';
  readonly specs: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

const qosOf = (row: Selectable<CinderTables['qos_specs']>): QosSpecs => ({
  num: row.num,
  id: row.id,
  name: row.name,
  consumer: row.consumer as QosSpecs['consumer'],
  specs: JSON.parse(row.specs) as Record<string, string>,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export async function insertQos(db: Db, row: Insertable<CinderTables['qos_specs']>): Promise<void> {
  await db.insertInto('qos_specs').values(row).execute();
}

export async function findQos(db: Db, id: string): Promise<QosSpecs | null> {
  const row = await db.selectFrom('qos_specs').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? qosOf(row) : null;
}

export async function listQos(db: Db, equal: Readonly<Record<string, string>>, page: RowPage): Promise<QosSpecs[]> {
  let query = db.selectFrom('qos_specs').selectAll();
  for (const [column, value] of Object.entries(equal)) query = query.where(column as 'name', '=', value);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(qosOf);
}

export async function findQosMarker(db: Db, id: string): Promise<Record<string, unknown> | null> {
  return (await db.selectFrom('qos_specs').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function updateQos(db: Db, id: string, change: Updateable<CinderTables['qos_specs']>): Promise<void> {
  await db.updateTable('qos_specs').set(change).where('id', '=', id).execute();
}

export async function deleteQos(db: Db, id: string): Promise<void> {
  await db.deleteFrom('qos_specs').where('id', '=', id).execute();
}

/** Types that go by these specs. */
export async function typesOfQos(db: Db, id: string): Promise<{ readonly id: string; readonly name: string }[]> {
  return db.selectFrom('volume_types').select(['id', 'name']).where('qos_specs_id', '=', id).orderBy('num').execute();
}

/** One type's, or all types', tie to the specs ends. */
export async function disassociate(db: Db, id: string, typeId?: string): Promise<void> {
  let query = db.updateTable('volume_types').set({ qos_specs_id: null }).where('qos_specs_id', '=', id);
  if (typeId !== undefined) query = query.where('id', '=', typeId);
  await query.execute();
}
