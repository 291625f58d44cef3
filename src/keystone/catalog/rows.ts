import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { KeystoneTables } from '../tables.ts';
import type { CatalogService, Endpoint, Interface, Region } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toRegion = (row: Selectable<KeystoneTables['region']>): Region => ({
  id: row.id,
  description: row.description,
  parentId: row.parent_region_id,
  extra: parseJson(row.extra),
});
const fromRegion = (region: Region) => ({
  id: region.id,
  description: region.description,
  parent_region_id: region.parentId,
  extra: JSON.stringify(region.extra),
});

export async function listRegions(db: Db, filter: { readonly parentId?: string | undefined } = {}): Promise<Region[]> {
  let query = db.selectFrom('region').selectAll().orderBy('id');
  if (filter.parentId !== undefined) query = query.where('parent_region_id', '=', filter.parentId);
  return (await query.execute()).map(toRegion);
}

export async function findRegion(db: Db, id: string): Promise<Region | undefined> {
  const row = await db.selectFrom('region').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRegion(row);
}

/** @throws a duplicate-key error */
export async function insertRegion(db: Db, region: Region): Promise<void> {
  await db.insertInto('region').values(fromRegion(region)).execute();
}

/** Several endpoints of a new region may be registered at once. */
export async function ensureRegion(db: Db, id: string): Promise<void> {
  await db
    .insertInto('region')
    .values(fromRegion({ id, description: '', parentId: null, extra: {} }))
    .onConflict((c) => c.column('id').doNothing())
    .execute();
}

export async function updateRegion(db: Db, region: Region): Promise<void> {
  const { id, ...columns } = fromRegion(region);
  await db.updateTable('region').set(columns).where('id', '=', id).execute();
}

export async function deleteRegion(db: Db, id: string): Promise<void> {
  await db.deleteFrom('region').where('id', '=', id).execute();
}

/** Whether an endpoint or another region is in it. */
export async function regionInUse(db: Db, id: string): Promise<boolean> {
  const endpoint = await db.selectFrom('endpoint').select('id').where('region_id', '=', id).executeTakeFirst();
  const child = await db.selectFrom('region').select('id').where('parent_region_id', '=', id).executeTakeFirst();
  return (endpoint ?? child) !== undefined;
}

const toService = (row: Selectable<KeystoneTables['service']>): CatalogService => ({
  id: row.id,
  type: row.type,
  name: row.name,
  enabled: row.enabled === 1,
  description: row.description,
  extra: parseJson(row.extra),
});
const fromService = (service: CatalogService) => ({
  id: service.id,
  type: service.type,
  name: service.name,
  enabled: Number(service.enabled),
  description: service.description,
  extra: JSON.stringify(service.extra),
});

export interface ServiceFilter {
  readonly type?: string | undefined;
  readonly name?: string | undefined;
}

export async function listServices(db: Db, filter: ServiceFilter = {}): Promise<CatalogService[]> {
  let query = db.selectFrom('service').selectAll().orderBy('name').orderBy('id');
  if (filter.type !== undefined) query = query.where('type', '=', filter.type);
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  return (await query.execute()).map(toService);
}

export async function findService(db: Db, id: string): Promise<CatalogService | undefined> {
  const row = await db.selectFrom('service').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toService(row);
}

export async function insertService(db: Db, service: CatalogService): Promise<void> {
  await db.insertInto('service').values(fromService(service)).execute();
}

export async function updateService(db: Db, service: CatalogService): Promise<void> {
  const { id, ...columns } = fromService(service);
  await db.updateTable('service').set(columns).where('id', '=', id).execute();
}

/** With its endpoints and limits. */
export async function deleteService(db: Db, id: string): Promise<void> {
  const endpoints = await db.selectFrom('endpoint').select('id').where('service_id', '=', id).execute();
  if (endpoints.length > 0)
    await deleteEndpoints(
      db,
      endpoints.map((endpoint) => endpoint.id),
    );
  const limits = db.selectFrom('registered_limit').select('id').where('service_id', '=', id);
  await db.deleteFrom('resource_limit').where('registered_limit_id', 'in', limits).execute();
  await db.deleteFrom('registered_limit').where('service_id', '=', id).execute();
  await db.deleteFrom('service').where('id', '=', id).execute();
}

const toEndpoint = (row: Selectable<KeystoneTables['endpoint']>): Endpoint => ({
  id: row.id,
  legacyId: row.legacy_endpoint_id,
  interface: row.interface as Interface,
  regionId: row.region_id,
  serviceId: row.service_id,
  url: row.url,
  enabled: row.enabled === 1,
  extra: parseJson(row.extra),
});
const fromEndpoint = (endpoint: Endpoint) => ({
  id: endpoint.id,
  legacy_endpoint_id: endpoint.legacyId,
  interface: endpoint.interface,
  region_id: endpoint.regionId,
  service_id: endpoint.serviceId,
  url: endpoint.url,
  enabled: Number(endpoint.enabled),
  extra: JSON.stringify(endpoint.extra),
});

export interface EndpointFilter {
  readonly serviceId?: string | undefined;
  readonly regionId?: string | undefined;
  readonly interface?: string | undefined;
  readonly enabled?: boolean | undefined;
}

export async function listEndpoints(db: Db, filter: EndpointFilter = {}): Promise<Endpoint[]> {
  let query = db.selectFrom('endpoint').selectAll().orderBy('id');
  if (filter.serviceId !== undefined) query = query.where('service_id', '=', filter.serviceId);
  if (filter.regionId !== undefined) query = query.where('region_id', '=', filter.regionId);
  if (filter.interface !== undefined) query = query.where('interface', '=', filter.interface);
  if (filter.enabled !== undefined) query = query.where('enabled', '=', Number(filter.enabled));
  return (await query.execute()).map(toEndpoint);
}

export async function findEndpoint(db: Db, id: string): Promise<Endpoint | undefined> {
  const row = await db.selectFrom('endpoint').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toEndpoint(row);
}

export async function insertEndpoints(db: Db, endpoints: readonly Endpoint[]): Promise<void> {
  await db.insertInto('endpoint').values(endpoints.map(fromEndpoint)).execute();
}

export async function updateEndpoint(db: Db, endpoint: Endpoint): Promise<void> {
  const { id, ...columns } = fromEndpoint(endpoint);
  await db.updateTable('endpoint').set(columns).where('id', '=', id).execute();
}

export async function deleteEndpoints(db: Db, ids: readonly string[]): Promise<void> {
  await db.deleteFrom('project_endpoint').where('endpoint_id', 'in', ids).execute();
  await db.deleteFrom('endpoint').where('id', 'in', ids).execute();
}
