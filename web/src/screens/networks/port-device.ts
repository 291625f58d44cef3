import type { Port } from '#api/network/networks.ts';

/** What a port belongs to. */
export type Device =
  | { readonly kind: 'instance' | 'router' | 'gateway'; readonly id: string; readonly name: string }
  | { readonly kind: 'dhcp' | 'floating' | 'free' }
  | { readonly kind: 'other'; readonly owner: string };

/** @param names of instances and routers by id; what is missing is called by its id */
export function deviceOf(
  { device_id: id, device_owner: owner }: Pick<Port, 'device_id' | 'device_owner'>,
  names: ReadonlyMap<string, string>,
): Device {
  const named = (kind: 'instance' | 'router' | 'gateway'): Device => ({
    kind,
    id,
    name: names.get(id) ?? `(${id.slice(0, 8)})`,
  });
  if (owner.startsWith('compute:')) return named('instance');
  if (owner.startsWith('network:router_interface')) return named('router');
  if (owner === 'network:router_gateway') return named('gateway');
  if (owner === 'network:dhcp') return { kind: 'dhcp' };
  if (owner === 'network:floatingip') return { kind: 'floating' };
  if (owner === '' && id === '') return { kind: 'free' };
  // Attached by somebody who left the owner out: Nova before it has bound the port.
  if (owner === '') return named('instance');
  return { kind: 'other', owner };
}

/** Ports that keep a network or a subnet from being deleted: DHCP servers' go with it. */
export const blocks = ({ device_owner }: Pick<Port, 'device_owner'>): boolean => device_owner !== 'network:dhcp';

/** Router and floating IP ports are changed where they belong. */
export const serviceOwned = ({ device_owner }: Pick<Port, 'device_owner'>): boolean =>
  device_owner.startsWith('network:router_') || device_owner === 'network:floatingip';
