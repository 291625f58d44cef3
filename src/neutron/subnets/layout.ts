import { errors } from '../errors.ts';
import { contains, formatCidr, formatIp, overlaps, parseIp, type Cidr, type Range } from '../ipam/address.ts';
import { without } from '../ipam/rows.ts';
import type { PoolValue } from './schema.ts';

const value = (text: string): bigint => parseIp(text)?.value ?? 0n;
const shown = ({ version }: Cidr, { first, last }: Range): string =>
  `${formatIp(version, first)}-${formatIp(version, last)}`;

/** The addresses that hosts may have: without network and broadcast address where there are such. */
export function hostsOf(cidr: Cidr): Range {
  if (cidr.version === 4 && cidr.prefix >= 31) return cidr;
  if (cidr.version === 6 && cidr.prefix >= 127) return cidr;
  return { first: cidr.first + 1n, last: cidr.version === 4 ? cidr.last - 1n : cidr.last };
}

/** The first host address: where a gateway stands unless told. */
export const defaultGateway = (cidr: Cidr): string => formatIp(cidr.version, hostsOf(cidr).first);

/** @throws ApiError 400 for a gateway that hosts of an IPv4 subnet cannot reach */
export function checkGateway(cidr: Cidr, gateway: string): void {
  const ip = parseIp(gateway);
  if (ip?.version !== cidr.version)
    throw errors.invalidInput(`gateway_ip '${gateway}' does not match the ip_version '${cidr.version}'`);
  // An IPv6 gateway may be link-local.
  if (cidr.version === 6 && gateway.toLowerCase().startsWith('fe80:')) return;
  if (!contains(hostsOf(cidr), ip.value)) throw errors.invalidInput('Gateway is not valid on subnet');
}

/** All host addresses but the gateway's. */
export function defaultPools(cidr: Cidr, gateway: string | null): readonly Range[] {
  const ip = gateway === null ? null : parseIp(gateway);
  return without(hostsOf(cidr), ip === null ? [] : [ip.value]);
}

/** @throws ApiError for pools outside the subnet, upside down or overlapping */
export function parsePools(cidr: Cidr, given: readonly PoolValue[]): readonly Range[] {
  const hosts = hostsOf(cidr);
  const pools = given.map(({ start, end }) => {
    const text = `${start}-${end}`;
    const [first, last] = [parseIp(start), parseIp(end)];
    if (first?.version !== cidr.version || last?.version !== cidr.version) throw errors.invalidAllocationPool(text);
    if (first.value > last.value) throw errors.invalidAllocationPool(text);
    if (!contains(hosts, first.value) || !contains(hosts, last.value))
      throw errors.outOfBoundsPool(text, formatCidr(cidr));
    return { first: value(start), last: value(end) };
  });
  const sorted = pools.toSorted((a, b) => (a.first < b.first ? -1 : 1));
  for (let i = 1; i < sorted.length; i++) {
    const [one, two] = [sorted[i - 1] as Range, sorted[i] as Range];
    if (overlaps(one, two)) throw errors.overlappingPools(shown(cidr, one), shown(cidr, two), formatCidr(cidr));
  }
  return sorted;
}

/** @throws ApiError 409 */
export function checkGatewayOutside(cidr: Cidr, gateway: string | null, pools: readonly Range[]): void {
  const ip = gateway === null ? null : parseIp(gateway);
  if (ip === null) return;
  const pool = pools.find((one) => contains(one, ip.value));
  if (pool) throw errors.gatewayConflict(formatIp(ip.version, ip.value), shown(cidr, pool));
}
