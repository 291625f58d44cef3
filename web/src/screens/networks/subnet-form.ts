import type { Subnet } from '#api/network/networks.ts';
import type { NewSubnet, SubnetChange } from '#api/network/subnet-writes.ts';
import {
  defaultGateway,
  defaultPools,
  formatCidr,
  formatIp,
  hostsOf,
  holds,
  inside,
  overlap,
  parseCidr,
  parseIp,
  sizeOf,
  type Cidr,
  type Range,
} from './address.ts';

/** What is typed into the form of a subnet. */
export interface SubnetValues {
  readonly name: string;
  readonly cidr: string;
  readonly gatewayOff: boolean;
  /** Empty: the first address. */
  readonly gateway: string;
  readonly dhcp: boolean;
  /** A range a line: `10.0.0.10-10.0.0.99`; empty: all addresses. */
  readonly pools: string;
  /** An address a line, or separated by commas. */
  readonly dns: string;
  /** A route a line: `10.9.0.0/16 via 10.0.0.5`. */
  readonly routes: string;
  readonly ipv6Mode: string;
}

export const emptySubnet: SubnetValues = {
  name: '',
  cidr: '',
  gatewayOff: false,
  gateway: '',
  dhcp: true,
  pools: '',
  dns: '',
  routes: '',
  ipv6Mode: 'slaac',
};

export const ipv6Modes = ['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'] as const;

export const subnetValues = (subnet: Subnet): SubnetValues => ({
  name: subnet.name,
  cidr: subnet.cidr,
  gatewayOff: subnet.gateway_ip === null,
  gateway: subnet.gateway_ip ?? '',
  dhcp: subnet.enable_dhcp,
  pools: subnet.allocation_pools.map(({ start, end }) => `${start}-${end}`).join('\n'),
  dns: subnet.dns_nameservers.join('\n'),
  routes: subnet.host_routes.map(({ destination, nexthop }) => `${destination} via ${nexthop}`).join('\n'),
  ipv6Mode: subnet.ipv6_address_mode ?? '',
});

export type Problem =
  | { readonly kind: 'notCidr' }
  | { readonly kind: 'hostBits'; readonly meant: string }
  | { readonly kind: 'tooSmall' }
  | {
      readonly kind: 'notAddress' | 'outside' | 'notRange' | 'notRoute' | 'overlapping' | 'gatewayInPool';
      readonly text: string;
    }
  | { readonly kind: 'slaacSize' };
export type Problems = Readonly<Partial<Record<keyof SubnetValues, Problem>>>;

const lines = (text: string): readonly string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);

/** `null`: not a range. */
function parseRange(text: string): { readonly start: string; readonly end: string } | null {
  const [start = '', end = start, ...more] = text.split(/\s*(?:-|–|\s)\s*/);
  return more.length > 0 || !parseIp(start) || !parseIp(end) ? null : { start, end };
}

function parseRoute(text: string): { readonly destination: string; readonly nexthop: string } | null {
  const [destination = '', nexthop = '', ...more] = text.split(/\s*(?:via|→|->|=>|\s)\s*/).filter(Boolean);
  return more.length > 0 || !parseCidr(destination) || !parseIp(nexthop) ? null : { destination, nexthop };
}

const cidrProblem = (text: string): Problem | undefined => {
  const cidr = parseCidr(text);
  if (!cidr) return { kind: 'notCidr' };
  if (!cidr.exact) return { kind: 'hostBits', meant: formatCidr(cidr) };
  return cidr.version === 4 && cidr.prefix === 0 ? { kind: 'tooSmall' } : undefined;
};

function gatewayProblem(cidr: Cidr, { gateway, gatewayOff }: SubnetValues): Problem | undefined {
  if (gatewayOff || gateway.trim() === '') return undefined;
  const ip = parseIp(gateway);
  if (ip?.version !== cidr.version) return { kind: 'notAddress', text: gateway };
  if (/^fe80:/i.test(gateway.trim()) || inside(hostsOf(cidr), ip.value)) return undefined;
  return { kind: 'outside', text: gateway };
}

function poolsProblem(cidr: Cidr, values: SubnetValues): Problem | undefined {
  const gateway = values.gatewayOff ? null : parseIp(values.gateway || defaultGateway(cidr));
  const seen: Range[] = [];
  for (const line of lines(values.pools)) {
    const range = parseRange(line);
    const [first, last] = [parseIp(range?.start ?? ''), parseIp(range?.end ?? '')];
    if (!first || !last || first.value > last.value) return { kind: 'notRange', text: line };
    if (!holds(cidr, first) || !holds(cidr, last)) return { kind: 'outside', text: line };
    const pool = { first: first.value, last: last.value };
    if (seen.some((other) => other.first <= pool.last && pool.first <= other.last))
      return { kind: 'overlapping', text: line };
    if (gateway && inside(pool, gateway.value)) return { kind: 'gatewayInPool', text: line };
    seen.push(pool);
  }
  return undefined;
}

/** What is wrong with a form, by field; nothing when it can be sent. */
export function subnetProblems(values: SubnetValues): Problems {
  const wrong = cidrProblem(values.cidr);
  const cidr = parseCidr(values.cidr);
  if (wrong || !cidr) return { cidr: wrong ?? { kind: 'notCidr' } };
  const dns = lines(values.dns).find((line) => !parseIp(line));
  const route = lines(values.routes).find((line) => !parseRoute(line));
  const found: Partial<Record<keyof SubnetValues, Problem | undefined>> = {
    gateway: gatewayProblem(cidr, values),
    pools: poolsProblem(cidr, values),
    dns: dns === undefined ? undefined : { kind: 'notAddress', text: dns },
    routes: route === undefined ? undefined : { kind: 'notRoute', text: route },
    ipv6Mode:
      cidr.version === 6 && values.ipv6Mode === 'slaac' && cidr.prefix !== 64 ? { kind: 'slaacSize' } : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem));
}

/** What a network will have: for the line below the form's fields. Null while there is no network. */
export function subnetOutlook(values: SubnetValues): {
  readonly gateway: string | null;
  readonly pools: readonly string[];
  readonly addresses: bigint;
} | null {
  const cidr = parseCidr(values.cidr);
  if (!cidr) return null;
  const gateway = values.gatewayOff ? null : values.gateway.trim() || defaultGateway(cidr);
  const typed = lines(values.pools).flatMap((line) => {
    const range = parseRange(line);
    const [first, last] = [parseIp(range?.start ?? ''), parseIp(range?.end ?? '')];
    return first && last ? [{ first: first.value, last: last.value }] : [];
  });
  const pools = typed.length > 0 ? typed : defaultPools(cidr, gateway === null ? null : parseIp(gateway));
  return {
    gateway,
    pools: pools.map(({ first, last }) => `${formatIp(cidr.version, first)} – ${formatIp(cidr.version, last)}`),
    addresses: pools.reduce((sum, pool) => sum + sizeOf(pool), 0n),
  };
}

/** Other subnets that the typed network overlaps: allowed, but no router can connect both. */
export function overlapping<S extends { readonly cidr: string }>(text: string, others: readonly S[]): readonly S[] {
  const cidr = parseCidr(text);
  if (!cidr) return [];
  return others.filter((other) => {
    const its = parseCidr(other.cidr);
    return its !== null && overlap(cidr, its);
  });
}

const common = (values: SubnetValues) => ({
  name: values.name.trim(),
  enable_dhcp: values.dhcp,
  dns_nameservers: lines(values.dns),
  host_routes: lines(values.routes).flatMap((line) => parseRoute(line) ?? []),
});
const poolsOf = (values: SubnetValues) => lines(values.pools).flatMap((line) => parseRange(line) ?? []);

/** What a subnet is called when nobody gives it a name. */
export const standardName = (network: string, version: 4 | 6): string =>
  `${network.slice(0, 240)}-subnet${version === 6 ? '-v6' : ''}`;

/** Only of values without problems. */
export function newSubnet(values: SubnetValues, network: { readonly id: string; readonly name: string }): NewSubnet {
  const version = parseCidr(values.cidr)?.version ?? 4;
  const pools = poolsOf(values);
  const mode = version === 6 && values.dhcp && values.ipv6Mode !== '' ? values.ipv6Mode : null;
  return {
    network_id: network.id,
    ip_version: version,
    cidr: values.cidr.trim(),
    ...common(values),
    name: values.name.trim() || standardName(network.name, version),
    ...(values.gatewayOff
      ? { gateway_ip: null }
      : values.gateway.trim() !== '' && { gateway_ip: values.gateway.trim() }),
    ...(pools.length > 0 && { allocation_pools: pools }),
    ...(mode !== null && { ipv6_ra_mode: mode, ipv6_address_mode: mode }),
  };
}

/** Network and IPv6 modes stay what they were made with. */
export function subnetChange(values: SubnetValues): SubnetChange {
  const cidr = parseCidr(values.cidr);
  const gateway = values.gatewayOff ? null : values.gateway.trim() || (cidr && defaultGateway(cidr));
  const pools = poolsOf(values);
  const all = cidr ? defaultPools(cidr, gateway === null ? null : parseIp(gateway)) : [];
  return {
    ...common(values),
    gateway_ip: gateway,
    allocation_pools:
      pools.length > 0
        ? pools
        : all.map(({ first, last }) => ({
            start: formatIp(cidr?.version ?? 4, first),
            end: formatIp(cidr?.version ?? 4, last),
          })),
  };
}
