import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';

export type Db = Queryable<CinderTables>;

export interface TypeEncryption {
  readonly id: string;
  readonly provider: string;
  readonly controlLocation: 'front-end' | 'back-end';
  readonly cipher: string | null;
  readonly keySize: number | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

export interface VolumeType {
  readonly num: number;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly isPublic: boolean;
  /** What its back end must have: `volume_backend_name` … */
  readonly extraSpecs: Readonly<Record<string, string>>;
  readonly qosSpecsId: string | null;
  readonly encryption: TypeEncryption | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

const typeOf = (row: Selectable<CinderTables['volume_types']>): VolumeType => ({
  num: row.num,
  id: row.id,
  name: row.name,
  description: row.description,
  isPublic: row.is_public === 1,
  extraSpecs: JSON.parse(row.extra_specs) as Record<string, string>,
  qosSpecsId: row.qos_specs_id,
  encryption: row.encryption === null ? null : (JSON.parse(row.encryption) as TypeEncryption),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export async function insertType(db: Db, row: Insertable<CinderTables['volume_types']>): Promise<void> {
  await db.insertInto('volume_types').values(row).execute();
}

/** By id. */
export async function findType(db: Db, id: string): Promise<VolumeType | null> {
  const row = await db.selectFrom('volume_types').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? typeOf(row) : null;
}

export async function findTypeByName(db: Db, name: string): Promise<VolumeType | null> {
  const row = await db.selectFrom('volume_types').selectAll().where('name', '=', name).executeTakeFirst();
  return row ? typeOf(row) : null;
}

export async function typesByIds(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, VolumeType>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const rows = await db.selectFrom('volume_types').selectAll().where('id', 'in', wanted).execute();
  return new Map(rows.map((row) => [row.id, typeOf(row)]));
}

export async function updateType(
  db: Db,
  id: string,
  change: Updateable<CinderTables['volume_types']>,
): Promise<boolean> {
  return (await db.updateTable('volume_types').set(change).where('id', '=', id).executeTakeFirst()).numUpdatedRows > 0n;
}

export async function deleteType(trx: Db, id: string): Promise<void> {
  await trx.deleteFrom('volume_type_access').where('volume_type_id', '=', id).execute();
  await trx.deleteFrom('default_types').where('volume_type_id', '=', id).execute();
  await trx.deleteFrom('volume_types').where('id', '=', id).execute();
}

export interface TypeFilter {
  /** Public ones and those that this project may use; all unless given. */
  readonly visibleTo?: string;
  readonly isPublic?: boolean;
  readonly equal?: Readonly<Record<string, string>>;
  readonly nameContains?: string;
  readonly extraSpecs?: readonly (readonly [string, string])[];
}

const likeEscaped = (text: string): string => text.replace(/[!%_]/g, (c) => `!${c}`);

/** One page in one query. */
export async function listTypes(db: Db, filter: TypeFilter, page: RowPage): Promise<VolumeType[]> {
  let query = db.selectFrom('volume_types').selectAll();
  const { visibleTo, isPublic } = filter;
  if (visibleTo !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('is_public', '=', 1),
        eb(
          'id',
          'in',
          eb.selectFrom('volume_type_access').select('volume_type_id').where('project_id', '=', visibleTo),
        ),
      ]),
    );
  if (isPublic !== undefined) query = query.where('is_public', '=', isPublic ? 1 : 0);
  for (const [column, value] of Object.entries(filter.equal ?? {})) query = query.where(column as 'name', '=', value);
  if (filter.nameContains !== undefined)
    query = query.where(
      sql<boolean>`lower(name) like ${`%${likeEscaped(filter.nameContains).toLowerCase()}%`} escape '!'`,
    );
  for (const [name, value] of filter.extraSpecs ?? [])
    query = query.where(
      sql<boolean>`extra_specs like ${`%${likeEscaped(`${JSON.stringify(name)}:${JSON.stringify(value)}`)}%`} escape '!'`,
    );
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(typeOf);
}

export const allTypes = async (db: Db): Promise<VolumeType[]> =>
  (await db.selectFrom('volume_types').selectAll().orderBy('num').execute()).map(typeOf);

export async function findTypeMarker(db: Db, id: string): Promise<Record<string, unknown> | null> {
  return (await db.selectFrom('volume_types').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Projects that may use a private type. */
export async function typeAccess(db: Db, typeId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('volume_type_access')
    .select('project_id')
    .where('volume_type_id', '=', typeId)
    .orderBy('project_id')
    .execute();
  return rows.map((row) => row.project_id);
}

export async function hasTypeAccess(db: Db, typeId: string, projectId: string): Promise<boolean> {
  const row = await db
    .selectFrom('volume_type_access')
    .select('project_id')
    .where('volume_type_id', '=', typeId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row !== undefined;
}

export async function addTypeAccess(db: Db, typeId: string, projectId: string): Promise<void> {
  await db.insertInto('volume_type_access').values({ volume_type_id: typeId, project_id: projectId }).execute();
}

/** @returns whether it was there */
export async function removeTypeAccess(db: Db, typeId: string, projectId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('volume_type_access')
    .where('volume_type_id', '=', typeId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function defaultTypes(
  db: Db,
  projectId?: string,
): Promise<{ readonly projectId: string; readonly typeId: string }[]> {
  let query = db.selectFrom('default_types').selectAll();
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.orderBy('project_id').execute()).map((row) => ({
    projectId: row.project_id,
    typeId: row.volume_type_id,
  }));
}

export async function setDefaultType(trx: Db, projectId: string, typeId: string, now: string): Promise<void> {
  await trx.deleteFrom('default_types').where('project_id', '=', projectId).execute();
  await trx
    .insertInto('default_types')
    .values({ project_id: projectId, volume_type_id: typeId, created_at: now })
    .execute();
}

export async function unsetDefaultType(db: Db, projectId: string): Promise<void> {
  await db.deleteFrom('default_types').where('project_id', '=', projectId).execute();
}
