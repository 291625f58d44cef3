/** Addresses and networks of addresses, both versions, as numbers. */
export type Version = 4 | 6;

export interface Ip {
  readonly version: Version;
  readonly value: bigint;
}
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}
export interface Cidr extends Range {
  readonly version: Version;
  readonly prefix: number;
  /** False: bits of the host part were set, as in `10.0.0.5/24`. */
  readonly exact: boolean;
}

export const bitsOf = (version: Version): 32 | 128 => (version === 4 ? 32 : 128);

function parseIp4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIp6(text: string): bigint | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let plain = text;
  if (tail) {
    const low = parseIp4(tail[2] ?? '');
    if (low === null) return null;
    plain = `${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill('0'), ...rest];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return null;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** Null: not an address. */
export function parseIp(text: string): Ip | null {
  const trimmed = text.trim();
  const version = trimmed.includes(':') ? 6 : 4;
  const value = version === 6 ? parseIp6(trimmed) : parseIp4(trimmed);
  return value === null ? null : { version, value };
}

/** As RFC 5952 writes them: the longest run of zeroes as `::`. */
export function formatIp(version: Version, value: bigint): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length || a.index - b.index)[0];
  if (!longest) return groups.join(':');
  const end = longest.index + longest[0].length;
  return `${groups.slice(0, longest.index).join(':')}::${groups.slice(end).join(':')}`;
}

/** Null: not `address/length`. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', length, ...more] = text.trim().split('/');
  const ip = parseIp(address);
  if (!ip || length === undefined || more.length > 0 || !/^\d{1,3}$/.test(length)) return null;
  const prefix = Number(length);
  const bits = bitsOf(ip.version);
  if (prefix > bits) return null;
  const size = 1n << BigInt(bits - prefix);
  const first = ip.value - (ip.value % size);
  return { version: ip.version, prefix, first, last: first + size - 1n, exact: first === ip.value };
}

export const formatCidr = ({ version, first, prefix }: Cidr): string => `${formatIp(version, first)}/${prefix}`;

export const inside = (range: Range, value: bigint): boolean => value >= range.first && value <= range.last;

export const holds = (cidr: Cidr, ip: Ip): boolean => cidr.version === ip.version && inside(cidr, ip.value);

export const overlap = (a: Cidr, b: Cidr): boolean => a.version === b.version && a.first <= b.last && b.first <= a.last;

/** Addresses that hosts may have: without network and broadcast address where there are such. */
export function hostsOf(cidr: Cidr): Range {
  if (cidr.prefix >= bitsOf(cidr.version) - 1) return cidr;
  return { first: cidr.first + 1n, last: cidr.version === 4 ? cidr.last - 1n : cidr.last };
}

/** Where a gateway stands unless told: the first host address. */
export const defaultGateway = (cidr: Cidr): string => formatIp(cidr.version, hostsOf(cidr).first);

/** All host addresses but the gateway's: what DHCP gives out unless told. */
export function defaultPools(cidr: Cidr, gateway: Ip | null): readonly Range[] {
  const hosts = hostsOf(cidr);
  if (!gateway || !holds(cidr, gateway) || !inside(hosts, gateway.value)) return [hosts];
  return [
    { first: hosts.first, last: gateway.value - 1n },
    { first: gateway.value + 1n, last: hosts.last },
  ].filter(({ first, last }) => first <= last);
}

export const sizeOf = ({ first, last }: Range): bigint => last - first + 1n;

/** The first /24 of 192.168.0.0/16 (from .10 on), then of 10.0.0.0/8, that overlaps none of these. */
export function freeCidr(taken: readonly Cidr[]): string {
  const candidates = function* (): Generator<string> {
    for (let third = 10; third < 256; third++) yield `192.168.${third}.0/24`;
    for (let second = 0; second < 256; second++)
      for (let third = 0; third < 256; third++) yield `10.${second}.${third}.0/24`;
  };
  for (const text of candidates()) {
    const cidr = parseCidr(text);
    if (cidr && !taken.some((other) => overlap(cidr, other))) return text;
  }
  return '';
}
