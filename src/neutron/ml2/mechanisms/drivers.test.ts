import { describe, expect, it } from 'vitest';
import { silentLogger } from '#common/telemetry/log.ts';
import type { NetworkType } from '../../rpc.ts';
import { ablest, mechanismContract } from './contract.ts';
import { bindPort, createMechanisms, mechanismNames } from './drivers.ts';

const deps = { log: silentLogger, openvswitch: { portFilter: true, hybridPlug: true } };
const one = (name: string) => createMechanisms([name], deps)[0]!;

describe.each(mechanismNames)('mechanism driver %s', (name) => {
  mechanismContract(() => one(name));
});

describe('openvswitch', () => {
  const on = (networkType: NetworkType, physicalNetwork: string | null = null) =>
    one('openvswitch').bind({ ...ablest, segment: { networkType, physicalNetwork, segmentationId: 1 } });

  it('reaches what the agent of the host reaches', () => {
    for (const type of ['local', 'gre', 'vxlan'] as const) expect(on(type)?.vifType).toBe('ovs');
    for (const type of ['flat', 'vlan'] as const)
      expect([on(type, 'physnet1')?.vifType, on(type, 'physnet2'), on(type, 'toString')]).toEqual(['ovs', null, null]);
  });

  it('binds neither without a living agent nor for other hardware', () => {
    const dead = ablest.agents.map((agent) => ({ ...agent, alive: false }));
    expect(one('openvswitch').bind({ ...ablest, agents: dead })).toBeNull();
    expect(one('openvswitch').bind({ ...ablest, agents: [] })).toBeNull();
    expect(one('openvswitch').bind({ ...ablest, vnicType: 'direct' })).toBeNull();
  });

  it('takes the firewall of the agent over that of the server', () => {
    const agents = ablest.agents.map((agent) => ({
      ...agent,
      configurations: { ...agent.configurations, ovs_hybrid_plug: false },
    }));
    expect(one('openvswitch').bind({ ...ablest, agents })?.vifDetails).toEqual({
      port_filter: true,
      ovs_hybrid_plug: false,
    });
  });
});

describe('several drivers', () => {
  it('are asked in order, and the port fails when none takes it', () => {
    const drivers = createMechanisms(['logger', 'openvswitch', 'fake'], deps);
    expect(bindPort(drivers, ablest)).toMatchObject({ vifType: 'ovs', active: false });
    expect(bindPort(drivers, { ...ablest, agents: [] })).toMatchObject({ active: true });
    expect(bindPort(drivers.slice(0, 2), { ...ablest, agents: [] }).vifType).toBe('binding_failed');
  });

  it('must exist', () => {
    expect(() => createMechanisms(['nope'], deps)).toThrow(/there is no mechanism driver "nope"/);
  });
});
