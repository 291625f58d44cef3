import type { View } from '../api/resource.ts';
import { standardView } from '../api/standard-view.ts';
import { groupBy } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { NetworkRow } from '../tables.ts';
import { subnetIdsOf, zonesOf } from './rows.ts';

/** Rows as the API answers them, with their subnets and zones: two queries for any number of rows. */
export async function networkViews(db: Db, rows: readonly NetworkRow[]): Promise<readonly View[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const [subnets, zones] = [
    groupBy(await subnetIdsOf(db, ids), (row) => row.network_id),
    groupBy(await zonesOf(db, ids), (row) => row.network_id),
  ];
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    admin_state_up: row.admin_state_up === 1,
    mtu: row.mtu,
    status: row.status,
    subnets: (subnets.get(row.id) ?? []).map(({ id }) => id),
    shared: row.shared === 1,
    availability_zone_hints: JSON.parse(row.availability_zone_hints) as unknown,
    availability_zones: [...new Set((zones.get(row.id) ?? []).map(({ zone }) => zone).filter((zone) => zone !== null))],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'router:external': row.external === 1,
    port_security_enabled: row.port_security_enabled === 1,
    ...(row.external === 1 && { is_default: row.is_default === 1 }),
    'provider:network_type': row.network_type,
    'provider:physical_network': row.physical_network,
    'provider:segmentation_id': row.segmentation_id,
    ...standardView(row),
  }));
}
