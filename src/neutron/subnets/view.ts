import type { View } from '../api/resource.ts';
import { standardView } from '../api/standard-view.ts';
import { keyText } from '../ipam/address.ts';
import { poolsOf } from '../ipam/rows.ts';
import { groupBy, inParts } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { SubnetRow } from '../tables.ts';

/** Rows as the API answers them: one query for any number of rows. */
export async function subnetViews(db: Db, rows: readonly SubnetRow[]): Promise<readonly View[]> {
  const ids = rows.map(({ id }) => id);
  const pools = groupBy(await inParts(ids, (part) => poolsOf(db, part)), (pool) => pool.subnet_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    network_id: row.network_id,
    ip_version: row.ip_version,
    subnetpool_id: row.subnetpool_id,
    enable_dhcp: row.enable_dhcp === 1,
    ipv6_ra_mode: row.ipv6_ra_mode,
    ipv6_address_mode: row.ipv6_address_mode,
    gateway_ip: row.gateway_ip,
    cidr: row.cidr,
    allocation_pools: (pools.get(row.id) ?? []).map(({ first_ip, last_ip }) => ({
      start: keyText(first_ip),
      end: keyText(last_ip),
    })),
    host_routes: JSON.parse(row.host_routes) as unknown,
    dns_nameservers: JSON.parse(row.dns_nameservers) as unknown,
    service_types: JSON.parse(row.service_types) as unknown,
    ...standardView(row),
  }));
}
