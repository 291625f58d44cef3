import { bool, cidr, distinct, int, list, nullable, text, uuid } from '../api/kinds.ts';
import { optional, readOnly, required, resource, withDefault } from '../api/resource.ts';
import { owned, standard } from '../api/standard.ts';

export const prefixList = distinct(list(cidr), 'prefix');

export const subnetPoolAttributes = {
  ...owned,
  name: required(text(255)),
  prefixes: required(prefixList, { listed: false }),
  default_prefixlen: optional(int(0)),
  min_prefixlen: optional(int(0)),
  max_prefixlen: optional(int(0)),
  default_quota: optional(nullable(int(0))),
  ip_version: readOnly(int()),
  shared: withDefault(bool, false, { put: false, guarded: ['create'] }),
  is_default: withDefault(bool, false, { guarded: ['create', 'update'] }),
  address_scope_id: readOnly(nullable(uuid), { listed: false }),
  ...standard,
};

export const subnetPoolResource = resource({
  singular: 'subnetpool',
  plural: 'subnetpools',
  path: '/subnetpools',
  attributes: subnetPoolAttributes,
  bulk: true,
  standard: true,
});
