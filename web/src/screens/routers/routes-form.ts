import type { Route } from '#api/network/router-writes.ts';
import { formatCidr, holds, parseCidr, parseIp } from '../networks/address.ts';

export type RouteProblem = 'wrongDestination' | 'wrongNexthop' | 'versions' | 'unreachable' | 'twice';

/**
 * What is wrong with each of the routes; null where nothing is.
 * @param connected networks that the router has an address in, with those of its gateway
 */
export function routeProblems(
  routes: readonly Route[],
  connected: readonly string[],
): readonly (RouteProblem | null)[] {
  const nets = connected.flatMap((text) => parseCidr(text) ?? []);
  const seen = new Set<string>();
  return routes.map(({ destination, nexthop }) => {
    const cidr = parseCidr(destination);
    const ip = parseIp(nexthop);
    if (!cidr) return 'wrongDestination';
    if (!ip) return 'wrongNexthop';
    if (cidr.version !== ip.version) return 'versions';
    // A gateway's subnets are not always to be seen by tenants: without any knowledge nothing is refused.
    if (nets.length > 0 && !nets.some((net) => holds(net, ip))) return 'unreachable';
    const key = `${formatCidr(cidr)} ${ip.value}`;
    if (seen.has(key)) return 'twice';
    seen.add(key);
    return null;
  });
}
