import { bool, int, list, nullable, text, uuid } from '../api/kinds.ts';
import { optional, readOnly, resource, withDefault } from '../api/resource.ts';
import { owned, standard } from '../api/standard.ts';

const everywhere = ['create', 'update', 'get'] as const;

export const networkAttributes = {
  ...owned,
  name: withDefault(text(255), ''),
  admin_state_up: withDefault(bool, true),
  status: readOnly(text(16)),
  subnets: readOnly(list(uuid), { listed: false }),
  shared: withDefault(bool, false, { guarded: ['create', 'update'] }),
  'router:external': withDefault(bool, false, { guarded: ['create', 'update'] }),
  'provider:network_type': optional(nullable(text(32)), { guarded: everywhere }),
  'provider:physical_network': optional(nullable(text(64)), { guarded: everywhere }),
  'provider:segmentation_id': optional(nullable(int()), { guarded: everywhere }),
  is_default: withDefault(bool, false, { guarded: ['create', 'update'] }),
  mtu: optional(int(0)),
  port_security_enabled: withDefault(bool, true, { guarded: ['create', 'update'] }),
  availability_zone_hints: withDefault(list(text(255)), [], { put: false, listed: false }),
  availability_zones: readOnly(list(text(255)), { listed: false }),
  ipv4_address_scope: readOnly(nullable(uuid), { listed: false }),
  ipv6_address_scope: readOnly(nullable(uuid), { listed: false }),
  ...standard,
};

export const networkResource = resource({
  singular: 'network',
  plural: 'networks',
  path: '/networks',
  attributes: networkAttributes,
  bulk: true,
  standard: true,
});
