import { bool, cidr, distinct, ip, list, nullable, record, text, uuid, type Kind } from '../api/kinds.ts';
import { optional, readOnly, resource, withDefault, type Attribute } from '../api/resource.ts';
import { owned, standard } from '../api/standard.ts';

export interface GatewayValue {
  readonly network_id: string;
  readonly enable_snat?: boolean;
  readonly external_fixed_ips?: readonly { readonly subnet_id?: string; readonly ip_address?: string }[];
}
export interface Route {
  readonly destination: string;
  readonly nexthop: string;
}

const gatewayRecord = record<GatewayValue>(
  'external_gateway_info',
  {
    network_id: uuid,
    enable_snat: bool,
    external_fixed_ips: list(record('fixed IP', { subnet_id: uuid, ip_address: ip }, ['subnet_id', 'ip_address'])),
  },
  ['enable_snat', 'external_fixed_ips'],
);

/** `{}` clears the gateway as null does. */
const gateway: Kind<GatewayValue | null> = {
  ...nullable(gatewayRecord),
  parse: (value) =>
    value === null || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
      ? null
      : gatewayRecord.parse(value),
};

const routes: Kind<readonly Route[]> = {
  ...distinct(list(record<Route>('hostroute', { destination: cidr, nexthop: ip })), 'hostroute'),
};
const noNull: Kind<readonly Route[]> = { ...routes, parse: (value) => (value === null ? [] : routes.parse(value)) };

/** Only by update: a new router has no interface that a next hop could be behind. */
const later = <T>(attribute: Attribute<T, T>): Attribute<T, T> => ({ ...attribute, post: false });

export const routerAttributes = {
  ...owned,
  name: withDefault(text(255), ''),
  admin_state_up: withDefault(bool, true),
  status: readOnly(text(16)),
  external_gateway_info: optional(gateway, { listed: false }),
  routes: later(withDefault(noNull, [], { listed: false })),
  distributed: readOnly(bool, { listed: false, guarded: ['get'] }),
  ha: readOnly(bool, { listed: false, guarded: ['get'] }),
  flavor_id: readOnly(nullable(uuid), { listed: false }),
  availability_zone_hints: withDefault(list(text(255)), [], { put: false, listed: false }),
  availability_zones: readOnly(list(text(255)), { listed: false }),
  ...standard,
};

export const routerResource = resource({
  singular: 'router',
  plural: 'routers',
  path: '/routers',
  attributes: routerAttributes,
  bulk: false,
  standard: true,
});
