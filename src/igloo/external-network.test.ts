import { describe, expect, it } from 'vitest';
import { firstFree, overlaps } from './external-network.ts';

describe('network ranges', () => {
  it.each([
    ['10.0.0.0/8', '10.124.4.0/24', true],
    ['172.24.4.0/24', '172.24.5.0/24', false],
    ['192.168.27.9/24', '192.168.27.0/25', true],
    ['172.16.0.0/12', '172.24.4.0/24', true],
    ['172.24.4.7/32', '172.24.4.0/24', true],
    ['255.255.255.0/24', '0.0.0.0/8', false],
  ])('%s and %s overlap: %s', (a, b, expected) => {
    expect([overlaps(a, b), overlaps(b, a)]).toEqual([expected, expected]);
  });

  it('takes the first that is free, and says when none is', () => {
    const candidates = ['172.24.4.0/24', '10.124.4.0/24'];
    expect(firstFree(candidates, (one) => one, ['172.16.0.0/12'])).toBe('10.124.4.0/24');
    expect(() => firstFree(candidates, (one) => one, ['0.0.0.0/0'])).toThrow('in use on this machine');
  });
});
