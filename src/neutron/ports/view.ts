import type { View } from '../api/resource.ts';
import { standardView } from '../api/standard-view.ts';
import { keyText } from '../ipam/address.ts';
import { groupBy } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { PortRow } from '../tables.ts';
import { addressesOf, groupsOf } from './rows.ts';

/** Rows as the API answers them: two queries for any number of rows. */
export async function portViews(db: Db, rows: readonly PortRow[]): Promise<readonly View[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const addresses = groupBy(await addressesOf(db, ids), (row) => row.port_id);
  const groups = groupBy(await groupsOf(db, ids), (row) => row.port_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    network_id: row.network_id,
    mac_address: row.mac_address,
    admin_state_up: row.admin_state_up === 1,
    status: row.status,
    device_id: row.device_id,
    device_owner: row.device_owner,
    fixed_ips: (addresses.get(row.id) ?? []).map((address) => ({
      subnet_id: address.subnet_id,
      ip_address: keyText(address.ip_address),
    })),
    allowed_address_pairs: JSON.parse(row.allowed_address_pairs) as unknown,
    extra_dhcp_opts: JSON.parse(row.extra_dhcp_opts) as unknown,
    security_groups: (groups.get(row.id) ?? []).map((group) => group.security_group_id),
    'binding:vnic_type': row.vnic_type,
    'binding:profile': JSON.parse(row.binding_profile) as unknown,
    'binding:host_id': row.host,
    'binding:vif_type': row.vif_type,
    'binding:vif_details': JSON.parse(row.vif_details) as unknown,
    port_security_enabled: row.port_security_enabled === 1,
    ...standardView(row),
  }));
}
