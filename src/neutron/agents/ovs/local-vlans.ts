import type { OvsPort } from '#common/host/ovs-bridges.ts';
import type { NetworkType, Segment } from '../../rpc.ts';
import { DEAD_VLAN } from '../names.ts';
import type { LocalNetwork } from './flows.ts';

const LAST_VLAN = 4094;

/**
 * The VLANs by which br-int keeps networks apart. They count on this host only. They are remembered in the database of
 * Open vSwitch, at the ports, so that a restart of the agent leaves running traffic alone.
 */
export class LocalVlans {
  readonly #networks = new Map<string, LocalNetwork>();

  /** Takes over what the ports carry from before. */
  restore(ports: readonly OvsPort[]): void {
    for (const { tag, otherConfig } of ports) {
      const networkId = otherConfig['net_uuid'];
      const segment = segmentOf(otherConfig);
      if (networkId && segment && tag !== undefined && tag !== DEAD_VLAN && !this.#byVlan(tag))
        this.#networks.set(networkId, { networkId, vlan: tag, segment });
    }
  }

  /** @throws Error when this host has ports in 4094 networks already */
  ensure(networkId: string, segment: Segment): LocalNetwork {
    const known = this.#networks.get(networkId);
    const vlan = known?.vlan ?? this.#free();
    const network = { networkId, vlan, segment };
    this.#networks.set(networkId, network);
    return network;
  }

  /** Gives free the VLANs of networks that have no port here any more. */
  keep(networkIds: ReadonlySet<string>): void {
    for (const id of this.#networks.keys()) if (!networkIds.has(id)) this.#networks.delete(id);
  }

  list(): LocalNetwork[] {
    return [...this.#networks.values()].sort((a, b) => a.vlan - b.vlan);
  }

  #byVlan(vlan: number): boolean {
    return [...this.#networks.values()].some((network) => network.vlan === vlan);
  }

  #free(): number {
    const used = new Set([...this.#networks.values()].map(({ vlan }) => vlan));
    for (let vlan = 1; vlan <= LAST_VLAN; vlan++) if (!used.has(vlan)) return vlan;
    throw new Error(`This host has ports in ${LAST_VLAN} networks already; no local VLAN is free`);
  }
}

/** What is kept at a port for `restore`. */
export const rememberedAs = ({ networkId, segment }: LocalNetwork): Record<string, string> => ({
  net_uuid: networkId,
  network_type: segment.networkType,
  physical_network: segment.physicalNetwork ?? '',
  segmentation_id: segment.segmentationId === null ? '' : String(segment.segmentationId),
});

function segmentOf(config: Readonly<Record<string, string>>): Segment | undefined {
  const type = config['network_type'];
  if (!type) return undefined;
  return {
    networkType: type as NetworkType,
    physicalNetwork: config['physical_network'] || null,
    segmentationId: config['segmentation_id'] ? Number(config['segmentation_id']) : null,
  };
}
