import { errors } from '../errors.ts';
import type { Db, Store } from '../store.ts';
import { allLimits, countUsage, deleteLimits, limitsOf, setLimits, usagesOf, type QuotaResource } from './rows.ts';

/** By resource; those of service plug-ins that are not loaded lack. */
export type Limits = Readonly<Partial<Record<QuotaResource, number>>>;

/** How much of each resource a project may have; -1 is without limit. */
export class QuotaService {
  readonly #store: Store;
  readonly defaults: Limits;

  constructor({ store, defaults }: { readonly store: Store; readonly defaults: Limits }) {
    this.#store = store;
    this.defaults = defaults;
  }

  get resources(): readonly QuotaResource[] {
    return Object.keys(this.defaults) as QuotaResource[];
  }

  /**
   * Counts new resources within the transaction that makes them. Rows of no project (a router's gateway port) do not count.
   * @throws ApiError 409 when that is more than the project may have
   */
  async take(db: Db, projectId: string, resource: QuotaResource, amount = 1): Promise<void> {
    if (projectId === '') return;
    const { used, limit } = await countUsage(db, projectId, resource, amount);
    const most = limit ?? this.defaults[resource] ?? -1;
    if (most >= 0 && used > most) throw errors.overQuota([resource]);
  }

  /** Counts what the cloud makes by itself for a project (its default group): never refused. */
  async note(db: Db, projectId: string, resource: QuotaResource, amount = 1): Promise<void> {
    if (projectId !== '') await countUsage(db, projectId, resource, amount);
  }

  /** Counts what is gone, within the transaction that removes it. */
  async giveBack(db: Db, projectId: string, resource: QuotaResource, amount = 1): Promise<void> {
    if (projectId !== '' && amount > 0) await countUsage(db, projectId, resource, -amount);
  }

  async limits(projectId: string): Promise<Limits> {
    return this.#with(await limitsOf(this.#store.query, projectId));
  }

  async details(
    projectId: string,
  ): Promise<Readonly<Record<string, { readonly limit: number; readonly used: number; readonly reserved: number }>>> {
    const [limits, usages] = await Promise.all([this.limits(projectId), usagesOf(this.#store.query, projectId)]);
    const used = new Map(usages.map((row) => [row.resource, row.in_use]));
    return Object.fromEntries(
      this.resources.map((name) => [name, { limit: limits[name] ?? -1, used: used.get(name) ?? 0, reserved: 0 }]),
    );
  }

  /** Projects with limits of their own. */
  async all(): Promise<readonly (Limits & { readonly project_id: string })[]> {
    const rows = await allLimits(this.#store.query);
    const projects = [...new Set(rows.map((row) => row.project_id))];
    return projects.map((project_id) => ({
      ...this.#with(rows.filter((row) => row.project_id === project_id)),
      project_id,
    }));
  }

  async update(projectId: string, limits: Readonly<Record<string, number>>): Promise<Limits> {
    await this.#store.write((db) => setLimits(db, projectId, limits));
    return this.limits(projectId);
  }

  async reset(projectId: string): Promise<void> {
    await this.#store.write((db) => deleteLimits(db, projectId));
  }

  #with(rows: readonly { readonly resource: string; readonly limit_value: number }[]): Limits {
    const own = Object.fromEntries(
      rows.filter(({ resource }) => resource in this.defaults).map((row) => [row.resource, row.limit_value]),
    );
    return { ...this.defaults, ...own };
  }
}
