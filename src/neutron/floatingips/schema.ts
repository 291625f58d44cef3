import { ip, nullable, text, uuid } from '../api/kinds.ts';
import { optional, readOnly, required, resource } from '../api/resource.ts';
import { owned, standard } from '../api/standard.ts';

export const floatingIpAttributes = {
  ...owned,
  floating_network_id: required(uuid, { put: false }),
  floating_ip_address: optional(nullable(ip), { put: false, guarded: ['create'] }),
  subnet_id: optional(nullable(uuid), { put: false, listed: false }),
  port_id: optional(nullable(uuid)),
  fixed_ip_address: optional(nullable(ip)),
  router_id: readOnly(nullable(uuid)),
  status: readOnly(text(16)),
  ...standard,
};

export const floatingIpResource = resource({
  singular: 'floatingip',
  plural: 'floatingips',
  path: '/floatingips',
  attributes: floatingIpAttributes,
  bulk: false,
  standard: true,
});
