import type { Ids } from '#common/ids.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { TrafficStats } from '../rpc.ts';
import type { ServiceProvider } from '../server/service-plugins.ts';
import type { Db, Store } from '../store.ts';
import { findSubnet } from '../subnets/rows.ts';
import type { PoolRow } from '../tables.ts';
import type { PoolAgents } from './agents.ts';
import { lbErrors } from './errors.ts';
import {
  associate,
  associationsOfPools,
  disassociate,
  memberRows,
  monitorRows,
  poolRows,
  touchPool,
  vipRows,
} from './rows.ts';
import type { poolAttributes } from './schema.ts';
import { poolViews } from './view.ts';

type Attributes = typeof poolAttributes;

export interface LoadBalancerDeps {
  readonly store: Store;
  readonly ids: Ids;
  readonly quotas: QuotaService;
}

export interface PoolServiceDeps extends LoadBalancerDeps {
  readonly agents: PoolAgents;
  readonly providers: readonly ServiceProvider[];
}

const noTraffic: TrafficStats = { bytes_in: 0, bytes_out: 0, active_connections: 0, total_connections: 0 };

/** The pool is to be balanced anew: whoever changes something of it says so. */
export async function poolChanged(db: Db, told: Changes, poolId: string): Promise<void> {
  await touchPool(db, poolId);
  told.pools.add(poolId);
}

export class PoolService implements ResourceService<Attributes> {
  readonly #deps: PoolServiceDeps;

  constructor(deps: PoolServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return lbErrors.poolNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await poolRows.list(db, scope, query);
    if (!rows) throw lbErrors.poolNotFound(query.marker ?? '');
    return poolViews(db, rows);
  }

  /** @throws ApiError 404 when no agent lives that could balance it: it stays in ERROR then, until one comes */
  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids, quotas, agents } = this.#deps;
    const rows = await store.write(async (db) => {
      const made: PoolRow[] = [];
      for (const item of items) {
        await quotas.take(db, item.project_id, 'pool');
        if (!(await findSubnet(db, item.subnet_id, caller.scope))) throw errors.subnetNotFound(item.subnet_id);
        const row: PoolRow = {
          id: ids.uuid(),
          project_id: item.project_id,
          name: item.name,
          description: item.description,
          subnet_id: item.subnet_id,
          protocol: item.protocol,
          provider: this.#provider(item.provider),
          lb_method: item.lb_method,
          admin_state_up: Number(item.admin_state_up),
          status: 'PENDING_CREATE',
          status_description: null,
          generation: 1,
          stats: JSON.stringify(noTraffic),
        };
        await poolRows.insert(db, row);
        await this.#setMonitors(db, caller, row.id, item.health_monitors ?? []);
        made.push(row);
      }
      return made;
    });
    for (const { id } of rows) await agents.choose(id);
    return poolViews(store.query, await this.#read(rows.map(({ id }) => id)));
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      await poolRows.update(db, id, {
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.description !== undefined && { description: changes.description }),
        ...(changes.lb_method !== undefined && { lb_method: changes.lb_method }),
        ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
        status: 'PENDING_UPDATE',
      });
      if (changes.health_monitors !== undefined) await this.#setMonitors(db, caller, id, changes.health_monitors ?? []);
      await poolChanged(db, told, id);
    });
    const [view] = await poolViews(store.query, await this.#read([id]));
    if (!view) throw lbErrors.poolNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await poolRows.lock(db, id);
      if (!row) throw lbErrors.poolNotFound(id);
      if ((await vipRows.by(db, 'pool_id', [id])).length > 0) throw lbErrors.poolInUse(id);
      await quotas.giveBack(db, row.project_id, 'pool');
      for (const member of await memberRows.by(db, 'pool_id', [id]))
        await quotas.giveBack(db, member.project_id, 'member');
      await poolRows.remove(db, id);
      told.pools.add(id);
    });
  }

  /** Probes the members of a pool by one more monitor. @throws ApiError 404, 409 */
  async addMonitor(caller: Caller, poolId: string, monitorId: string): Promise<void> {
    const { store } = this.#deps;
    try {
      await store.write(async (db, told) => {
        await this.#addMonitor(db, caller, poolId, monitorId);
        await poolChanged(db, told, poolId);
      });
    } catch (error) {
      if (isDuplicateKey(error)) throw lbErrors.associated(monitorId, poolId);
      throw error;
    }
  }

  removeMonitor(poolId: string, monitorId: string): Promise<void> {
    return this.#deps.store.write(async (db, told) => {
      if (!(await disassociate(db, poolId, monitorId))) throw lbErrors.notAssociated(monitorId, poolId);
      await poolChanged(db, told, poolId);
    });
  }

  async stats(poolId: string): Promise<TrafficStats> {
    const row = await poolRows.find(this.#deps.store.query, poolId);
    if (!row) throw lbErrors.poolNotFound(poolId);
    return JSON.parse(row.stats) as TrafficStats;
  }

  #read(ids: readonly string[]): Promise<PoolRow[]> {
    return poolRows.by(this.#deps.store.query, 'id', ids);
  }

  async #setMonitors(db: Db, caller: Caller, poolId: string, monitorIds: readonly string[]): Promise<void> {
    const wanted = new Set(monitorIds);
    const present = new Set((await associationsOfPools(db, [poolId])).map((one) => one.monitor_id));
    for (const id of present) if (!wanted.has(id)) await disassociate(db, poolId, id);
    for (const id of wanted) if (!present.has(id)) await this.#addMonitor(db, caller, poolId, id);
  }

  async #addMonitor(db: Db, { scope }: Caller, poolId: string, monitorId: string): Promise<void> {
    if (!(await monitorRows.find(db, monitorId, scope))) throw lbErrors.monitorNotFound(monitorId);
    const present = await associationsOfPools(db, [poolId]);
    if (present.some((one) => one.monitor_id === monitorId)) throw lbErrors.associated(monitorId, poolId);
    await associate(db, poolId, monitorId);
  }

  #provider(asked: string | undefined): string {
    const { providers } = this.#deps;
    if (asked === undefined || asked === '') {
      const usual = providers.find((one) => one.default);
      if (!usual) throw lbErrors.noDefaultProvider();
      return usual.name;
    }
    const found = providers.find(({ name }) => name === asked.toLowerCase());
    if (!found) throw lbErrors.providerNotFound(asked);
    return found.name;
  }
}
