import { bool, cidr, int, InvalidValue, ip, list, nullable, oneOf, text, uuid, type Kind } from '../api/kinds.ts';
import { readOnly, required, resource, withDefault } from '../api/resource.ts';
import { owned } from '../api/standard.ts';

const named = { name: withDefault(text(255), ''), description: withDefault(text(255), '') };

/** Any case. */
const folded = <V extends string>(kind: Kind<V>): Kind<V> => ({
  ...kind,
  parse: (value) => kind.parse(typeof value === 'string' ? value.toLowerCase() : value),
});

const ipOrSubnet: Kind<string> = {
  schema: { type: 'string', description: 'an address, or address/prefix length' },
  parse: (value) => (String(value).includes('/') ? cidr.parse(value) : ip.parse(value)),
  fromQuery: (value) => value,
};

/** One port or two, `first:last`. */
const portRange: Kind<string> = {
  schema: { anyOf: [{ type: 'string', pattern: '^\\d+(:\\d+)?$' }, { type: 'integer' }] },
  parse(value) {
    const range = String(value).split(':');
    if (range.length > 2) throw new InvalidValue(`'${String(value)}' is not a valid range of ports`);
    const ports = range.map((part) => {
      if (!/^\d+$/.test(part)) throw new InvalidValue(`Port '${part}' is not a valid number`);
      if (Number(part) < 1 || Number(part) > 65_535) throw new InvalidValue(`Invalid port '${part}'`);
      return Number(part);
    });
    if (ports.length === 2 && (ports[0] as number) > (ports[1] as number))
      throw new InvalidValue(`'${String(value)}' is not a valid range of ports`);
    return ports.join(':');
  },
  fromQuery: (value) => value,
};

export const firewallAttributes = {
  ...owned,
  ...named,
  admin_state_up: withDefault(bool, true),
  status: readOnly(text(16)),
  shared: withDefault(bool, false, { guarded: ['create', 'update', 'get'] }),
  firewall_policy_id: required(nullable(uuid)),
};

export const firewallResource = resource({
  singular: 'firewall',
  plural: 'firewalls',
  path: '/fw/firewalls',
  attributes: firewallAttributes,
  bulk: true,
  standard: false,
});

/** Null is none. */
const ruleIds: Kind<readonly string[]> = {
  ...list(uuid),
  parse: (value) => (value === null ? [] : list(uuid).parse(value)),
};

export const firewallPolicyAttributes = {
  ...owned,
  ...named,
  shared: withDefault(bool, false, { guarded: ['create'] }),
  firewall_rules: withDefault(ruleIds, [], { listed: false }),
  audited: withDefault(bool, false),
};

export const firewallPolicyResource = resource({
  singular: 'firewall_policy',
  plural: 'firewall_policies',
  path: '/fw/firewall_policies',
  attributes: firewallPolicyAttributes,
  bulk: true,
  standard: false,
});

export const firewallRuleAttributes = {
  ...owned,
  ...named,
  firewall_policy_id: readOnly(nullable(uuid)),
  shared: withDefault(bool, false),
  protocol: withDefault(nullable(folded(oneOf('tcp', 'udp', 'icmp'))), null),
  ip_version: withDefault(oneOf(4, 6), 4),
  source_ip_address: withDefault(nullable(ipOrSubnet), null),
  destination_ip_address: withDefault(nullable(ipOrSubnet), null),
  source_port: withDefault(nullable(portRange), null),
  destination_port: withDefault(nullable(portRange), null),
  position: readOnly(nullable(int())),
  action: withDefault(folded(oneOf('allow', 'deny')), 'deny'),
  enabled: withDefault(bool, true),
};

export const firewallRuleResource = resource({
  singular: 'firewall_rule',
  plural: 'firewall_rules',
  path: '/fw/firewall_rules',
  attributes: firewallRuleAttributes,
  bulk: true,
  standard: false,
});
