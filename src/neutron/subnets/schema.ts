import { bool, cidr, distinct, int, ip, list, nullable, oneOf, record, text, uuid, type Kind } from '../api/kinds.ts';
import { optional, required, resource, withDefault } from '../api/resource.ts';
import { owned, standard } from '../api/standard.ts';
import { errors } from '../errors.ts';
import { parseCidr } from '../ipam/address.ts';

export interface PoolValue {
  readonly start: string;
  readonly end: string;
}
export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

/** A wrong network has a text of its own. */
const subnetCidr: Kind<string> = {
  ...cidr,
  parse(value) {
    if (typeof value !== 'string' || !parseCidr(value))
      throw errors.invalidInput(`${String(value)} is not in a CIDR format`);
    return value;
  },
};
const ipv6Mode = oneOf('dhcpv6-stateful', 'dhcpv6-stateless', 'slaac');
const noNull = <T>(kind: Kind<readonly T[]>): Kind<readonly T[]> => ({
  ...kind,
  parse: (value) => (value === null ? [] : kind.parse(value)),
});

export const subnetAttributes = {
  ...owned,
  name: withDefault(text(255), ''),
  network_id: required(uuid, { put: false }),
  ip_version: required(oneOf(4, 6), { put: false }),
  subnetpool_id: optional(nullable(uuid), { put: false }),
  use_default_subnetpool: withDefault(bool, false, { put: false, listed: false }),
  prefixlen: optional(int(0), { put: false, listed: false }),
  cidr: optional(subnetCidr, { put: false }),
  gateway_ip: optional(nullable(ip)),
  allocation_pools: optional(noNull(list(record<PoolValue>('IP pool', { start: ip, end: ip }))), { listed: false }),
  dns_nameservers: withDefault(noNull(distinct(list(ip), 'nameserver')), [], { listed: false }),
  host_routes: withDefault(
    noNull(distinct(list(record<HostRoute>('hostroute', { destination: cidr, nexthop: ip })), 'hostroute')),
    [],
    { listed: false },
  ),
  enable_dhcp: withDefault(bool, true),
  ipv6_ra_mode: withDefault(nullable(ipv6Mode), null, { put: false }),
  ipv6_address_mode: withDefault(nullable(ipv6Mode), null, { put: false }),
  service_types: withDefault(noNull(list(text(255))), [], { listed: false }),
  ...standard,
};

export const subnetResource = resource({
  singular: 'subnet',
  plural: 'subnets',
  path: '/subnets',
  attributes: subnetAttributes,
  bulk: true,
  standard: true,
});
