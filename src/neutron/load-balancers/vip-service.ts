import { isDuplicateKey } from '#common/db/errors.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { Changes } from '../changes.ts';
import { errors } from '../errors.ts';
import { findNetwork } from '../networks/rows.ts';
import { makePort, type MakePortDeps } from '../ports/make.ts';
import { removePorts } from '../ports/remove.ts';
import { findPort } from '../ports/rows.ts';
import type { GroupService } from '../security-groups/group-service.ts';
import type { Db } from '../store.ts';
import { findSubnet } from '../subnets/rows.ts';
import type { PoolRow, VipRow } from '../tables.ts';
import { lbErrors } from './errors.ts';
import { poolChanged, type LoadBalancerDeps } from './pool-service.ts';
import { listVips, poolRows, vipRows } from './rows.ts';
import type { vipAttributes } from './schema.ts';
import { vipViews } from './view.ts';

type Attributes = typeof vipAttributes;

/** Owner of the ports that carry VIPs. */
export const VIP_PORT_OWNER = 'neutron:LOADBALANCER';

export interface VipServiceDeps extends LoadBalancerDeps {
  readonly making: MakePortDeps;
  readonly groups: GroupService;
}

export class VipService implements ResourceService<Attributes> {
  readonly #deps: VipServiceDeps;

  constructor(deps: VipServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return lbErrors.vipNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await listVips(db, scope, query);
    if (!rows) throw lbErrors.vipNotFound(query.marker ?? '');
    return vipViews(db, rows);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store } = this.#deps;
    const rows = await store.write(
      async (db, told) => {
        const made: VipRow[] = [];
        for (const item of items) made.push(await this.#createOne(db, told, caller, item));
        return made;
      },
      // The second look finds the VIP of whoever was faster.
      { duplicateRetries: 2 },
    );
    return vipViews(store.query, rows);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store
      .write(async (db, told) => {
        const row = await vipRows.lock(db, id);
        if (!row) throw lbErrors.vipNotFound(id);
        if (changes.pool_id !== undefined && changes.pool_id !== row.pool_id) {
          await this.#freePool(db, caller, changes.pool_id, row);
          await poolChanged(db, told, row.pool_id);
        }
        await vipRows.update(db, id, {
          ...(changes.name !== undefined && { name: changes.name }),
          ...(changes.description !== undefined && { description: changes.description }),
          ...(changes.pool_id !== undefined && { pool_id: changes.pool_id }),
          ...(changes.session_persistence !== undefined && {
            session_persistence: changes.session_persistence && JSON.stringify(changes.session_persistence),
          }),
          ...(changes.connection_limit !== undefined && { connection_limit: changes.connection_limit }),
          ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
          status: 'PENDING_UPDATE',
        });
        await poolChanged(db, told, changes.pool_id ?? row.pool_id);
      })
      .catch((error: unknown) => {
        throw isDuplicateKey(error) ? lbErrors.vipExists(changes.pool_id ?? '') : error;
      });
    const [view] = await vipViews(store.query, await vipRows.by(store.query, 'id', [id]));
    if (!view) throw lbErrors.vipNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await vipRows.lock(db, id);
      if (!row) throw lbErrors.vipNotFound(id);
      await quotas.giveBack(db, row.project_id, 'vip');
      await vipRows.remove(db, id);
      const port = row.port_id === null ? undefined : await findPort(db, row.port_id);
      if (port) await removePorts(db, told, quotas, [port]);
      await poolChanged(db, told, row.pool_id);
    });
  }

  async #createOne(db: Db, told: Changes, caller: Caller, item: CreateOf<Attributes>): Promise<VipRow> {
    const { ids, quotas, making, groups } = this.#deps;
    await quotas.take(db, item.project_id, 'vip');
    const pool = await this.#freePool(db, caller, item.pool_id, item);
    const subnet = await findSubnet(db, item.subnet_id, caller.scope);
    const network = subnet && (await findNetwork(db, subnet.network_id));
    if (!network) throw errors.subnetNotFound(item.subnet_id);
    const id = ids.uuid();
    const port = await makePort(db, told, making, {
      network,
      projectId: item.project_id,
      name: `vip-${id}`,
      deviceId: id,
      deviceOwner: VIP_PORT_OWNER,
      fixedIps: [{ subnet_id: item.subnet_id, ...(item.address && { ip_address: item.address }) }],
      portSecurity: network.port_security_enabled === 1,
      // Members of the project's default group are reached, as from any port of the project.
      groups: async () =>
        network.port_security_enabled === 1 ? [await groups.ensureDefault(db, item.project_id)] : [],
    });
    const row: VipRow = {
      id,
      project_id: item.project_id,
      name: item.name,
      description: item.description,
      subnet_id: item.subnet_id,
      port_id: port.id,
      protocol_port: item.protocol_port,
      protocol: item.protocol,
      pool_id: pool.id,
      session_persistence: item.session_persistence && JSON.stringify(item.session_persistence),
      connection_limit: item.connection_limit,
      admin_state_up: Number(item.admin_state_up),
      status: 'PENDING_CREATE',
      status_description: null,
    };
    await vipRows.insert(db, row);
    await poolChanged(db, told, pool.id);
    return row;
  }

  /** A pool that a VIP of that project and protocol may stand before. @throws ApiError 400, 403, 404, 409 */
  async #freePool(
    db: Db,
    { scope }: Caller,
    poolId: string,
    vip: Pick<VipRow, 'project_id' | 'protocol'>,
  ): Promise<PoolRow> {
    const pool = await poolRows.find(db, poolId, scope);
    if (!pool) throw lbErrors.poolNotFound(poolId);
    if (pool.project_id !== vip.project_id) throw lbErrors.notAuthorized();
    if (pool.protocol !== vip.protocol) throw lbErrors.protocolMismatch(vip.protocol, pool.protocol);
    if ((await vipRows.by(db, 'pool_id', [poolId])).length > 0) throw lbErrors.vipExists(poolId);
    return pool;
  }
}
