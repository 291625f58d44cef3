import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { CheckProject } from '../api/check-project.ts';
import type { NovaTables } from '../tables.ts';
import * as rows from './rows.ts';
import type { Flavor, FlavorsAndAccess } from './rows.ts';

export interface FlavorDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly maxLimit: number;
  readonly checkProject: CheckProject;
}

export interface FlavorListQuery {
  /** Null: public and private ones (administrators). */
  readonly isPublic: boolean | null;
  readonly minDisk: number;
  readonly minRam: number;
  readonly sortKey: string;
  readonly sortDir: 'asc' | 'desc';
  readonly marker: string | undefined;
  readonly limit: number;
}

/** Milliseconds after which another process's change of a flavor is seen here. */
const freshMs = 1000;

const sortValues: Readonly<Record<string, (flavor: Flavor) => string | number>> = {
  flavorid: (f) => f.id,
  id: (f) => f.num,
  name: (f) => f.name,
  memory_mb: (f) => f.memoryMb,
  vcpus: (f) => f.vcpus,
  root_gb: (f) => f.rootGb,
  ephemeral_gb: (f) => f.ephemeralGb,
  swap: (f) => f.swapMb,
  rxtx_factor: (f) => f.rxtxFactor,
  is_public: (f) => (f.isPublic ? 1 : 0),
  disabled: (f) => (f.disabled ? 1 : 0),
  created_at: (f) => f.createdAt,
};
export const flavorSortKeys = Object.keys(sortValues);

/** Flavors: the sizes that servers come in. Kept in memory, because every client asks for them all the time. */
export class FlavorService {
  readonly #deps: FlavorDeps;
  #known: Promise<FlavorsAndAccess> | undefined;
  #lookedAt = 0;

  constructor(deps: FlavorDeps) {
    this.#deps = deps;
  }

  get maxLimit(): number {
    return this.#deps.maxLimit;
  }

  /** @throws ApiError 400 for a project that the Identity service does not know */
  get checkProject(): CheckProject {
    return this.#deps.checkProject;
  }

  async #catalog(): Promise<FlavorsAndAccess> {
    const { db, clock } = this.#deps;
    const now = clock.now().getTime();
    if (this.#known && now - this.#lookedAt < freshMs) return this.#known;
    const before = await this.#known;
    this.#lookedAt = now;
    if (before && (await rows.flavorsVersion(db.query)) === before.version) return before;
    this.#known = rows.loadFlavors(db.query);
    this.#known.catch(() => (this.#known = undefined));
    return this.#known;
  }

  async #change<R>(work: Parameters<Database<NovaTables>['transaction']>[0]): Promise<R> {
    const result = (await this.#deps.db.transaction(work)) as R;
    this.#lookedAt = 0;
    return result;
  }

  /** @throws ApiError 404 also for a private flavor that the caller has no access to */
  async show(ctx: RequestContext, id: string): Promise<Flavor> {
    const { flavors, access } = await this.#catalog();
    const flavor = flavors.find((one) => one.id === id);
    const visible =
      flavor &&
      (flavor.isPublic || ctx.isAdmin || (ctx.projectId !== null && access.get(flavor.num)?.has(ctx.projectId)));
    if (!flavor || !visible) throw notFound(`Flavor ${id} could not be found.`);
    return flavor;
  }

  /** One page. @throws ApiError 400 for an unknown marker */
  async list(ctx: RequestContext, query: FlavorListQuery): Promise<readonly Flavor[]> {
    const { flavors, access } = await this.#catalog();
    const mine = (flavor: Flavor): boolean => ctx.projectId !== null && !!access.get(flavor.num)?.has(ctx.projectId);
    const shown = (flavor: Flavor): boolean => {
      if (!ctx.isAdmin) return flavor.isPublic || mine(flavor);
      if (query.isPublic === null) return true;
      // An administrator who does not ask sees what is public, and what is private but his project's.
      return flavor.isPublic === query.isPublic || (query.isPublic && mine(flavor));
    };
    const value = sortValues[query.sortKey] as (flavor: Flavor) => string | number;
    const sign = query.sortDir === 'asc' ? 1 : -1;
    const sorted = flavors
      .filter((one) => shown(one) && one.rootGb >= query.minDisk && one.memoryMb >= query.minRam)
      .sort((a, b) => sign * (compare(value(a), value(b)) || a.num - b.num));
    let start = 0;
    if (query.marker !== undefined) {
      start = sorted.findIndex((one) => one.id === query.marker) + 1;
      if (start === 0) throw badRequest(`marker [${query.marker}] not found`);
    }
    return sorted.slice(start, start + query.limit);
  }

  /** @throws ApiError 409 for a name or an id that is taken */
  async create(flavor: Omit<rows.NewFlavor, 'id' | 'createdAt'> & { readonly id: string | null }): Promise<Flavor> {
    const { clock, ids } = this.#deps;
    const id = flavor.id ?? ids.uuid();
    const taken = async (): Promise<never> => {
      const { flavors } = await rows.loadFlavors(this.#deps.db.query);
      throw conflict(
        flavors.some((one) => one.name === flavor.name)
          ? `Flavor with name ${flavor.name} already exists.`
          : `Flavor with ID ${id} already exists.`,
      );
    };
    await this.#change((trx) => rows.insertFlavor(trx, { ...flavor, id, createdAt: isoMicros(clock.now()) })).catch(
      (error: unknown) => {
        if (isDuplicateKey(error)) return taken();
        throw error;
      },
    );
    return this.#any(id);
  }

  async #any(id: string): Promise<Flavor> {
    const flavor = (await this.#catalog()).flavors.find((one) => one.id === id);
    if (!flavor) throw notFound(`Flavor ${id} could not be found.`);
    return flavor;
  }

  async delete(id: string): Promise<void> {
    const { num } = await this.#any(id);
    await this.#change((trx) => rows.deleteFlavor(trx, num));
  }

  async describe(id: string, description: string | null): Promise<Flavor> {
    const { num } = await this.#any(id);
    await this.#change((trx) => rows.setDescription(trx, num, description));
    return this.#any(id);
  }

  async setExtraSpecs(id: string, specs: Readonly<Record<string, string>>): Promise<void> {
    const { num } = await this.#any(id);
    await this.#change((trx) => rows.changeExtraSpecs(trx, num, (known) => ({ ...known, ...specs })));
  }

  /** @throws ApiError 404 when there is no such key */
  async extraSpec(ctx: RequestContext, id: string, key: string): Promise<string> {
    const value = (await this.show(ctx, id)).extraSpecs[key];
    if (value === undefined) throw notFound(`Flavor ${id} has no extra specs with key ${key}.`);
    return value;
  }

  async deleteExtraSpec(ctx: RequestContext, id: string, key: string): Promise<void> {
    await this.extraSpec(ctx, id, key);
    const { num } = await this.#any(id);
    await this.#change((trx) =>
      rows.changeExtraSpecs(trx, num, (specs) =>
        Object.fromEntries(Object.entries(specs).filter(([name]) => name !== key)),
      ),
    );
  }

  /** Projects with access to a private flavor. @throws ApiError 404 for a public one */
  async access(id: string): Promise<readonly string[]> {
    const { num, isPublic } = await this.#any(id);
    if (isPublic) throw notFound('Access list not available for public flavors.');
    return [...((await this.#catalog()).access.get(num) ?? [])];
  }

  async addAccess(id: string, projectId: string): Promise<readonly string[]> {
    const { num, isPublic } = await this.#any(id);
    if (isPublic) throw conflict('Can not add access to a public flavor.');
    await this.#change((trx) => rows.addAccess(trx, num, projectId)).catch((error: unknown) => {
      if (isDuplicateKey(error))
        throw conflict(`Flavor access already exists for flavor ${id} and project ${projectId} combination.`);
      throw error;
    });
    return this.access(id);
  }

  async removeAccess(id: string, projectId: string): Promise<readonly string[]> {
    const { num } = await this.#any(id);
    if (!(await this.#change<boolean>((trx) => rows.removeAccess(trx, num, projectId))))
      throw notFound(`Flavor access not found for ${id} / ${projectId} combination.`);
    return this.access(id);
  }
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
