import type { View } from '../api/resource.ts';
import { standardView } from '../api/standard-view.ts';
import { keyText } from '../ipam/address.ts';
import { groupBy } from '../list-rows.ts';
import { addressesOf, findPorts } from '../ports/rows.ts';
import type { Db } from '../store.ts';
import type { RouterRow } from '../tables.ts';
import { routerZones } from './rows.ts';

/** Rows as the API answers them: three queries for any number of rows. */
export async function routerViews(db: Db, rows: readonly RouterRow[]): Promise<readonly View[]> {
  const portIds = rows.map((row) => row.gw_port_id).filter((id) => id !== null);
  const ports = new Map((await findPorts(db, portIds)).map((port) => [port.id, port]));
  const addresses = groupBy(await addressesOf(db, portIds), (address) => address.port_id);
  const zones = groupBy(
    await routerZones(
      db,
      rows.map(({ id }) => id),
    ),
    (zone) => zone.router_id,
  );
  return rows.map((row) => {
    const port = row.gw_port_id === null ? undefined : ports.get(row.gw_port_id);
    return {
      id: row.id,
      name: row.name,
      admin_state_up: row.admin_state_up === 1,
      status: row.status,
      external_gateway_info: port
        ? {
            network_id: port.network_id,
            external_fixed_ips: (addresses.get(port.id) ?? []).map((address) => ({
              subnet_id: address.subnet_id,
              ip_address: keyText(address.ip_address),
            })),
            enable_snat: row.enable_snat === 1,
          }
        : null,
      availability_zones: [
        ...new Set((zones.get(row.id) ?? []).map(({ zone }) => zone).filter((zone) => zone !== null)),
      ],
      distributed: false,
      ha: false,
      availability_zone_hints: JSON.parse(row.availability_zone_hints) as unknown,
      routes: JSON.parse(row.routes) as unknown,
      flavor_id: null,
      ...standardView(row),
    };
  });
}
