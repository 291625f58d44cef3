import { describe, expect, it } from 'vitest';
import { belowUse, fullness, isCounted, parseLimit } from './quota-rules.ts';
import { limitsOf } from './quotas.ts';

describe('limits', () => {
  it('says how full something is', () => {
    expect(fullness({ limit: 10, used: 4 })).toBe(0.4);
    expect(fullness({ limit: 2, used: 3 })).toBe(1.5);
    expect(fullness({ limit: 0, used: 1 })).toBe(Infinity);
    expect(fullness({ limit: 0, used: 0 })).toBeNull();
    expect(fullness({ limit: -1, used: 4 })).toBeNull();
  });
  it('warns below use, never without limit', () => {
    expect(belowUse(3, 4)).toBe(true);
    expect(belowUse(4, 4)).toBe(false);
    expect(belowUse(-1, 4)).toBe(false);
  });
  it('reads whole numbers that the services can keep', () => {
    expect(parseLimit(' 20 ')).toBe(20);
    expect(parseLimit('0')).toBe(0);
    for (const text of ['', '-1', '1.5', 'x', '2147483648', '99999999999']) expect(parseLimit(text)).toBeNull();
  });
  it('knows what is counted by project', () => {
    expect(isCounted('instances')).toBe(true);
    expect(isCounted('server_group_members')).toBe(false);
  });
});

describe('limitsOf', () => {
  it('reads all three services, what is reserved counting as used', () => {
    expect(limitsOf('compute', { id: 'p', cores: { limit: 20, in_use: 3, reserved: 1 } })).toEqual({
      cores: { limit: 20, used: 4 },
    });
    expect(limitsOf('network', { floatingip: { limit: -1, used: 2, reserved: '0' } })).toEqual({
      floatingip: { limit: -1, used: 2 },
    });
  });
  it('leaves out what the console has no word for', () => {
    expect(limitsOf('volume', { volumes___DEFAULT__: { limit: -1, in_use: 0 } })).toEqual({});
  });
});
