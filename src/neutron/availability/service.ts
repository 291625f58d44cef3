import { zones } from '../agent-registry/rows.ts';
import type { Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { View } from '../api/resource.ts';
import { keyValue } from '../ipam/address.ts';
import { poolsOf } from '../ipam/rows.ts';
import { groupBy, inParts } from '../list-rows.ts';
import { listNetworks } from '../networks/rows.ts';
import type { Db } from '../store.ts';
import { subnetsOfNetworks } from '../subnets/rows.ts';
import type { SubnetRow } from '../tables.ts';
import { usedAddresses } from './rows.ts';

/** Zones in which networks and routers can be served: those of the agents. */
export async function availabilityZones(db: Db): Promise<readonly View[]> {
  const rows = await zones(db);
  const resource = (type: string): string => (type === 'L3 agent' ? 'router' : 'network');
  return rows
    .filter(({ zone }) => zone !== null)
    .map(({ zone, agent_type }) => ({ name: zone, resource: resource(agent_type), state: 'available' }))
    .sort((a, b) => (`${a.resource} ${a.name}` < `${b.resource} ${b.name}` ? -1 : 1));
}

/** Used and total addresses of networks and their subnets; four queries for any number of networks. */
export async function ipAvailability(db: Db, scope: Scope, query: ListQuery): Promise<readonly View[]> {
  const version = query.filters.get('ip_version');
  const networks = (await listNetworks(db, scope, query)) ?? [];
  const subnets = await subnetsOfNetworks(
    db,
    networks.map(({ id }) => id),
  );
  const ids = subnets.map(({ id }) => id);
  const used = await usedAddresses(db, ids);
  const pools = groupBy(await inParts(ids, (part) => poolsOf(db, part)), (pool) => pool.subnet_id);
  const total = (subnet: SubnetRow): bigint =>
    (pools.get(subnet.id) ?? []).reduce((sum, pool) => sum + keyValue(pool.last_ip) - keyValue(pool.first_ip) + 1n, 0n);
  const byNetwork = groupBy(
    subnets.filter((subnet) => !version || version.includes(String(subnet.ip_version))),
    (subnet) => subnet.network_id,
  );
  return networks.map((network) => {
    const own = byNetwork.get(network.id) ?? [];
    return {
      network_id: network.id,
      network_name: network.name,
      tenant_id: network.project_id,
      project_id: network.project_id,
      subnet_ip_availability: own.map((subnet) => ({
        subnet_id: subnet.id,
        subnet_name: subnet.name,
        ip_version: subnet.ip_version,
        cidr: subnet.cidr,
        used_ips: used.get(subnet.id) ?? 0,
        total_ips: Number(total(subnet)),
      })),
      used_ips: own.reduce((sum, subnet) => sum + (used.get(subnet.id) ?? 0), 0),
      total_ips: Number(own.reduce((sum, subnet) => sum + total(subnet), 0n)),
    };
  });
}
