import { isDuplicateKey } from '#common/db/errors.ts';
import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export interface InUse {
  readonly instances: number;
  readonly cores: number;
  /** MiB */
  readonly ram: number;
}

/** What a project's live servers add up to. */
export async function serversInUse(db: Db, projectId: string): Promise<InUse> {
  const row = await db
    .selectFrom('instances')
    .select(({ fn }) => [
      fn.countAll<number>().as('instances'),
      fn.sum<number | null>('vcpus').as('cores'),
      fn.sum<number | null>('memory_mb').as('ram'),
    ])
    .where('project_id', '=', projectId)
    .where('deleted', '=', 0)
    .executeTakeFirstOrThrow();
  return { instances: Number(row.instances), cores: Number(row.cores), ram: Number(row.ram) };
}

/** Holds the project's quota until the transaction ends: two requests cannot both take the last place. */
export async function lockProject(trx: Db, projectId: string): Promise<void> {
  const touch = async (): Promise<boolean> => {
    const result = await trx
      .updateTable('quota_locks')
      .set((eb) => ({ touched: eb('touched', '+', 1) }))
      .where('project_id', '=', projectId)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  };
  if (!(await touch())) throw new MissingLock();
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
