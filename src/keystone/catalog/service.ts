import { badRequest, conflict, forbidden } from '#common/api/errors.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, type Extra } from '../api/extra.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind } from '../errors.ts';
import { defined } from '../projects/service.ts';
import type { CatalogEntry, CatalogService, Endpoint, Interface, Region } from './model.ts';
import { isIn } from '../endpoint-filter/model.ts';
import { projectFilters } from '../endpoint-filter/rows.ts';
import * as rows from './rows.ts';
import { groupLegacy, legacyIdOf } from './legacy.ts';
import { fillIn, type UrlValues } from './urls.ts';

export interface CatalogDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly ids: Ids;
  /** What URLs may refer to of the configuration. */
  readonly urlValues: Readonly<Record<string, string>>;
  /** Whether a project without endpoints of its own has all of them. */
  readonly allUnlessFiltered: boolean;
}

export interface NewService {
  readonly type: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly enabled?: boolean | undefined;
  readonly extra?: Extra | undefined;
}

export interface NewEndpoint {
  readonly serviceId: string;
  readonly interface: Interface;
  readonly url: string;
  readonly regionId?: string | null | undefined;
  readonly enabled?: boolean | undefined;
  readonly extra?: Extra | undefined;
}

/** Regions, services and endpoints, and what becomes of them in a token: the service catalogue. */
export class CatalogStore {
  readonly #deps: CatalogDeps;

  constructor(deps: CatalogDeps) {
    this.#deps = deps;
  }

  /** Every enabled service with its enabled endpoints, URLs as stored. Two queries. */
  async raw(): Promise<CatalogEntry[]> {
    const { db } = this.#deps;
    const services = (await rows.listServices(db)).filter((service) => service.enabled);
    const endpoints = Map.groupBy(await rows.listEndpoints(db, { enabled: true }), (endpoint) => endpoint.serviceId);
    return services.map((service) => ({ service, endpoints: endpoints.get(service.id) ?? [] }));
  }

  /** The catalogue of one caller: of a project with endpoints of its own, only those. */
  async of(raw: readonly CatalogEntry[], values: UrlValues): Promise<CatalogEntry[]> {
    const { db, urlValues, allUnlessFiltered } = this.#deps;
    const filled = catalogFor(raw, { ...values, own: urlValues });
    if (values.projectId === null) return filled;
    const filters = await projectFilters(db, values.projectId);
    if (filters.endpointIds.size === 0 && filters.groups.length === 0 && allUnlessFiltered) return filled;
    return filled
      .map(({ service, endpoints }) => ({ service, endpoints: endpoints.filter((one) => isIn(filters, one)) }))
      .filter(({ endpoints }) => endpoints.length > 0);
  }

  regions(filter?: { readonly parentId?: string | undefined }): Promise<Region[]> {
    return rows.listRegions(this.#deps.db, filter);
  }

  /** @throws ApiError 404 */
  async region(id: string): Promise<Region> {
    const region = await rows.findRegion(this.#deps.db, id);
    if (!region) throw couldNotFind('region', id);
    return region;
  }

  /** @throws ApiError 404 parent, 409 */
  async createRegion(input: Partial<Region>): Promise<Region> {
    const { id = this.#deps.ids.hex32(), description = '', parentId = null, extra = {} } = input;
    if (parentId !== null) await this.region(parentId);
    const region: Region = { id, description, parentId, extra };
    try {
      await this.#change((trx) => rows.insertRegion(trx, region));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw conflict(`Conflict occurred attempting to store region - Duplicate ID, ${id}.`);
    }
    return region;
  }

  /** @throws ApiError 400 for its own parent, 404 */
  async updateRegion(id: string, patch: Partial<Omit<Region, 'id'>>): Promise<Region> {
    const old = await this.region(id);
    const { description, parentId } = patch;
    if (parentId === id) throw badRequest('A region may not be its own parent.');
    if (parentId !== undefined && parentId !== null) await this.region(parentId);
    const region = { ...old, ...defined({ description, parentId }), extra: mergeExtra(old.extra, patch.extra ?? {}) };
    await this.#change((trx) => rows.updateRegion(trx, region));
    return region;
  }

  /** @throws ApiError 403 while something is in it, 404 */
  async deleteRegion(id: string): Promise<void> {
    await this.region(id);
    await this.#change(async (trx) => {
      if (await rows.regionInUse(trx, id))
        throw forbidden(`Unable to delete region ${id} because it or its child regions have associated endpoints.`);
      await rows.deleteRegion(trx, id);
    });
  }

  services(filter?: rows.ServiceFilter): Promise<CatalogService[]> {
    return rows.listServices(this.#deps.db, filter);
  }

  /** @throws ApiError 404 */
  async service(id: string): Promise<CatalogService> {
    const service = await rows.findService(this.#deps.db, id);
    if (!service) throw couldNotFind('service', id);
    return service;
  }

  async createService(input: NewService): Promise<CatalogService> {
    const { type, name = null, description = null, enabled = true, extra = {} } = input;
    const service: CatalogService = { id: this.#deps.ids.hex32(), type, name, description, enabled, extra };
    await this.#change((trx) => rows.insertService(trx, service));
    return service;
  }

  /** @throws ApiError 404 */
  async updateService(id: string, patch: Partial<NewService>): Promise<CatalogService> {
    const old = await this.service(id);
    const { type, name, description, enabled } = patch;
    const service = {
      ...old,
      ...defined({ type, name, description, enabled }),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    await this.#change((trx) => rows.updateService(trx, service));
    return service;
  }

  /** With its endpoints. @throws ApiError 404 */
  async deleteService(id: string): Promise<void> {
    await this.service(id);
    await this.#change((trx) => rows.deleteService(trx, id));
  }

  endpoints(filter?: rows.EndpointFilter): Promise<Endpoint[]> {
    return rows.listEndpoints(this.#deps.db, filter);
  }

  /** @throws ApiError 404 */
  async endpoint(id: string): Promise<Endpoint> {
    const endpoint = await rows.findEndpoint(this.#deps.db, id);
    if (!endpoint) throw couldNotFind('endpoint', id);
    return endpoint;
  }

  /** A region that is not there yet is made. @throws ApiError 400 bad URL, 404 service */
  async createEndpoint(input: NewEndpoint): Promise<Endpoint> {
    const [endpoint] = await this.#insert([input], null);
    return endpoint as Endpoint;
  }

  /** Up to three endpoints that v2.0 knows as one. @throws ApiError 400 bad URL, 404 service */
  async createLegacyEndpoint(inputs: readonly NewEndpoint[]): Promise<readonly Endpoint[]> {
    return this.#insert(inputs, this.#deps.ids.hex32());
  }

  /** @throws ApiError 400, 404 */
  async updateEndpoint(id: string, patch: Partial<NewEndpoint>): Promise<Endpoint> {
    const old = await this.endpoint(id);
    const { serviceId, interface: face, url, regionId, enabled } = patch;
    const endpoint: Endpoint = {
      ...old,
      ...defined({ serviceId, interface: face, url, regionId, enabled }),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    await this.service(endpoint.serviceId);
    this.#checkUrl(endpoint.url);
    await this.#change(async (trx) => {
      if (endpoint.regionId !== null) await rows.ensureRegion(trx, endpoint.regionId);
      await rows.updateEndpoint(trx, endpoint);
    });
    return endpoint;
  }

  /** @throws ApiError 404 */
  async deleteEndpoint(id: string): Promise<void> {
    await this.endpoint(id);
    await this.#change((trx) => rows.deleteEndpoints(trx, [id]));
  }

  /** All that v2.0 shows under that id. @throws ApiError 404 */
  async deleteLegacyEndpoint(legacyId: string): Promise<void> {
    const group = groupLegacy(await this.endpoints()).find((one) => legacyIdOf(one) === legacyId);
    if (!group) throw couldNotFind('endpoint', legacyId);
    await this.#change((trx) =>
      rows.deleteEndpoints(
        trx,
        group.map((endpoint) => endpoint.id),
      ),
    );
  }

  async #insert(inputs: readonly NewEndpoint[], legacyId: string | null): Promise<readonly Endpoint[]> {
    const endpoints = inputs.map((input): Endpoint => {
      const { serviceId, interface: face, url, regionId = null, enabled = true, extra = {} } = input;
      this.#checkUrl(url);
      return { id: this.#deps.ids.hex32(), legacyId, interface: face, regionId, serviceId, url, enabled, extra };
    });
    for (const serviceId of new Set(endpoints.map((endpoint) => endpoint.serviceId))) await this.service(serviceId);
    await this.#change(async (trx) => {
      for (const regionId of new Set(endpoints.map((endpoint) => endpoint.regionId)))
        if (regionId !== null) await rows.ensureRegion(trx, regionId);
      await rows.insertEndpoints(trx, endpoints);
    });
    return endpoints;
  }

  #checkUrl(url: string): void {
    if (fillIn(url, { projectId: 'x', userId: 'x', own: this.#deps.urlValues }) === null)
      throw badRequest(
        `Malformed endpoint URL (${url}): only %(tenant_id)s, %(project_id)s, %(user_id)s and ` +
          `${Object.keys(this.#deps.urlValues).join(', ')} are known in it.`,
      );
  }

  #change<T>(work: (trx: Db) => Promise<T>): Promise<T> {
    return this.#deps.changes.write(async (trx, touch) => {
      touch('all');
      return work(trx);
    });
  }
}

/** A catalogue for one caller: endpoints whose URL needs a project that the caller has not are left out. */
export function catalogFor(raw: readonly CatalogEntry[], values: UrlValues): CatalogEntry[] {
  return raw.map(({ service, endpoints }) => ({
    service,
    endpoints: endpoints.flatMap((endpoint) => {
      const url = fillIn(endpoint.url, values);
      return url === null ? [] : [{ ...endpoint, url }];
    }),
  }));
}
