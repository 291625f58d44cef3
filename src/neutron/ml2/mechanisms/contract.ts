import { expect, it } from 'vitest';
import type { BindingRequest, MechanismDriver } from './driver.ts';

/** A host with everything that any driver could want. */
export const ablest: BindingRequest = {
  host: 'compute1',
  vnicType: 'normal',
  segment: { networkType: 'gre', physicalNetwork: null, segmentationId: 1 },
  agents: [
    {
      agentType: 'Open vSwitch agent',
      alive: true,
      configurations: { tunnel_types: ['gre', 'vxlan'], bridge_mappings: { physnet1: 'br-ex' } },
    },
  ],
};

/** What every mechanism driver must do. */
export function mechanismContract(make: () => MechanismDriver): void {
  it('has the name that mechanism_drivers gives it', () => {
    expect(make().name).toMatch(/^[a-z]+$/);
  });
  it('answers the same for the same question, in plain data', () => {
    const [one, two] = [make().bind(ablest), make().bind(ablest)];
    expect(one).toEqual(two);
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
  });
  it('leaves the question alone', () => {
    const asked = structuredClone(ablest);
    make().bind(asked);
    expect(asked).toEqual(ablest);
  });
}
