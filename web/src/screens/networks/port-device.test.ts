import { describe, expect, it } from 'vitest';
import { blocks, deviceOf, serviceOwned } from './port-device.ts';

const names = new Map([
  ['s1', 'web-1'],
  ['r1', 'edge'],
]);
const port = (device_owner: string, device_id = '') => ({ device_owner, device_id });

describe('what a port belongs to', () => {
  it.each([
    ['compute:nova', 's1', { kind: 'instance', id: 's1', name: 'web-1' }],
    ['compute:nova', '0123456789ab', { kind: 'instance', id: '0123456789ab', name: '(01234567)' }],
    ['', 's1', { kind: 'instance', id: 's1', name: 'web-1' }],
    ['network:router_interface', 'r1', { kind: 'router', id: 'r1', name: 'edge' }],
    ['network:router_gateway', 'r1', { kind: 'gateway', id: 'r1', name: 'edge' }],
    ['network:dhcp', 'dhcp-1', { kind: 'dhcp' }],
    ['network:floatingip', 'f1', { kind: 'floating' }],
    ['', '', { kind: 'free' }],
    ['neutron:LOADBALANCER', 'v1', { kind: 'other', owner: 'neutron:LOADBALANCER' }],
  ])('%s of %s', (owner, id, device) => expect(deviceOf(port(owner, id), names)).toEqual(device));

  it('knows which ports block a deletion, and which are not to be touched', () => {
    expect(blocks(port('network:dhcp'))).toBe(false);
    expect(blocks(port(''))).toBe(true);
    expect(serviceOwned(port('network:router_interface'))).toBe(true);
    expect(serviceOwned(port('network:dhcp'))).toBe(false);
    expect(serviceOwned(port('compute:nova'))).toBe(false);
  });
});
