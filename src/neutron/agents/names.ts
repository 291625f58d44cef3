/** Names of devices and namespaces, as the manual prints them. */

/** The part of a port's id that device names carry: a device's name may have 15 characters. */
export const portPart = (portId: string): string => portId.slice(0, 11);

export const deviceName = (prefix: 'tap' | 'qbr' | 'qvb' | 'qvo' | 'qr-' | 'qg-', portId: string): string =>
  prefix + portPart(portId);

/** A device that is wired for a Neutron port, by its name alone. */
const DEVICE = /^(tap|qbr|qvb|qvo|qr-|qg-)([0-9a-f]{8}-[0-9a-f]{2})$/;

/** The port part of a device's name; undefined for devices that are none of ours. */
export const portPartOf = (device: string): string | undefined => DEVICE.exec(device)?.[2];

export const routerNamespace = (routerId: string): string => `qrouter-${routerId}`;
export const loadBalancerNamespace = (poolId: string): string => `qlbaas-${poolId}`;
export const dhcpNamespace = (networkId: string): string => `qdhcp-${networkId}`;

/** A port in this VLAN reaches nobody: ports start there, and unknown ones stay. */
export const DEAD_VLAN = 4095;

/** `gre-0a000a09` for the tunnel to 10.0.10.9. */
export const tunnelPort = (type: 'gre' | 'vxlan', remoteIp: string): string =>
  `${type}-${remoteIp
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}`;

/** The two ends of the patch between br-int and a bridge with a physical network: `int-br-ex`, `phy-br-ex`. */
export const physicalPatch = (bridge: string): { readonly int: string; readonly phy: string } => ({
  int: `int-${bridge}`.slice(0, 15),
  phy: `phy-${bridge}`.slice(0, 15),
});

/** Set in external_ids of bridges that we made, so that we remove no other. */
export const BRIDGE_MARK = { 'made-by': 'igloo' } as const;
