import { describe, expect, it } from 'vitest';
import { emptyNetwork, mtuWrong, newNetwork, segmentWrong } from './network-form.ts';

describe('the form of a network', () => {
  it('sends a name and little else', () => {
    expect(newNetwork({ ...emptyNetwork, name: ' lan ' }, false)).toEqual({ name: 'lan', admin_state_up: true });
  });
  it('sends what is for administrators only from them, and only what the type has', () => {
    const values = {
      ...emptyNetwork,
      name: 'vlan100',
      external: true,
      project: 'p1',
      providerType: 'vlan',
      physical: 'physnet1',
      segment: '100',
      mtu: '9000',
    };
    expect(newNetwork(values, true)).toEqual({
      name: 'vlan100',
      admin_state_up: true,
      mtu: 9000,
      shared: false,
      'router:external': true,
      tenant_id: 'p1',
      'provider:network_type': 'vlan',
      'provider:physical_network': 'physnet1',
      'provider:segmentation_id': 100,
    });
    expect(newNetwork(values, false)).toEqual({ name: 'vlan100', admin_state_up: true, mtu: 9000 });
    expect(newNetwork({ ...values, providerType: 'flat' }, true)).not.toHaveProperty('provider:segmentation_id');
    expect(newNetwork({ ...values, providerType: '' }, true)).not.toHaveProperty('provider:physical_network');
  });
  it('knows numbers that cannot be', () => {
    expect(['', '1500', '65535'].map(mtuWrong)).toEqual([false, false, false]);
    expect(['60', 'big', '65536', '-1'].map(mtuWrong)).toEqual([true, true, true, true]);
    expect(['', '1', '0', 'x'].map(segmentWrong)).toEqual([false, false, true, true]);
  });
});
