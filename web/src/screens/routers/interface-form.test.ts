import { describe, expect, it } from 'vitest';
import { addressProblem, subnetChoices } from './interface-form.ts';

const subnet = (id: string, cidr: string, gateway_ip: string | null = null) => ({ id, cidr, gateway_ip });

describe('a new leg of a router', () => {
  it('leaves out what is connected, and knows what overlaps with it', () => {
    const [a, b, c] = [subnet('a', '10.0.0.0/24'), subnet('b', '10.0.1.0/24'), subnet('c', '10.0.0.0/16')];
    expect(subnetChoices([a, b, c], [a])).toEqual([
      { subnet: b, overlaps: null },
      { subnet: c, overlaps: '10.0.0.0/24' },
    ]);
  });
  it('has an address of the subnet', () => {
    expect(addressProblem(subnet('a', '10.0.0.0/24', '10.0.0.1'), '')).toBeNull();
    expect(addressProblem(subnet('a', '10.0.0.0/24'), ' ')).toBe('needsAddress');
    expect(addressProblem(subnet('a', '10.0.0.0/24'), '10.0.0.9')).toBeNull();
    expect(addressProblem(subnet('a', '10.0.0.0/24'), '10.0.1.9')).toBe('outside');
    expect(addressProblem(subnet('a', '10.0.0.0/24'), 'x')).toBe('notAddress');
  });
});
