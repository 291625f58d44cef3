import { errors } from '../errors.ts';
import { contains, keyText, overlaps, parseCidr, parseIp } from '../ipam/address.ts';
import type { ConnectedSubnet } from './rows.ts';
import type { Route } from './schema.ts';

interface Wanted {
  readonly id: string;
  readonly cidr: string;
}

/** A router routes by address: two networks with the same addresses cannot both hang on it. @throws ApiError 400 */
export function refuseOverlap(connected: readonly ConnectedSubnet[], wanted: readonly Wanted[]): void {
  for (const { id, cidr } of wanted)
    for (const there of connected) {
      if (there.subnet_id === id) throw errors.badRequest('router', `Router already has a port on subnet ${id}`);
      const [a, b] = [parseCidr(cidr), parseCidr(there.cidr)];
      if (a && b && a.version === b.version && overlaps(a, b))
        throw errors.badRequest(
          'router',
          `Cidr ${cidr} of subnet ${id} overlaps with cidr ${there.cidr} of subnet ${there.subnet_id}`,
        );
    }
}

const shown = (routes: readonly Route[]): string =>
  `[${routes.map(({ destination, nexthop }) => `{'destination': '${destination}', 'nexthop': '${nexthop}'}`).join(', ')}]`;

/** Next hops must be neighbours of the router, and not the router itself. @throws ApiError 400 */
export function checkRoutes(routes: readonly Route[], connected: readonly ConnectedSubnet[]): void {
  const own = new Set(connected.map(({ ip_address }) => keyText(ip_address)));
  for (const { nexthop } of routes) {
    const ip = parseIp(nexthop);
    const near = connected.some(({ cidr }) => {
      const range = parseCidr(cidr);
      return range?.version === ip?.version && range !== null && ip !== null && contains(range, ip.value);
    });
    if (!near) throw errors.invalidRoutes(shown(routes), 'the nexthop is not connected with router');
    if (own.has(nexthop)) throw errors.invalidRoutes(shown(routes), 'the nexthop is used by router');
  }
}

/** Whether one of the routes leads through that network. */
export function routesThrough(routes: readonly Route[], cidr: string): boolean {
  const range = parseCidr(cidr);
  return routes.some(({ nexthop }) => {
    const ip = parseIp(nexthop);
    return ip !== null && range?.version === ip.version && contains(range, ip.value);
  });
}
