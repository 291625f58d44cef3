import type { RpcHandlers } from '#common/bus/bus.ts';
import { groupBy } from '../list-rows.ts';
import { findNetworks } from '../networks/rows.ts';
import { heldAddresses } from '../plugin-rpc/rows.ts';
import { fixedIpOf } from '../plugin-rpc/shapes.ts';
import type { Binder } from '../ports/binder.ts';
import { findPorts, setHosts } from '../ports/rows.ts';
import type { LoadBalancerSpec, loadBalancerRpc } from '../rpc.ts';
import type { Db, Store } from '../store.ts';
import { subnetsOfNetworks } from '../subnets/rows.ts';
import type { MemberRow, MonitorRow, NetworkRow, PoolRow, PortRow, VipRow } from '../tables.ts';
import type { PoolAgents } from './agents.ts';
import { associationsOfPools, memberRows, monitorRows, setProbed, setStats, settlePool, vipRows } from './rows.ts';
import { persistenceOf } from './view.ts';

export interface AgentCallsDeps {
  readonly store: Store;
  readonly binder: Binder;
  readonly agents: PoolAgents;
}

/** What load balancing agents ask and report. Every handler may be repeated. */
export const loadBalancerHandlers = (deps: AgentCallsDeps): RpcHandlers<(typeof loadBalancerRpc)['methods']> => ({
  pools: async ({ host, poolIds }) => {
    const all = await deps.agents.poolsOn(host, poolIds === undefined);
    return { pools: await specsOf(deps, host, poolIds ? all.filter(({ id }) => poolIds.includes(id)) : all) };
  },
  poolStates: async ({ host, pools }) => {
    const own = await ownIds(deps, host);
    await deps.store.write(async (db) => {
      for (const { poolId, generation, status, reason } of pools)
        if (own.has(poolId)) await settlePool(db, poolId, generation, status, reason?.slice(0, 255) ?? null);
    });
  },
  poolStats: async ({ host, pools }) => {
    const own = await ownIds(deps, host);
    await deps.store.write(async (db) => {
      for (const { poolId, stats, members } of pools) {
        if (!own.has(poolId)) continue;
        await setStats(db, poolId, JSON.stringify(stats));
        for (const [status, group] of groupBy(members, (member) => member.status))
          await setProbed(
            db,
            poolId,
            group.map(({ id }) => id),
            status,
          );
      }
    });
  },
});

/** What an agent says of another's pools is old. */
const ownIds = async ({ agents }: AgentCallsDeps, host: string): Promise<ReadonlySet<string>> =>
  new Set((await agents.poolsOn(host, false)).map(({ id }) => id));

/** Nine queries, however many pools. */
async function specsOf(
  deps: AgentCallsDeps,
  host: string,
  pools: readonly PoolRow[],
): Promise<readonly LoadBalancerSpec[]> {
  const db = deps.store.query;
  const ids = pools.map(({ id }) => id);
  const vips = new Map((await vipRows.by(db, 'pool_id', ids)).map((vip) => [vip.pool_id, vip]));
  const members = groupBy(await memberRows.by(db, 'pool_id', ids), (member) => member.pool_id);
  const associations = await associationsOfPools(db, ids);
  const monitors = new Map(
    (await monitorRows.by(db, 'id', [...new Set(associations.map((one) => one.monitor_id))])).map((row) => [
      row.id,
      row,
    ]),
  );
  const portOf = await vipPorts(deps, db, host, [...vips.values()]);
  return pools.map((pool) => {
    const vip = vips.get(pool.id);
    const port = vip && portOf(vip);
    return {
      id: pool.id,
      generation: pool.generation,
      protocol: pool.protocol as LoadBalancerSpec['protocol'],
      method: pool.lb_method as LoadBalancerSpec['method'],
      adminStateUp: pool.admin_state_up === 1,
      vip: vip && port ? { ...vipSpec(vip), port } : null,
      members: (members.get(pool.id) ?? []).map(memberSpec),
      monitors: associations
        .filter(({ pool_id }) => pool_id === pool.id)
        .flatMap(({ monitor_id }) => monitors.get(monitor_id) ?? [])
        .filter((monitor) => monitor.admin_state_up === 1)
        .map(monitorSpec),
    };
  });
}

type Vip = NonNullable<LoadBalancerSpec['vip']>;

const vipSpec = (row: VipRow): Omit<Vip, 'port'> => ({
  id: row.id,
  protocolPort: row.protocol_port,
  connectionLimit: row.connection_limit,
  adminStateUp: row.admin_state_up === 1,
  persistence: persistenceOf(row),
});

const memberSpec = (row: MemberRow): LoadBalancerSpec['members'][number] => ({
  id: row.id,
  address: row.address,
  protocolPort: row.protocol_port,
  weight: row.weight,
  adminStateUp: row.admin_state_up === 1,
});

const monitorSpec = (row: MonitorRow): LoadBalancerSpec['monitors'][number] => ({
  id: row.id,
  type: row.type as LoadBalancerSpec['monitors'][number]['type'],
  delay: row.delay,
  timeout: row.timeout,
  maxRetries: row.max_retries,
  httpMethod: row.http_method,
  urlPath: row.url_path,
  expectedCodes: row.expected_codes,
});

async function vipPorts(
  { store, binder }: AgentCallsDeps,
  db: Db,
  host: string,
  vips: readonly VipRow[],
): Promise<(vip: VipRow) => Vip['port'] | undefined> {
  const ports = await findPorts(
    db,
    vips.flatMap(({ port_id }) => port_id ?? []),
  );
  const networkIds = [...new Set(ports.map((port) => port.network_id))];
  const networks = new Map((await findNetworks(db, networkIds)).map((row) => [row.id, row]));
  const subnets = groupBy(await subnetsOfNetworks(db, networkIds), (subnet) => subnet.network_id);
  const held = groupBy(
    await heldAddresses(
      db,
      ports.map(({ id }) => id),
    ),
    (row) => row.port_id,
  );
  await settleHosts(store, binder, host, ports, networks);
  const byId = new Map(ports.map((port) => [port.id, port]));
  return (vip) => {
    const port = byId.get(vip.port_id ?? '');
    if (!port) return undefined;
    const fixedIps = (held.get(port.id) ?? []).map(fixedIpOf);
    return {
      id: port.id,
      mac: port.mac_address,
      mtu: networks.get(port.network_id)?.mtu ?? 1500,
      fixedIps,
      subnets: (subnets.get(port.network_id) ?? [])
        .filter(({ id }) => fixedIps.some(({ subnetId }) => subnetId === id))
        .map(({ id, cidr, gateway_ip }) => ({ id, cidr, gatewayIp: gateway_ip })),
    };
  };
}

/** A VIP's port stands where its agent is: that is known when the agent asks. */
async function settleHosts(
  store: Store,
  binder: Binder,
  host: string,
  ports: readonly PortRow[],
  networks: ReadonlyMap<string, NetworkRow>,
): Promise<void> {
  for (const port of ports) {
    const network = networks.get(port.network_id);
    if (!network || (port.host === host && port.vif_type !== 'binding_failed')) continue;
    const { vifType, vifDetails, active } = await binder.bind(store.query, network, host, 'normal');
    if (port.host === host && port.vif_type === vifType) continue;
    await store.write((db) =>
      setHosts(db, [port.id], {
        ...{ host, vif_type: vifType, vif_details: JSON.stringify(vifDetails) },
        ...(active && { status: 'ACTIVE' }),
      }),
    );
  }
}
