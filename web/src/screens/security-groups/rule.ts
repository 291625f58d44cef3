import type { RuleContent } from '#api/network/security-group-writes.ts';
import { formatCidr, parseCidr, type Cidr } from '../networks/address.ts';

/** The part of a rule that packets are matched by. */
export type Match = Omit<RuleContent, 'description'>;

const numbers: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  ospf: 89,
  vrrp: 112,
  sctp: 132,
};

/** One spelling for a protocol; null: any. ICMP of an IPv6 rule is ICMPv6, as Neutron takes it. */
export function protocolOf({ protocol, ethertype }: Pick<Match, 'protocol' | 'ethertype'>): string | null {
  if (protocol === null || protocol === 'any') return null;
  const number = numbers[protocol] ?? Number(protocol);
  if (Number.isNaN(number)) return protocol;
  return String(number === 1 && ethertype === 'IPv6' ? 58 : number);
}

const isIcmp = (protocol: string | null): boolean => protocol === '1' || protocol === '58';
const prefixOf = ({ remote_ip_prefix: text }: Match): Cidr | null => {
  const cidr = text === null ? null : parseCidr(text);
  // The whole of it is no restriction.
  return cidr && cidr.prefix > 0 ? cidr : null;
};

/** Equal for two rules that match the same packets as written: Neutron refuses the second. */
export function fingerprint(rule: Match): string {
  const cidr = prefixOf(rule);
  return [
    rule.direction,
    rule.ethertype,
    protocolOf(rule) ?? 'any',
    rule.port_range_min ?? '',
    rule.port_range_max ?? '',
    cidr ? formatCidr(cidr) : '',
    rule.remote_group_id ?? '',
  ].join('|');
}

function coversPorts(wide: Match, narrow: Match): boolean {
  if (wide.port_range_min === null && wide.port_range_max === null) return true;
  if (isIcmp(protocolOf(wide)))
    return (
      wide.port_range_min === narrow.port_range_min &&
      (wide.port_range_max === null || wide.port_range_max === narrow.port_range_max)
    );
  if (narrow.port_range_min === null || narrow.port_range_max === null) return false;
  return (wide.port_range_min ?? 0) <= narrow.port_range_min && narrow.port_range_max <= (wide.port_range_max ?? 65535);
}

function coversRemote(wide: Match, narrow: Match): boolean {
  const [a, b] = [prefixOf(wide), prefixOf(narrow)];
  if (wide.remote_group_id !== null) return wide.remote_group_id === narrow.remote_group_id;
  if (a === null) return true;
  return b !== null && narrow.remote_group_id === null && a.first <= b.first && b.last <= a.last;
}

/** Whether every packet of `narrow` is one of `wide`. */
export function covers(wide: Match, narrow: Match): boolean {
  if (wide.direction !== narrow.direction || wide.ethertype !== narrow.ethertype) return false;
  const protocol = protocolOf(wide);
  return (
    (protocol === null || protocol === protocolOf(narrow)) && coversPorts(wide, narrow) && coversRemote(wide, narrow)
  );
}

/** Ports that are better not open to everybody, with what listens there. */
const sensitive: Readonly<Record<number, string>> = {
  22: 'SSH',
  23: 'Telnet',
  445: 'SMB',
  1433: 'SQL Server',
  2375: 'Docker',
  3306: 'MySQL',
  3389: 'RDP',
  5432: 'PostgreSQL',
  5900: 'VNC',
  6379: 'Redis',
  9200: 'Elasticsearch',
  11211: 'memcached',
  27017: 'MongoDB',
};

/** What a rule opens to the whole world that is often attacked: names of services; `all` when it opens everything. */
export function exposes(rule: Match): readonly string[] | 'all' {
  if (rule.direction !== 'ingress' || prefixOf(rule) !== null || rule.remote_group_id !== null) return [];
  const protocol = protocolOf(rule);
  if (protocol === null) return 'all';
  if (protocol !== '6') return [];
  const [min, max] = [rule.port_range_min ?? 0, rule.port_range_max ?? 65535];
  return Object.entries(sensitive)
    .filter(([port]) => Number(port) >= min && Number(port) <= max)
    .map(([, name]) => name);
}

/** What a rule says, in parts that become a sentence. */
export interface RuleParts {
  readonly direction: 'ingress' | 'egress';
  readonly family: 'IPv4' | 'IPv6';
  readonly who: { readonly kind: 'anyone' } | { readonly kind: 'cidr' | 'host' | 'group'; readonly name: string };
  readonly what:
    | { readonly kind: 'everything' }
    | { readonly kind: 'protocol'; readonly protocol: string }
    | { readonly kind: 'ports'; readonly protocol: string; readonly ports: string; readonly service: string | null }
    | { readonly kind: 'ping' }
    | { readonly kind: 'icmp'; readonly type: number; readonly code: number | null };
}

const services: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(sensitive).map(([port, name]) => [`6/${port}`, name])),
  '6/25': 'SMTP',
  '6/53': 'DNS',
  '17/53': 'DNS',
  '17/67': 'DHCP',
  '17/123': 'NTP',
  '6/80': 'HTTP',
  '6/389': 'LDAP',
  '6/443': 'HTTPS',
  '6/587': 'SMTP',
  '6/993': 'IMAPS',
};
const names: Readonly<Record<string, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' };
const protocolName = (protocol: string): string =>
  names[protocol] ??
  Object.entries(numbers)
    .find(([, number]) => String(number) === protocol)?.[0]
    .toUpperCase() ??
  protocol;

/** @param groupName of a group by its id */
export function partsOf(rule: Match, groupName: (id: string) => string): RuleParts {
  return { direction: rule.direction, family: rule.ethertype, who: whoOf(rule, groupName), what: whatOf(rule) };
}

function whoOf(rule: Match, groupName: (id: string) => string): RuleParts['who'] {
  if (rule.remote_group_id !== null) return { kind: 'group', name: groupName(rule.remote_group_id) };
  const cidr = prefixOf(rule);
  if (!cidr) return { kind: 'anyone' };
  const text = formatCidr(cidr);
  return cidr.first === cidr.last ? { kind: 'host', name: text.split('/')[0] ?? text } : { kind: 'cidr', name: text };
}

function whatOf(rule: Match): RuleParts['what'] {
  const protocol = protocolOf(rule);
  const { port_range_min: min, port_range_max: max } = rule;
  if (protocol === null) return { kind: 'everything' };
  if (min === null || (!isIcmp(protocol) && min <= 1 && max === 65535))
    return { kind: 'protocol', protocol: protocolName(protocol) };
  if (isIcmp(protocol)) {
    if (min === (protocol === '1' ? 8 : 128)) return { kind: 'ping' };
    return { kind: 'icmp', type: min, code: max };
  }
  return {
    kind: 'ports',
    protocol: protocolName(protocol),
    ports: min === max || max === null ? String(min) : `${min}–${max}`,
    service: min === max ? (services[`${protocol}/${min}`] ?? null) : null,
  };
}
