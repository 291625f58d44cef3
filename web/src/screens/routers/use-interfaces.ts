import { useMemo } from 'react';
import { networks, ports, subnets, type Network, type Port, type Subnet } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useReach } from '../networks/use-network.ts';

/** A router's leg in a subnet. */
export interface Leg {
  /** The port's. */
  readonly id: string;
  readonly port: Port;
  readonly address: string;
  readonly subnet: Subnet | undefined;
  readonly network: Network | undefined;
}

export const isInterface = ({ device_owner }: Port): boolean => device_owner.startsWith('network:router_interface');

/** The legs of every router, by the router's id; undefined until known. */
export function useLegs(): ReadonlyMap<string, readonly Leg[]> | undefined {
  const reach = useReach();
  const { data: allPorts } = useList(ports, reach);
  const { data: allSubnets } = useList(subnets, reach);
  const { data: allNetworks } = useList(networks, reach);
  return useMemo(() => {
    if (!allPorts) return undefined;
    const subnetById = new Map(allSubnets?.map((subnet) => [subnet.id, subnet]));
    const networkById = new Map(allNetworks?.map((network) => [network.id, network]));
    const legs = allPorts.filter(isInterface).flatMap((port) =>
      port.fixed_ips.map(({ subnet_id, ip_address }) => ({
        id: port.id,
        port,
        address: ip_address,
        subnet: subnetById.get(subnet_id),
        network: networkById.get(port.network_id),
      })),
    );
    return Map.groupBy(legs, ({ port }) => port.device_id);
  }, [allPorts, allSubnets, allNetworks]);
}
