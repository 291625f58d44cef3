import { isoMicros, type Clock } from '#common/clock.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import { standardColumns } from '../api/standard-view.ts';
import { errors } from '../errors.ts';
import { formatCidr, overlaps, type IpVersion } from '../ipam/address.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db, Store } from '../store.ts';
import type { SubnetPoolRow } from '../tables.ts';
import { cidrsOfText, readBounds, readPrefixes } from './layout.ts';
import { covers, prefixesOf, subtract } from './prefixes.ts';
import {
  deleteSubnetPoolRow,
  findSubnetPool,
  insertSubnetPool,
  listSubnetPools,
  lockSubnetPool,
  subnetsOfPool,
  updateSubnetPool,
} from './rows.ts';
import type { subnetPoolAttributes } from './schema.ts';
import { subnetPoolView } from './view.ts';

type Attributes = typeof subnetPoolAttributes;

export interface SubnetPoolServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: QuotaService;
}

/** Addresses that subnets are taken from. */
export class SubnetPoolService implements ResourceService<Attributes> {
  readonly #deps: SubnetPoolServiceDeps;

  constructor(deps: SubnetPoolServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.subnetPoolNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await listSubnetPools(this.#deps.store.query, scope, query);
    if (!rows) throw errors.subnetPoolNotFound(query.marker ?? '');
    return rows.map(subnetPoolView);
  }

  async create(_caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, quotas } = this.#deps;
    const rows = items.map((item) => this.#rowOf(item));
    return oneDefault(() =>
      store.write(async (db) => {
        for (const row of rows) {
          await quotas.take(db, row.project_id, 'subnetpool');
          await insertSubnetPool(db, row);
        }
        return rows.map(subnetPoolView);
      }),
    );
  }

  update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    return oneDefault(() => this.#change(current['id'] as string, (_db, row) => this.#changed(row, changes)));
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const id = current['id'] as string;
    const { store, quotas } = this.#deps;
    await store.write(async (db) => {
      const row = await lockSubnetPool(db, id);
      if (!row) throw errors.subnetPoolNotFound(id);
      if ((await subnetsOfPool(db, id)).length > 0) throw errors.subnetPoolInUse();
      await deleteSubnetPoolRow(db, id);
      await quotas.giveBack(db, row.project_id, 'subnetpool');
    });
  }

  /** @returns the pool's prefixes afterwards */
  async addPrefixes(id: string, added: readonly string[]): Promise<unknown> {
    const view = await this.#change(id, (_db, row) =>
      added.length === 0 ? {} : prefixChange(row, [...prefixesIn(row), ...added]),
    );
    return view['prefixes'];
  }

  /** Those that are not in the pool are no error. @returns the pool's prefixes afterwards @throws ApiError 400 when one is in use */
  async removePrefixes(id: string, removed: readonly string[]): Promise<unknown> {
    const gone = cidrsOfText(removed);
    const view = await this.#change(id, async (db, row) => {
      const own = cidrsOfText(prefixesIn(row));
      const fitting = gone.filter((cidr) => cidr.version === row.ip_version);
      if (!own.some((cidr) => fitting.some((other) => overlaps(cidr, other)))) return {};
      const subnets = cidrsOfText((await subnetsOfPool(db, id)).map(({ cidr }) => cidr));
      if (subnets.some((cidr) => fitting.some((other) => overlaps(cidr, other))))
        throw errors.illegalPrefixUpdate('One or more the prefixes to be removed is in use by a subnet');
      const left = prefixesOf(row.ip_version as IpVersion, subtract(own, fitting));
      return { prefixes: JSON.stringify(left.map(formatCidr)) };
    });
    return view['prefixes'];
  }

  async #change(
    id: string,
    changesOf: (db: Db, row: SubnetPoolRow) => Partial<SubnetPoolRow> | Promise<Partial<SubnetPoolRow>>,
  ): Promise<View> {
    const { store, clock } = this.#deps;
    await store.write(async (db) => {
      const row = await lockSubnetPool(db, id);
      if (!row) throw errors.subnetPoolNotFound(id);
      const changes = await changesOf(db, row);
      if (Object.keys(changes).length > 0)
        await updateSubnetPool(db, id, { ...changes, updated_at: isoMicros(clock.now()) });
    });
    const row = await findSubnetPool(store.query, id);
    if (!row) throw errors.subnetPoolNotFound(id);
    return subnetPoolView(row);
  }

  #rowOf(item: CreateOf<Attributes>): SubnetPoolRow {
    const { clock, ids } = this.#deps;
    const { version, prefixes } = readPrefixes(item.prefixes);
    const bounds = readBounds(version, {
      min: item.min_prefixlen,
      max: item.max_prefixlen,
      default: item.default_prefixlen,
    });
    return {
      ...standardColumns(item, { id: ids.uuid(), clock, revision: 0 }),
      name: item.name,
      ip_version: version,
      prefixes: JSON.stringify(prefixes),
      min_prefixlen: bounds.min,
      max_prefixlen: bounds.max,
      default_prefixlen: bounds.default,
      default_quota: item.default_quota ?? null,
      shared: Number(item.shared),
      is_default: Number(item.is_default),
      default_of: item.is_default ? version : null,
    };
  }

  #changed(row: SubnetPoolRow, changes: UpdateOf<Attributes>): Partial<SubnetPoolRow> {
    const bounds = readBounds(row.ip_version as IpVersion, {
      min: changes.min_prefixlen ?? row.min_prefixlen,
      max: changes.max_prefixlen ?? row.max_prefixlen,
      default: changes.default_prefixlen ?? row.default_prefixlen,
    });
    return {
      ...(changes.name !== undefined && { name: changes.name }),
      ...(changes.description !== undefined && { description: changes.description }),
      ...(changes.prefixes !== undefined && prefixChange(row, changes.prefixes)),
      ...(changes.default_quota !== undefined && { default_quota: changes.default_quota }),
      ...(changes.is_default !== undefined && {
        is_default: Number(changes.is_default),
        default_of: changes.is_default ? row.ip_version : null,
      }),
      min_prefixlen: bounds.min,
      max_prefixlen: bounds.max,
      default_prefixlen: bounds.default,
    };
  }
}

const prefixesIn = (row: SubnetPoolRow): string[] => JSON.parse(row.prefixes) as string[];

/** A pool only grows by an update. @throws ApiError 400 */
function prefixChange(row: SubnetPoolRow, texts: readonly string[]): Partial<SubnetPoolRow> {
  const { version, prefixes } = readPrefixes(texts);
  if (version !== row.ip_version) throw errors.poolOfBothVersions();
  if (!covers(cidrsOfText(prefixes), cidrsOfText(prefixesIn(row))))
    throw errors.illegalPrefixUpdate('Existing prefixes must be a subset of the new prefixes');
  return { prefixes: JSON.stringify(prefixes) };
}

/** The database knows which pool is the default: two at once are refused there. */
async function oneDefault<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw errors.invalidInput(
      'A default subnetpool for this IP family has already been set. Only one default may exist per IP family',
    );
  }
}
