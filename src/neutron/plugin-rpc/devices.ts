import { findNetworks } from '../networks/rows.ts';
import { segmentOf } from '../networks/segment.ts';
import { groupBy } from '../list-rows.ts';
import type { Binder } from '../ports/binder.ts';
import { findPorts, setHosts } from '../ports/rows.ts';
import type { DeviceDetails } from '../rpc.ts';
import type { Store } from '../store.ts';
import type { NetworkRow, PortRow } from '../tables.ts';
import { heldAddresses } from './rows.ts';
import { fixedIpOf, pairsOf } from './shapes.ts';

/** What an Open vSwitch agent must know of ports that it sees. Three queries, however many ports. */
export async function deviceDetails(
  { store, binder }: { readonly store: Store; readonly binder: Binder },
  host: string,
  portIds: readonly string[],
): Promise<readonly DeviceDetails[]> {
  const db = store.query;
  const ports = await findPorts(db, portIds);
  const networks = new Map(
    (await findNetworks(db, [...new Set(ports.map((port) => port.network_id))])).map((row) => [row.id, row]),
  );
  const addresses = groupBy(
    await heldAddresses(
      db,
      ports.map(({ id }) => id),
    ),
    (row) => row.port_id,
  );
  await bindLate(store, binder, host, ports, networks);
  return ports.flatMap((port) => {
    const network = networks.get(port.network_id);
    if (!network) return [];
    return [
      {
        portId: port.id,
        networkId: port.network_id,
        mac: port.mac_address,
        adminStateUp: port.admin_state_up === 1 && network.admin_state_up === 1,
        segment: segmentOf(network),
        deviceOwner: port.device_owner,
        fixedIps: (addresses.get(port.id) ?? []).map(fixedIpOf),
        allowedAddressPairs: pairsOf(port),
        portSecurity: port.port_security_enabled === 1,
        mtu: network.mtu,
      },
    ];
  });
}

/** A port that was made before its host's agent said anything could not be bound then; now it can. */
async function bindLate(
  store: Store,
  binder: Binder,
  host: string,
  ports: readonly PortRow[],
  networks: ReadonlyMap<string, NetworkRow>,
): Promise<void> {
  const failed = ports.filter((port) => port.host === host && port.vif_type === 'binding_failed');
  for (const port of failed) {
    const network = networks.get(port.network_id);
    if (!network) continue;
    const binding = await binder.bind(store.query, network, host, port.vnic_type);
    if (binding.vifType === 'binding_failed') continue;
    await store.write((db) =>
      setHosts(db, [port.id], {
        host,
        vif_type: binding.vifType,
        vif_details: JSON.stringify(binding.vifDetails),
      }),
    );
  }
}
