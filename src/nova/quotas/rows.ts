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

/** What a project's live servers add up to; with a user, only those that he made. */
export async function serversInUse(db: Db, projectId: string, userId?: string): Promise<InUse> {
  let query = db
    .selectFrom('instances')
    .select(({ fn }) => [
      fn.countAll<number>().as('instances'),
      fn.sum<number | null>('vcpus').as('cores'),
      fn.sum<number | null>('memory_mb').as('ram'),
    ])
    .where('project_id', '=', projectId)
    .where('deleted', '=', 0)
    // Whoever restores one must have room for it.
    .where('vm_state', '!=', 'soft-delete');
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  const row = await query.executeTakeFirstOrThrow();
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

/** With those of its users. */
export async function deleteProjectLimits(trx: Db, projectId: string): Promise<void> {
  await trx.deleteFrom('quota_limits').where('project_id', '=', projectId).execute();
  await trx.deleteFrom('user_quota_limits').where('project_id', '=', projectId).execute();
}

/** Overrides of a user within a project, by resource. */
export async function userLimits(db: Db, projectId: string, userId: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('user_quota_limits')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.resource, row.hard_limit]));
}

/** What the users of a project have been given of each resource, added up. */
export async function givenToUsers(db: Db, projectId: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('user_quota_limits')
    .select(({ fn }) => ['resource', fn.sum<number>('hard_limit').as('given')])
    .where('project_id', '=', projectId)
    .where('hard_limit', '>', 0)
    .groupBy('resource')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.resource, Number(row.given)]));
}

export async function setUserLimits(
  trx: Db,
  projectId: string,
  userId: string,
  limits: Record<string, number>,
): Promise<void> {
  const resources = Object.keys(limits);
  if (resources.length === 0) return;
  await trx
    .deleteFrom('user_quota_limits')
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .where('resource', 'in', resources)
    .execute();
  await trx
    .insertInto('user_quota_limits')
    .values(
      resources.map((resource) => ({
        project_id: projectId,
        user_id: userId,
        resource,
        hard_limit: limits[resource] as number,
      })),
    )
    .execute();
}

export async function deleteUserLimits(db: Db, projectId: string, userId: string): Promise<void> {
  await db.deleteFrom('user_quota_limits').where('project_id', '=', projectId).where('user_id', '=', userId).execute();
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
