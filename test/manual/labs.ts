import type { Command } from './commands.ts';

/** A host of one of the appendices' labs, as its reader finds it. */
export interface LabHost {
  /** Network card, the switch that it is plugged into, its addresses. */
  readonly cards: readonly (readonly [card: string, into: string, ...addresses: string[]])[];
  /** Typed before the lab begins. */
  readonly prepared: readonly string[];
}

const openvswitch = ['yum install openvswitch', 'service openvswitch start'];
/** In userspace a tunnel's packets leave by a switch: eth1 with the tunnel's address is its port, the card another one. */
const tunnelCard = ['ovs-vsctl add-br eth1', 'ovs-vsctl add-port eth1 nic1'];

export const labs: Readonly<Record<string, LabHost>> = {
  A1: { cards: [['eth0', 'external', '172.16.100.7/16']], prepared: ['sysctl -w net.ipv4.ip_forward=1'] },
  'A2-2.4': { cards: [['eth1', 'lab']], prepared: openvswitch },
  'A2-2.5 host1': { cards: [['eth1', 'trunk']], prepared: openvswitch },
  'A2-2.5 host2': { cards: [['eth1', 'trunk']], prepared: openvswitch },
  'A2-2.6 host1': {
    cards: [
      ['nic1', 'wire'],
      ['eth2', 'floor', '192.168.0.81/24'],
    ],
    prepared: [...openvswitch, ...tunnelCard, 'ovs-vsctl add-br br0'],
  },
  'A2-2.6 host2': { cards: [['nic1', 'wire']], prepared: [...openvswitch, ...tunnelCard, 'ovs-vsctl add-br br0'] },
};

/** Which hosts of the labs a command is typed at. Section 2.7 goes on where 2.6 ends. */
export function labHostsOf({ section, host }: Command): readonly string[] {
  if (section.startsWith('A1')) return ['A1'];
  if (section === 'A2-2.3' || section === 'A2-2.4') return ['A2-2.4'];
  const lab = section === 'A2-2.5' ? section : 'A2-2.6';
  return host === 'both' || host === undefined ? [`${lab} host1`, `${lab} host2`] : [`${lab} ${host}`];
}
