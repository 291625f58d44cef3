import { StartupError } from '#common/daemon.ts';
import type { NetworkType } from '../../rpc.ts';
import type { TypeDriver } from './driver.ts';
import { createFlatDriver } from './flat.ts';
import { createLocalDriver } from './local.ts';
import { parseIdRange, parseVlanRanges } from './ranges.ts';
import { createTunnelDriver } from './tunnel.ts';
import { createVlanDriver } from './vlan.ts';

/** The options that the type drivers read. */
export interface TypeOptions {
  readonly flatNetworks: readonly string[];
  readonly vlanRanges: readonly string[];
  readonly greRanges: readonly string[];
  readonly vxlanRanges: readonly string[];
  /** Bytes of an IP packet on the physical network (`global_physnet_mtu`). */
  readonly physicalMtu: number;
  /** Bytes of an IP packet between tunnel endpoints (`path_mtu`); 0: as the physical network. */
  readonly pathMtu: number;
  readonly overlayIpVersion: 4 | 6;
}

/** GRE: IP 20, GRE with key 8, the guest's Ethernet header with a VLAN tag 18: 1454 on 1500, as the manual has it. */
const greOverhead = 46;
/** VXLAN: IP 20, UDP 8, VXLAN 8, the guest's Ethernet header 14. */
const vxlanOverhead = 50;

const makers: Readonly<Record<NetworkType, (options: TypeOptions) => TypeDriver>> = {
  local: (o) => createLocalDriver(o.physicalMtu),
  flat: (o) => createFlatDriver(o.flatNetworks, o.physicalMtu),
  vlan: (o) => createVlanDriver(parseVlanRanges(o.vlanRanges), o.physicalMtu),
  gre: (o) =>
    createTunnelDriver({
      type: 'gre',
      ranges: o.greRanges.map((text) => parseIdRange(text, '[ml2_type_gre] tunnel_id_ranges', 2 ** 31 - 1)),
      maxId: 2 ** 31 - 1,
      mtu: overlayMtu(o, greOverhead),
    }),
  vxlan: (o) =>
    createTunnelDriver({
      type: 'vxlan',
      ranges: o.vxlanRanges.map((text) => parseIdRange(text, '[ml2_type_vxlan] vni_ranges', 2 ** 24 - 1)),
      maxId: 2 ** 24 - 1,
      mtu: overlayMtu(o, vxlanOverhead),
    }),
};

const overlayMtu = ({ pathMtu, physicalMtu, overlayIpVersion }: TypeOptions, overhead: number): number =>
  (pathMtu > 0 ? Math.min(pathMtu, physicalMtu) : physicalMtu) - overhead - (overlayIpVersion === 6 ? 20 : 0);

/** The drivers of `[ml2] type_drivers`, by type. @throws StartupError for an unknown name or a wrong range */
export function createTypeDrivers(
  names: readonly string[],
  options: TypeOptions,
): ReadonlyMap<NetworkType, TypeDriver> {
  return new Map(
    names.map((name) => {
      const make = (makers as Readonly<Record<string, (o: TypeOptions) => TypeDriver>>)[name];
      if (!make)
        throw new StartupError(
          `[ml2] type_drivers: there is no type driver "${name}". Choose among ${Object.keys(makers).join(', ')}.`,
        );
      return [name as NetworkType, make(options)];
    }),
  );
}
