import {
  bool,
  dict,
  distinct,
  int,
  InvalidValue,
  ip,
  list,
  mac,
  nullable,
  record,
  text,
  uuid,
  type Kind,
} from '../api/kinds.ts';
import { optional, readOnly, required, resource, withDefault } from '../api/resource.ts';
import { owned, standard } from '../api/standard.ts';
import { parseCidr } from '../ipam/address.ts';

export interface FixedIpValue {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}
export interface AddressPair {
  readonly ip_address: string;
  readonly mac_address?: string;
}
export interface DhcpOption {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version?: number;
}

/** An address or a network of addresses. */
const addressOrNetwork: Kind<string> = {
  schema: { type: 'string', description: 'address or address/prefix length' },
  parse(value) {
    if (typeof value === 'string' && parseCidr(value)) return value;
    try {
      return ip.parse(value);
    } catch {
      throw new InvalidValue(`'${String(value)}' is not a valid IP address or subnet`);
    }
  },
  fromQuery: (value) => value,
};

const fixedIps = distinct(
  list(record<FixedIpValue>('fixed IP', { subnet_id: uuid, ip_address: ip }, ['subnet_id', 'ip_address'])),
  'fixed IP',
);
const pairs = list(
  record<AddressPair>('allowed address pair', { ip_address: addressOrNetwork, mac_address: mac }, ['mac_address']),
);
const dhcpOptions = list(
  record<DhcpOption>(
    'extra DHCP option',
    { opt_name: text(64), opt_value: nullable(text(255)), ip_version: int(4, 6) },
    ['ip_version'],
  ),
);
const noNull = <T>(kind: Kind<readonly T[]>): Kind<readonly T[]> => ({
  ...kind,
  // Clients clear a list with null as well as with [].
  parse: (value) => (value === null ? [] : kind.parse(value)),
});

const everywhere = ['create', 'update', 'get'] as const;

export const portAttributes = {
  ...owned,
  name: withDefault(text(255), ''),
  network_id: required(uuid, { put: false }),
  admin_state_up: withDefault(bool, true),
  mac_address: optional(mac, { guarded: ['create', 'update'] }),
  fixed_ips: optional(noNull(fixedIps), { guarded: ['create', 'update'] }),
  device_id: withDefault(text(255), ''),
  device_owner: withDefault(text(255), ''),
  status: readOnly(text(16)),
  security_groups: optional(noNull(list(uuid))),
  port_security_enabled: optional(bool, { guarded: ['create', 'update'] }),
  allowed_address_pairs: withDefault(noNull(pairs), [], { listed: false }),
  extra_dhcp_opts: withDefault(noNull(dhcpOptions), [], { listed: false }),
  'binding:host_id': withDefault(nullable(text(255)), '', { guarded: everywhere }),
  'binding:vnic_type': withDefault(text(64), 'normal'),
  'binding:profile': withDefault(nullable(dict), {}, { guarded: everywhere, listed: false }),
  'binding:vif_type': readOnly(text(64), { guarded: ['get'] }),
  'binding:vif_details': readOnly(dict, { guarded: ['get'], listed: false }),
  ...standard,
};

export const portResource = resource({
  singular: 'port',
  plural: 'ports',
  path: '/ports',
  attributes: portAttributes,
  bulk: true,
  standard: true,
});
