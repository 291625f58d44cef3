import { createHash } from 'node:crypto';
import { isDuplicateKey } from '#common/db/errors.ts';
import { findAgentOf } from '../agent-registry/rows.ts';
import { textKey } from '../ipam/address.ts';
import { reallocate } from '../ipam/allocator.ts';
import { groupBy } from '../list-rows.ts';
import { lockNetwork } from '../networks/rows.ts';
import { segmentOf } from '../networks/segment.ts';
import type { Binder } from '../ports/binder.ts';
import { makePort, type MakePortDeps } from '../ports/make.ts';
import { removePorts } from '../ports/remove.ts';
import { addressesOf, portsOfDevices, portsOfNetwork, portsOfNetworks, updatePort } from '../ports/rows.ts';
import type { DhcpNetwork, DhcpSubnet } from '../rpc.ts';
import { reservedDhcpPort } from '../scheduling/dhcp-ports.ts';
import { networksOfAgent } from '../scheduling/rows.ts';
import type { Store } from '../store.ts';
import { subnetsOfNetworks } from '../subnets/rows.ts';
import type { NetworkRow, PortRow, SubnetRow } from '../tables.ts';
import { heldAddresses, type HeldAddress } from './rows.ts';
import { fixedIpOf } from './shapes.ts';

export interface DhcpDeps {
  readonly store: Store;
  readonly binder: Binder;
  readonly making: MakePortDeps;
}

const owner = 'network:dhcp';

/** The device id of a host's DHCP server on a network, as Neutron forms it. */
export function dhcpDeviceId(host: string, networkId: string): string {
  // uuid5 of the host's name in the DNS namespace
  const namespace = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');
  const hash = createHash('sha1')
    .update(namespace)
    .update(host.split('.')[0] ?? host)
    .digest();
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `dhcp${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')}-${networkId}`;
}

/**
 * The networks that a DHCP agent serves (or one of them), each with the agent's own port, which is made where it lacks.
 * Four queries, however many networks, and a transaction per port that must be made or moved.
 */
export async function dhcpNetworksOf(
  deps: DhcpDeps,
  host: string,
  networkId?: string,
): Promise<readonly DhcpNetwork[]> {
  const db = deps.store.query;
  const agent = await findAgentOf(db, 'DHCP agent', host);
  if (!agent) return [];
  const bound = await networksOfAgent(db, agent.id);
  const networks = networkId === undefined ? bound : bound.filter(({ id }) => id === networkId);
  const ids = networks.map(({ id }) => id);
  const subnets = groupBy(await subnetsOfNetworks(db, ids), (subnet) => subnet.network_id);
  const served = networks.filter(({ id }) => (subnets.get(id) ?? []).some(isServed));
  await removeUnneeded(
    deps,
    host,
    networks.filter((network) => !served.includes(network)),
  );
  let ports = groupBy(
    await portsOfNetworks(
      db,
      served.map(({ id }) => id),
    ),
    (port) => port.network_id,
  );
  let held = await addressesByPort(deps, [...ports.values()].flat());
  const lacking = served.filter(({ id }) => !isReady(host, id, subnets.get(id) ?? [], ports.get(id) ?? [], held));
  if (lacking.length > 0) {
    for (const { id } of lacking) await provideDhcpPort(deps, host, id, (subnets.get(id) ?? []).filter(isServed));
    ports = groupBy(
      await portsOfNetworks(
        db,
        served.map(({ id }) => id),
      ),
      (port) => port.network_id,
    );
    held = await addressesByPort(deps, [...ports.values()].flat());
  }
  return served.flatMap((network) =>
    networkFor(host, network, subnets.get(network.id) ?? [], ports.get(network.id) ?? [], held),
  );
}

const isServed = (subnet: SubnetRow): boolean => subnet.enable_dhcp === 1;

/** DHCP was switched off there: the agent's port goes. */
async function removeUnneeded(
  { store, making }: DhcpDeps,
  host: string,
  networks: readonly NetworkRow[],
): Promise<void> {
  if (networks.length === 0) return;
  const ports = await portsOfDevices(
    store.query,
    networks.map(({ id }) => dhcpDeviceId(host, id)),
    [owner],
  );
  if (ports.length > 0) await store.write((db, told) => removePorts(db, told, making.quotas, ports));
}

const addressesByPort = async (
  { store }: DhcpDeps,
  ports: readonly PortRow[],
): Promise<ReadonlyMap<string, readonly HeldAddress[]>> =>
  groupBy(
    await heldAddresses(
      store.query,
      ports.map(({ id }) => id),
    ),
    (row) => row.port_id,
  );

const ownPort = (host: string, networkId: string, ports: readonly PortRow[]): PortRow | undefined =>
  ports.find((port) => port.device_owner === owner && port.device_id === dhcpDeviceId(host, networkId));

/** Whether the agent's port is there, on its host, with an address of every subnet that it serves. */
function isReady(
  host: string,
  networkId: string,
  subnets: readonly SubnetRow[],
  ports: readonly PortRow[],
  held: ReadonlyMap<string, readonly HeldAddress[]>,
): boolean {
  const port = ownPort(host, networkId, ports);
  if (port?.host !== host || port.vif_type === 'binding_failed') return false;
  const have = new Set((held.get(port.id) ?? []).map((address) => address.subnet_id));
  const want = subnets.filter(isServed).map(({ id }) => id);
  return want.length === have.size && want.every((id) => have.has(id));
}

/** Makes the port, takes over a reserved one, or brings its addresses in line with the subnets. */
async function provideDhcpPort(
  deps: DhcpDeps,
  host: string,
  networkId: string,
  subnets: readonly SubnetRow[],
): Promise<void> {
  const { store, binder, making } = deps;
  const wanted = subnets.map((subnet) => ({ subnet_id: subnet.id }));
  try {
    await store.write(
      async (db, told) => {
        // Held: two calls of one agent must not make two ports.
        const network = await lockNetwork(db, networkId);
        if (!network) return;
        const ports = await portsOfNetwork(db, networkId, [owner]);
        const current = ownPort(host, networkId, ports) ?? ports.find((port) => port.device_id === reservedDhcpPort);
        const binding = await binder.bind(db, network, host, 'normal');
        if (current) {
          const before = (await addressesOf(db, [current.id])).map((row) => ({
            subnetId: row.subnet_id,
            key: row.ip_address,
          }));
          const port = { portId: current.id, networkId, mac: current.mac_address, deviceOwner: owner };
          await reallocate(db, port, before, wanted, making.maxFixedIps);
          await updatePort(db, current.id, {
            device_id: dhcpDeviceId(host, networkId),
            host,
            vif_type: binding.vifType,
            vif_details: JSON.stringify(binding.vifDetails),
          });
          told.ports.add(current.id);
        } else
          await makePort(db, told, making, {
            network,
            projectId: network.project_id,
            deviceId: dhcpDeviceId(host, networkId),
            deviceOwner: owner,
            fixedIps: wanted,
            host,
            binding,
            byCloud: true,
          });
        // Guests must be let hear the new server.
        for (const port of await portsOfNetwork(db, networkId)) if (port.host !== '') told.ports.add(port.id);
      },
      { duplicateRetries: 16 },
    );
  } catch (error) {
    // Somebody else made it at the same moment: the second reading finds it.
    if (!isDuplicateKey(error)) throw error;
  }
}

function networkFor(
  host: string,
  network: NetworkRow,
  subnets: readonly SubnetRow[],
  ports: readonly PortRow[],
  held: ReadonlyMap<string, readonly HeldAddress[]>,
): readonly DhcpNetwork[] {
  const own = ownPort(host, network.id, ports);
  if (!own) return [];
  const fixedIps = (port: PortRow) => (held.get(port.id) ?? []).map(fixedIpOf);
  const routers = new Set(
    ports
      .filter((port) => port.device_owner === 'network:router_interface')
      .flatMap((port) => (held.get(port.id) ?? []).map((address) => `${address.subnet_id} ${address.ip_address}`)),
  );
  return [
    {
      id: network.id,
      projectId: network.project_id,
      adminStateUp: network.admin_state_up === 1,
      mtu: network.mtu,
      segment: segmentOf(network),
      subnets: subnets.map((subnet): DhcpSubnet => ({
        id: subnet.id,
        ipVersion: subnet.ip_version === 6 ? 6 : 4,
        cidr: subnet.cidr,
        gatewayIp: subnet.gateway_ip,
        enableDhcp: isServed(subnet),
        dnsNameservers: JSON.parse(subnet.dns_nameservers) as string[],
        hostRoutes: JSON.parse(subnet.host_routes) as { destination: string; nexthop: string }[],
        hasRouter: subnet.gateway_ip !== null && routers.has(`${subnet.id} ${textKey(subnet.gateway_ip)}`),
      })),
      dhcpPort: { id: own.id, mac: own.mac_address, fixedIps: fixedIps(own) },
      ports: ports
        .filter((port) => port.id !== own.id)
        .map((port) => ({
          id: port.id,
          mac: port.mac_address,
          fixedIps: fixedIps(port),
          hostname: hostnameOf(fixedIps(port)[0]?.ip ?? port.id),
          extraDhcpOpts: (JSON.parse(port.extra_dhcp_opts) as { opt_name: string; opt_value: string }[]).map(
            (option) => ({ name: option.opt_name, value: option.opt_value }),
          ),
        })),
    },
  ];
}

/** `host-192-168-27-2` */
const hostnameOf = (ip: string): string => `host-${ip.replaceAll(/[.:]/g, '-')}`;
