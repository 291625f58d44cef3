import { useMemo } from 'react';
import { floatingIps, ports, routers, securityGroups, subnets } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useReach } from '../networks/use-network.ts';
import type { Surroundings } from './reachability.ts';

const nothing: readonly never[] = [];

/** The live network around floating IPs. */
export function useSurroundings(): Surroundings {
  const reach = useReach();
  const { data: allPorts = nothing } = useList(ports, reach);
  const { data: allRouters = nothing } = useList(routers, reach);
  const { data: allSubnets = nothing } = useList(subnets, reach);
  const { data: allGroups = nothing } = useList(securityGroups, reach);
  const { data: allFloating = nothing } = useList(floatingIps, reach);
  return useMemo(
    () => ({ ports: allPorts, routers: allRouters, subnets: allSubnets, groups: allGroups, floating: allFloating }),
    [allPorts, allRouters, allSubnets, allGroups, allFloating],
  );
}
