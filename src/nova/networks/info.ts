import type { FloatingIp, Network, NetworkClient, Port, Subnet } from '#clients/network.ts';
import type { Clock } from '#common/clock.ts';
import type { PortInfo, RequestedNetworking, SubnetInfo } from '../servers/model.ts';

/** What of Neutron's answers is the same for many servers, kept for a moment: a hundred boots ask once. */
export interface NetworkCatalog {
  networks(ids: readonly string[]): Promise<ReadonlyMap<string, Network>>;
  subnets(networkIds: readonly string[]): Promise<readonly Subnet[]>;
}

const freshMs = 5000;

export function createNetworkCatalog(network: NetworkClient, clock: Clock): NetworkCatalog {
  const known = new Map<
    string,
    { readonly at: number; readonly entry: Promise<{ network: Network; subnets: Subnet[] }> }
  >();
  const one = (id: string) => {
    const now = clock.now().getTime();
    const before = known.get(id);
    if (before && now - before.at < freshMs) return before.entry;
    if (known.size > 1000) known.clear();
    const entry = Promise.all([network.networks.show(id), network.subnets.list({ network_id: id })]).then(
      ([shown, subnets]) => ({ network: shown, subnets: [...subnets] }),
    );
    entry.catch(() => known.delete(id));
    known.set(id, { at: now, entry });
    return entry;
  };
  const all = (ids: readonly string[]) => Promise.all([...new Set(ids)].map(one));
  return {
    networks: async (ids) => new Map((await all(ids)).map((entry) => [entry.network.id, entry.network])),
    subnets: async (ids) => (await all(ids)).flatMap((entry) => entry.subnets),
  };
}

const subnetInfo = (subnet: Subnet): SubnetInfo => ({
  id: subnet.id,
  cidr: subnet.cidr,
  version: subnet.ip_version,
  gateway: subnet.gateway_ip,
  dns: subnet.dns_nameservers,
  routes: subnet.host_routes,
  dhcp: subnet.enable_dhcp,
});

/** A port that its owner made and named in a request: it is let go of, never deleted. All others of a server are ours. */
export const isRequestedPort = (server: { readonly networking: RequestedNetworking }, portId: string): boolean =>
  server.networking.networks.some((one) => one.portId === portId);

/** How a port is to be wired, from what Neutron bound it to. */
function vifOf(port: Port, integrationBridge: string): PortInfo['vif'] {
  const details = port['binding:vif_details'] ?? {};
  const named = typeof details['bridge_name'] === 'string' ? details['bridge_name'] : null;
  switch (port['binding:vif_type']) {
    case 'ovs':
      return { type: 'ovs', bridge: named ?? integrationBridge, hybrid: details['ovs_hybrid_plug'] === true };
    case 'bridge':
      return { type: 'bridge', bridge: named ?? `brq${port.network_id.slice(0, 11)}`, hybrid: false };
    default:
      return { type: 'unbound', bridge: '', hybrid: false };
  }
}

/**
 * A server's interfaces as they are shown, in the order in which they were asked for.
 * @param order port ids, first to last; ports that are not in it come after
 * @param ours whether we made the port
 */
export async function describePorts(
  catalog: NetworkCatalog,
  ports: readonly Port[],
  options: {
    readonly floatingIps: readonly FloatingIp[];
    readonly order: readonly string[];
    readonly ours: (portId: string) => boolean;
    readonly tagOf: (portId: string) => string | null;
    readonly integrationBridge: string;
  },
): Promise<PortInfo[]> {
  const networkIds = ports.map((port) => port.network_id);
  const [networks, subnets] = [await catalog.networks(networkIds), await catalog.subnets(networkIds)];
  const place = (port: Port): number => {
    const index = options.order.indexOf(port.id);
    return index < 0 ? options.order.length : index;
  };
  return [...ports]
    .sort((a, b) => place(a) - place(b))
    .map((port) => ({
      portId: port.id,
      mac: port.mac_address,
      networkId: port.network_id,
      label: networks.get(port.network_id)?.name ?? port.network_id,
      mtu: networks.get(port.network_id)?.mtu ?? 1500,
      addresses: port.fixed_ips.map(({ subnet_id, ip_address }) => ({
        address: ip_address,
        version: ip_address.includes(':') ? 6 : 4,
        subnetId: subnet_id,
        floating: options.floatingIps
          .filter((ip) => ip.port_id === port.id && ip.fixed_ip_address === ip_address)
          .map((ip) => ip.floating_ip_address),
      })),
      subnets: subnets
        .filter((subnet) => port.fixed_ips.some((fixed) => fixed.subnet_id === subnet.id))
        .map(subnetInfo),
      vif: vifOf(port, options.integrationBridge),
      ours: options.ours(port.id),
      tag: options.tagOf(port.id),
    }));
}
