import { useMemo } from 'react';
import { servers } from '#api/compute/servers.ts';
import { floatingIps, networks, ports, routers, subnets } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import type { Cloud } from './graph.ts';

/** The project's network and guests, live; undefined until known. */
export function useCloud(): { readonly cloud: Cloud | undefined; readonly error: unknown } {
  const { services } = useSignedIn();
  const { data: allNetworks, error: networksError } = useList(networks);
  const { data: allSubnets } = useList(subnets);
  const { data: allPorts, error: portsError } = useList(ports);
  const { data: allRouters, error: routersError } = useList(routers);
  const { data: allFloating } = useList(floatingIps);
  const { data: allGuests, error: guestsError } = useList(servers);
  const guests = services.compute ? allGuests : none;
  const cloud = useMemo(
    () =>
      allNetworks && allSubnets && allPorts && allRouters && allFloating && guests
        ? {
            networks: allNetworks,
            subnets: allSubnets,
            ports: allPorts,
            routers: allRouters,
            floating: allFloating,
            guests,
          }
        : undefined,
    [allNetworks, allSubnets, allPorts, allRouters, allFloating, guests],
  );
  return { cloud, error: networksError ?? portsError ?? routersError ?? guestsError };
}
const none: readonly never[] = [];
