import { badRequest, forbidden } from '#common/api/errors.ts';
import type { Ids } from '#common/ids.ts';
import type { CatalogStore } from '../catalog/service.ts';
import type { Changes, Db } from '../changes.ts';
import { conflictStoring, couldNotFind } from '../errors.ts';
import { findProject } from '../projects/rows.ts';
import type { Limit, LimitFilter, NewLimit, NewRegisteredLimit, RegisteredLimit } from './model.ts';
import * as rows from './rows.ts';

export interface LimitDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly ids: Ids;
  readonly catalog: CatalogStore;
}

const samePlace = (
  a: Pick<RegisteredLimit, 'serviceId' | 'regionId' | 'resourceName'>,
  b: Pick<RegisteredLimit, 'serviceId' | 'regionId' | 'resourceName'>,
): boolean => a.serviceId === b.serviceId && a.regionId === b.regionId && a.resourceName === b.resourceName;

/** Unified limits, of the flat model: a project's limit has nothing to do with those of the projects around it. */
export class LimitService {
  readonly #deps: LimitDeps;

  constructor(deps: LimitDeps) {
    this.#deps = deps;
  }

  listRegistered(filter: LimitFilter): Promise<RegisteredLimit[]> {
    return rows.listRegistered(this.#deps.db, filter);
  }

  /** @throws ApiError 404 */
  async getRegistered(id: string): Promise<RegisteredLimit> {
    const found = (await rows.listRegistered(this.#deps.db)).find((one) => one.id === id);
    if (!found) throw couldNotFind('registered limit for', id);
    return found;
  }

  /** All or none. @throws ApiError 400 service or region that there is not, 409 */
  async createRegistered(inputs: readonly NewRegisteredLimit[]): Promise<RegisteredLimit[]> {
    const { changes, ids } = this.#deps;
    for (const input of inputs) await this.#placeExists(input);
    const made = inputs.map((input) => ({ id: ids.hex32(), ...input }));
    await changes.write(async (trx) => {
      const all = await rows.listRegistered(trx);
      for (const [index, one] of made.entries())
        if ([...all, ...made.slice(0, index)].some((other) => samePlace(one, other))) throw taken('registered_limit');
      await rows.insertRegistered(trx, made);
    });
    return made;
  }

  /** @throws ApiError 400, 403 while projects have limits of it and its place would change, 404, 409 */
  async updateRegistered(id: string, patch: Partial<NewRegisteredLimit>): Promise<RegisteredLimit> {
    const old = await this.getRegistered(id);
    const limit = { ...old, ...patch };
    await this.#placeExists(limit);
    await this.#deps.changes.write(async (trx) => {
      if (!samePlace(old, limit)) {
        await this.#notInUse(trx, id, 'update');
        const others = (await rows.listRegistered(trx)).filter((one) => one.id !== id);
        if (others.some((other) => samePlace(limit, other))) throw taken('registered_limit');
      }
      await rows.updateRegistered(trx, limit);
    });
    return limit;
  }

  /** @throws ApiError 403 while projects have limits of it, 404 */
  async deleteRegistered(id: string): Promise<void> {
    await this.getRegistered(id);
    await this.#deps.changes.write(async (trx) => {
      await this.#notInUse(trx, id, 'delete');
      await rows.deleteRegistered(trx, id);
    });
  }

  list(filter: LimitFilter): Promise<Limit[]> {
    return rows.listLimits(this.#deps.db, filter);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<Limit> {
    const found = (await rows.listLimits(this.#deps.db)).find((one) => one.id === id);
    if (!found) throw couldNotFind('limit for', id);
    return found;
  }

  /** All or none. @throws ApiError 400, 403 for a resource that is not registered, 409 */
  async create(inputs: readonly NewLimit[]): Promise<Limit[]> {
    const { changes, ids, db } = this.#deps;
    for (const { projectId, domainId } of inputs) {
      if ((projectId === null) === (domainId === null))
        throw badRequest('A limit is either for a project or for a domain: give project_id or domain_id.');
      const target = await findProject(db, projectId ?? domainId ?? '');
      if (!target) throw couldNotFind(projectId === null ? 'domain' : 'project', projectId ?? domainId ?? '');
    }
    return changes.write(async (trx) => {
      const registered = await rows.listRegistered(trx);
      const known = await rows.listLimits(trx);
      const made: Limit[] = [];
      for (const input of inputs) {
        const of = registered.find((one) => samePlace(one, input));
        if (!of) throw forbidden('Unable to create a limit that has no corresponding registered limit.');
        const { projectId, domainId, value, description } = input;
        const twin = (other: Limit): boolean =>
          other.registered.id === of.id && other.projectId === projectId && other.domainId === domainId;
        if ([...known, ...made].some(twin)) throw taken('limit');
        made.push({ id: ids.hex32(), registered: of, projectId, domainId, value, description });
      }
      await rows.insertLimits(trx, made);
      return made;
    });
  }

  /** @throws ApiError 404 */
  async update(id: string, patch: Partial<Pick<Limit, 'value' | 'description'>>): Promise<Limit> {
    const limit = { ...(await this.get(id)), ...patch };
    await this.#deps.changes.write((trx) => rows.updateLimit(trx, limit));
    return limit;
  }

  /** @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    await this.get(id);
    await this.#deps.changes.write((trx) => rows.deleteLimit(trx, id));
  }

  async #placeExists({ serviceId, regionId }: Pick<RegisteredLimit, 'serviceId' | 'regionId'>): Promise<void> {
    const { catalog } = this.#deps;
    const known =
      (await catalog.services()).some((one) => one.id === serviceId) &&
      (regionId === null || (await catalog.regions()).some((one) => one.id === regionId));
    if (!known) throw badRequest('Could not find the service or the region that the limit is for.');
  }

  async #notInUse(trx: Db, id: string, verb: 'update' | 'delete'): Promise<void> {
    if ((await rows.listLimits(trx)).some((limit) => limit.registered.id === id))
      throw forbidden(`Unable to ${verb} registered limit ${id} because there are project limits associated with it.`);
  }
}

const taken = (what: string) => conflictStoring(what, 'Duplicate entry: there is one for this resource already');
