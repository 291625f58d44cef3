import type { Segment } from '../../rpc.ts';

/** A network that has ports on this host, in its VLAN that counts on this host only. */
export interface LocalNetwork {
  readonly networkId: string;
  readonly vlan: number;
  readonly segment: Segment;
}

/** The patch between br-int and a bridge with a physical network; OpenFlow port numbers of its ends. */
export interface PhysicalPatch {
  readonly bridge: string;
  readonly physicalNetwork: string;
  readonly intPort: number;
  readonly phyPort: number;
}

export interface TunnelPort {
  readonly type: 'gre' | 'vxlan';
  readonly ofport: number;
}

const TABLE = { patchIn: 1, gre: 2, vxlan: 3, learn: 10, unicast: 20, flood: 21, canary: 23 } as const;

/** A flow that is there as long as nobody emptied br-int's tables. */
export const CANARY = `table=${TABLE.canary}`;

/** Flows of br-int: a learning switch, VLAN translation for physical networks, dead ports. */
export function integrationFlows(
  networks: readonly LocalNetwork[],
  patches: readonly PhysicalPatch[],
  deadPorts: readonly number[],
): string[] {
  const translate = (patch: PhysicalPatch): string[] =>
    networksOn(patch, networks).map(({ vlan, segment }) => {
      // vlan_tci with the "present" bit cleared: an untagged frame
      const frame = segment.networkType === 'flat' ? 'vlan_tci=0x0000/0x1000' : `dl_vlan=${segment.segmentationId}`;
      return `table=0,priority=3,in_port=${patch.intPort},${frame},actions=mod_vlan_vid:${vlan},NORMAL`;
    });
  return [
    'table=0,priority=1,actions=NORMAL',
    `table=${TABLE.canary},priority=0,actions=drop`,
    ...patches.flatMap((patch) => [`table=0,priority=2,in_port=${patch.intPort},actions=drop`, ...translate(patch)]),
    ...deadPorts.map((port) => `table=0,priority=2,in_port=${port},actions=drop`),
  ];
}

/** Flows of a physical bridge that concern our patch port; its other flows are not ours. */
export function physicalFlows(patch: PhysicalPatch, networks: readonly LocalNetwork[]): string[] {
  const { phyPort } = patch;
  return [
    `table=0,priority=2,in_port=${phyPort},actions=drop`,
    ...networksOn(patch, networks).map(({ vlan, segment }) => {
      const tag = segment.networkType === 'flat' ? 'strip_vlan' : `mod_vlan_vid:${segment.segmentationId}`;
      return `table=0,priority=4,in_port=${phyPort},dl_vlan=${vlan},actions=${tag},NORMAL`;
    }),
  ];
}

/** Flows of br-tun: local VLANs to tunnel ids and back, learning from which tunnel an address answers. */
export function tunnelFlows(
  patchPort: number,
  networks: readonly LocalNetwork[],
  tunnels: readonly TunnelPort[],
): string[] {
  const learn = [
    `table=${TABLE.unicast},hard_timeout=300,priority=1`,
    'NXM_OF_VLAN_TCI[0..11]',
    'NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]',
    'load:0->NXM_OF_VLAN_TCI[]',
    'load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[]',
    'output:NXM_OF_IN_PORT[]',
  ].join();
  const flows = [
    `table=0,priority=1,in_port=${patchPort},actions=resubmit(,${TABLE.patchIn})`,
    'table=0,priority=0,actions=drop',
    ...tunnels.map(({ type, ofport }) => `table=0,priority=1,in_port=${ofport},actions=resubmit(,${TABLE[type]})`),
    `table=${TABLE.patchIn},priority=0,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00,actions=resubmit(,${TABLE.unicast})`,
    `table=${TABLE.patchIn},priority=0,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=resubmit(,${TABLE.flood})`,
    `table=${TABLE.gre},priority=0,actions=drop`,
    `table=${TABLE.vxlan},priority=0,actions=drop`,
    `table=${TABLE.learn},priority=1,actions=learn(${learn}),output:${patchPort}`,
    `table=${TABLE.unicast},priority=0,actions=resubmit(,${TABLE.flood})`,
    `table=${TABLE.flood},priority=0,actions=drop`,
  ];
  for (const { vlan, segment } of networks) {
    const { networkType: type, segmentationId: id } = segment;
    if (type !== 'gre' && type !== 'vxlan') continue;
    flows.push(`table=${TABLE[type]},priority=1,tun_id=${id},actions=mod_vlan_vid:${vlan},resubmit(,${TABLE.learn})`);
    const outputs = tunnels.filter((tunnel) => tunnel.type === type).map(({ ofport }) => `output:${ofport}`);
    if (outputs.length > 0)
      flows.push(
        `table=${TABLE.flood},priority=1,dl_vlan=${vlan},actions=strip_vlan,set_tunnel:${id},${outputs.join()}`,
      );
  }
  return flows;
}

const networksOn = (patch: PhysicalPatch, networks: readonly LocalNetwork[]): LocalNetwork[] =>
  networks.filter(
    ({ segment: { networkType, physicalNetwork } }) =>
      (networkType === 'flat' || networkType === 'vlan') && physicalNetwork === patch.physicalNetwork,
  );
