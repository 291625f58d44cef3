import { bool, int, list, nullable, oneOf, text, uuid, InvalidValue, type Kind } from '../api/kinds.ts';
import { readOnly, required, resource, withDefault } from '../api/resource.ts';
import { nullableDescription, owned, standard } from '../api/standard.ts';
import { errors } from '../errors.ts';
import { parseCidr, parseIp } from '../ipam/address.ts';

/** Protocols by name, as iptables and Neutron know them. */
export const protocols: Readonly<Record<string, number>> = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
};
const names = [...Object.keys(protocols), 'icmpv6'].sort();

/** A name or a number, as written; `any` is null. */
const protocol: Kind<string | null> = {
  schema: { anyOf: [{ enum: [...names, 'any', null] }, { type: 'integer', minimum: 0, maximum: 255 }] },
  parse(value) {
    if (value === null || value === undefined) return null;
    const given = String(value).toLowerCase();
    if (given === 'any' || given === '-1' || given === '') return null;
    if (/^\d+$/.test(given) && Number(given) <= 255) return String(Number(given));
    if (names.includes(given)) return given;
    throw errors.ruleProtocol(String(value), `[${['None', ...names.map((name) => `'${name}'`)].join(', ')}]`);
  },
  fromQuery: (value) => value.toLowerCase(),
};

const prefix: Kind<string> = {
  schema: { type: 'string', description: 'address or address/prefix length' },
  parse(value) {
    if (typeof value === 'string' && parseCidr(value)) return value;
    const ip = typeof value === 'string' ? parseIp(value) : null;
    if (!ip) throw new InvalidValue(`'${String(value)}' is not a valid IP subnet`);
    return `${value as string}/${ip.version === 4 ? 32 : 128}`;
  },
  fromQuery: (value) => value,
};

/** Any case is taken; the canonical one is kept. */
const ethertype: Kind<'IPv4' | 'IPv6'> = {
  ...oneOf('IPv4', 'IPv6'),
  parse: (value) =>
    oneOf('IPv4', 'IPv6').parse(
      typeof value === 'string' ? value.replace(/^ipv4$/i, 'IPv4').replace(/^ipv6$/i, 'IPv6') : value,
    ),
};

const fixed = { put: false } as const;

export const ruleAttributes = {
  ...owned,
  security_group_id: required(uuid, fixed),
  direction: required(oneOf('ingress', 'egress'), fixed),
  ethertype: withDefault(ethertype, 'IPv4', fixed),
  protocol: withDefault(protocol, null, fixed),
  port_range_min: withDefault(nullable(int()), null, fixed),
  port_range_max: withDefault(nullable(int()), null, fixed),
  remote_ip_prefix: withDefault(nullable(prefix), null, fixed),
  // Whatever it is, a group that is not there is not found.
  remote_group_id: withDefault(nullable(text(255)), null, fixed),
  remote_address_group_id: readOnly(nullable(uuid), { listed: false }),
  normalized_cidr: readOnly(nullable(text(64)), { listed: false }),
  ...nullableDescription,
};

export const ruleResource = resource({
  singular: 'security_group_rule',
  plural: 'security_group_rules',
  path: '/security-group-rules',
  attributes: ruleAttributes,
  bulk: true,
  standard: true,
});

export const groupAttributes = {
  ...owned,
  name: withDefault(text(255), ''),
  stateful: readOnly(bool, { listed: false }),
  shared: readOnly(bool, { listed: false }),
  security_group_rules: readOnly(list(nullable(text(36))), { listed: false }),
  ...standard,
};

export const groupResource = resource({
  singular: 'security_group',
  plural: 'security_groups',
  path: '/security-groups',
  attributes: groupAttributes,
  bulk: true,
  standard: true,
});

/** What a rule's protocol means as a number; null for any. */
export const protocolNumber = (protocolName: string | null, family: 'IPv4' | 'IPv6'): number | null => {
  if (protocolName === null) return null;
  if (protocolName === 'icmpv6') return 58;
  // ICMP of an IPv6 rule is ICMPv6, as users have always meant it.
  if (protocolName === 'icmp' && family === 'IPv6') return 58;
  return protocols[protocolName] ?? Number(protocolName);
};
