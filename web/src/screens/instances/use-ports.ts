import type { Server } from '#api/compute/servers.ts';
import { floatingIps, networks, ports, type FloatingIp, type Network, type Port } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';

/** An interface of a server. */
export interface ServerPort {
  readonly port: Port;
  readonly network: Network | null;
  readonly floating: readonly FloatingIp[];
  /** For choices: network and addresses. */
  readonly label: string;
}

/** The interfaces of a server as Neutron has them. */
export function useServerPorts(server: Server): readonly ServerPort[] | undefined {
  const { project } = useSignedIn();
  const all = project.id !== server.tenant_id;
  const { data: somePorts } = useList(ports, { all });
  // Networks and floating IPs of others may be in use too: those of administrators.
  const { data: someNetworks = [] } = useList(networks, { all });
  const { data: someFloating = [] } = useList(floatingIps, { all });
  return somePorts
    ?.filter(({ device_id }) => device_id === server.id)
    .map((port) => {
      const network = someNetworks.find(({ id }) => id === port.network_id) ?? null;
      const addresses = port.fixed_ips.map(({ ip_address }) => ip_address).join(', ');
      return {
        port,
        network,
        floating: someFloating.filter(({ port_id }) => port_id === port.id),
        label: `${network?.name ?? port.network_id}: ${addresses || port.mac_address}`,
      };
    });
}
