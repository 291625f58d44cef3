import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';
import type { Limit, LimitFilter, RegisteredLimit } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toRegistered = (row: Selectable<KeystoneTables['registered_limit']>): RegisteredLimit => ({
  id: row.id,
  serviceId: row.service_id,
  regionId: row.region_id,
  resourceName: row.resource_name,
  defaultLimit: row.default_limit,
  description: row.description,
});
const fromRegistered = (limit: RegisteredLimit): KeystoneTables['registered_limit'] => ({
  id: limit.id,
  service_id: limit.serviceId,
  region_id: limit.regionId,
  resource_name: limit.resourceName,
  default_limit: limit.defaultLimit,
  description: limit.description,
});

export async function listRegistered(db: Db, filter: LimitFilter = {}): Promise<RegisteredLimit[]> {
  let query = db.selectFrom('registered_limit').selectAll().orderBy('id');
  if (filter.serviceId !== undefined) query = query.where('service_id', '=', filter.serviceId);
  if (filter.regionId !== undefined) query = query.where('region_id', '=', filter.regionId);
  if (filter.resourceName !== undefined) query = query.where('resource_name', '=', filter.resourceName);
  return (await query.execute()).map(toRegistered);
}

export async function insertRegistered(db: Db, limits: readonly RegisteredLimit[]): Promise<void> {
  await db.insertInto('registered_limit').values(limits.map(fromRegistered)).execute();
}

export async function updateRegistered(db: Db, limit: RegisteredLimit): Promise<void> {
  const { id, ...columns } = fromRegistered(limit);
  await db.updateTable('registered_limit').set(columns).where('id', '=', id).execute();
}

export async function deleteRegistered(db: Db, id: string): Promise<void> {
  await db.deleteFrom('registered_limit').where('id', '=', id).execute();
}

/** Each with what it limits. Two queries. */
export async function listLimits(db: Db, filter: LimitFilter = {}): Promise<Limit[]> {
  const registered = new Map((await listRegistered(db, filter)).map((one) => [one.id, one]));
  let query = db.selectFrom('resource_limit').selectAll().orderBy('id');
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
  return (await query.execute()).flatMap((row) => {
    const of = registered.get(row.registered_limit_id);
    if (!of) return [];
    const { id, project_id: projectId, domain_id: domainId, value, description } = row;
    return [{ id, registered: of, projectId, domainId, value, description }];
  });
}

export async function insertLimits(db: Db, limits: readonly Limit[]): Promise<void> {
  await db
    .insertInto('resource_limit')
    .values(
      limits.map((limit) => ({
        id: limit.id,
        registered_limit_id: limit.registered.id,
        project_id: limit.projectId,
        domain_id: limit.domainId,
        value: limit.value,
        description: limit.description,
      })),
    )
    .execute();
}

export async function updateLimit(db: Db, { id, value, description }: Limit): Promise<void> {
  await db.updateTable('resource_limit').set({ value, description }).where('id', '=', id).execute();
}

export async function deleteLimit(db: Db, id: string): Promise<void> {
  await db.deleteFrom('resource_limit').where('id', '=', id).execute();
}
