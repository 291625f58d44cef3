import type { MechanismDriver, HostAgent } from './driver.ts';
import type { Segment } from '../../rpc.ts';

export interface OpenvswitchOptions {
  /** Whether ports are filtered (`enable_security_group` with a real firewall driver). */
  readonly portFilter: boolean;
  /** Whether the filter sits on a Linux bridge between guest and br-int (the manual's hybrid firewall driver). */
  readonly hybridPlug: boolean;
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const mappings = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

function reaches({ configurations }: HostAgent, { networkType, physicalNetwork }: Segment): boolean {
  switch (networkType) {
    case 'local':
      return true;
    case 'flat':
    case 'vlan':
      return physicalNetwork !== null && Object.hasOwn(mappings(configurations['bridge_mappings']), physicalNetwork);
    case 'gre':
    case 'vxlan':
      return strings(configurations['tunnel_types']).includes(networkType);
  }
}

/** Ports on hosts with the Open vSwitch agent. */
export function createOpenvswitchDriver({ portFilter, hybridPlug }: OpenvswitchOptions): MechanismDriver {
  return {
    name: 'openvswitch',
    bind({ vnicType, segment, agents }) {
      if (vnicType !== 'normal') return null;
      const agent = agents.find((one) => one.agentType === 'Open vSwitch agent' && one.alive && reaches(one, segment));
      if (!agent) return null;
      // An agent with another firewall driver than the server's file says knows better.
      const hybrid = agent.configurations['ovs_hybrid_plug'];
      return {
        vifType: 'ovs',
        vifDetails: { port_filter: portFilter, ovs_hybrid_plug: typeof hybrid === 'boolean' ? hybrid : hybridPlug },
        active: false,
      };
    },
  };
}
