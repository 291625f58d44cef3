import { isDuplicateKey } from '#common/db/errors.ts';
import type { Queryable } from '#common/db/database.ts';
import type { CinderTables } from '../tables.ts';

type Db = Queryable<CinderTables>;

/** Number and GiB of things by the id of their type; null stands for none. */
export interface Sum {
  readonly typeId: string | null;
  readonly count: number;
  readonly gb: number;
}

const sums = (rows: readonly { type_id: string | null; count: number; gb: number | null }[]): Sum[] =>
  rows.map((row) => ({ typeId: row.type_id, count: Number(row.count), gb: Number(row.gb ?? 0) }));

export async function volumesInUse(db: Db, projectId: string): Promise<Sum[]> {
  const rows = await db
    .selectFrom('volumes')
    .select(({ fn }) => [
      'volume_type_id as type_id',
      fn.countAll<number>().as('count'),
      fn.sum<number | null>('size_gb').as('gb'),
    ])
    .where('project_id', '=', projectId)
    .where('deleted', '=', 0)
    .groupBy('volume_type_id')
    .execute();
  return sums(rows);
}

export async function snapshotsInUse(db: Db, projectId: string): Promise<Sum[]> {
  const rows = await db
    .selectFrom('snapshots')
    .select(({ fn }) => [
      'volume_type_id as type_id',
      fn.countAll<number>().as('count'),
      fn.sum<number | null>('size_gb').as('gb'),
    ])
    .where('project_id', '=', projectId)
    .where('deleted', '=', 0)
    .groupBy('volume_type_id')
    .execute();
  return sums(rows);
}

export async function backupsInUse(db: Db, projectId: string): Promise<{ count: number; gb: number }> {
  const row = await db
    .selectFrom('backups')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('size_gb').as('gb')])
    .where('project_id', '=', projectId)
    .where('deleted', '=', 0)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), gb: Number(row.gb ?? 0) };
}

export async function groupsInUse(db: Db, projectId: string): Promise<number> {
  const row = await db
    .selectFrom('groups')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** What running operations will add: volumes that are being extended or get another type. */
export interface Promised {
  readonly kind: string;
  readonly sizeGb: number;
  readonly typeId: string | null;
  readonly input: Readonly<Record<string, unknown>>;
}
export async function promised(db: Db, projectId: string): Promise<Promised[]> {
  const changing = await db
    .selectFrom('volumes')
    .select(['id', 'size_gb', 'volume_type_id'])
    .where('project_id', '=', projectId)
    .where('deleted', '=', 0)
    .where('status', 'in', ['extending', 'retyping'])
    .execute();
  if (changing.length === 0) return [];
  const volumes = new Map(changing.map((volume) => [volume.id, volume]));
  const rows = await db
    .selectFrom('operations')
    .select(['kind', 'resource_id', 'input'])
    .where('resource_id', 'in', [...volumes.keys()])
    .where('kind', 'in', ['volume.extend', 'volume.retype'])
    .where('status', 'in', ['pending', 'running', 'undoing'])
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    sizeGb: volumes.get(row.resource_id)?.size_gb ?? 0,
    typeId: volumes.get(row.resource_id)?.volume_type_id ?? null,
    input: JSON.parse(row.input) as Record<string, unknown>,
  }));
}

/** Holds the project's quota until the transaction ends: two requests cannot both take the last place. */
export async function lockProject(trx: Db, projectId: string): Promise<void> {
  const result = await trx
    .updateTable('quota_locks')
    .set((eb) => ({ touched: eb('touched', '+', 1) }))
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw new MissingLock();
}

/** The project has no row to lock yet: make it outside the transaction, and begin again. */
export class MissingLock extends Error {}

export async function makeLock(db: Db, projectId: string): Promise<void> {
  await db
    .insertInto('quota_locks')
    .values({ project_id: projectId, touched: 0 })
    .execute()
    .catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
}

/** Overrides of a project, by resource. */
export async function projectLimits(db: Db, projectId: string): Promise<Record<string, number>> {
  const rows = await db.selectFrom('quota_limits').selectAll().where('project_id', '=', projectId).execute();
  return Object.fromEntries(rows.map((row) => [row.resource, row.hard_limit]));
}

export async function setProjectLimits(trx: Db, projectId: string, limits: Record<string, number>): Promise<void> {
  const resources = Object.keys(limits);
  if (resources.length === 0) return;
  await trx.deleteFrom('quota_limits').where('project_id', '=', projectId).where('resource', 'in', resources).execute();
  await trx
    .insertInto('quota_limits')
    .values(resources.map((resource) => ({ project_id: projectId, resource, hard_limit: limits[resource] as number })))
    .execute();
}

export async function deleteProjectLimits(db: Db, projectId: string): Promise<void> {
  await db.deleteFrom('quota_limits').where('project_id', '=', projectId).execute();
}

export async function classLimits(db: Db, name: string): Promise<Record<string, number>> {
  const rows = await db.selectFrom('quota_class_limits').selectAll().where('class_name', '=', name).execute();
  return Object.fromEntries(rows.map((row) => [row.resource, row.hard_limit]));
}

export async function setClassLimits(trx: Db, name: string, limits: Record<string, number>): Promise<void> {
  const resources = Object.keys(limits);
  if (resources.length === 0) return;
  await trx
    .deleteFrom('quota_class_limits')
    .where('class_name', '=', name)
    .where('resource', 'in', resources)
    .execute();
  await trx
    .insertInto('quota_class_limits')
    .values(resources.map((resource) => ({ class_name: name, resource, hard_limit: limits[resource] as number })))
    .execute();
}

/** A type's resources go by its name: with a new name they go along. */
export async function renameTypeLimits(trx: Db, from: string, to: string): Promise<void> {
  for (const prefix of ['volumes', 'gigabytes', 'snapshots'])
    for (const table of ['quota_limits', 'quota_class_limits'] as const)
      await trx
        .updateTable(table)
        .set({ resource: `${prefix}_${to}` })
        .where('resource', '=', `${prefix}_${from}`)
        .execute();
}

export async function projectsWithLimits(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('quota_limits').select('project_id').distinct().orderBy('project_id').execute();
  return rows.map((row) => row.project_id);
}
