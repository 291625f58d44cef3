import { describe, expect, it } from 'vitest';
import type { DashboardFailure } from '../failure.ts';
import { createSignInLimit } from './sign-in-limit.ts';

const limits = { windowSeconds: 100, perUser: 3, perAddress: 5, watched: 50 };
const make = () => {
  let at = 0;
  const limit = createSignInLimit({ now: () => new Date(at) }, limits);
  const fail = (address: string, user: string): number | null => {
    try {
      limit.attempt(address, user);
      return null;
    } catch (error) {
      return (error as DashboardFailure).retryAfter ?? -1;
    }
  };
  return { limit, fail, advance: (seconds: number) => void (at += seconds * 1000) };
};

describe('the sign-in limit', () => {
  it('counts failures of a name, from wherever, in whatever letters', () => {
    const { fail, advance } = make();
    expect(fail('10.0.0.1', 'alice')).toBeNull();
    advance(10);
    expect([fail('10.0.0.2', 'ALICE'), fail('10.0.0.3', 'alice'), fail('10.0.0.4', 'Alice')]).toEqual([null, null, 90]);
    expect(fail('10.0.0.4', 'bob')).toBeNull();
    advance(90);
    expect([fail('10.0.0.4', 'alice'), fail('10.0.0.4', 'alice')]).toEqual([null, 10]);
  });

  it('counts failures of an address, of whichever names', () => {
    const { fail } = make();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(names.map((name) => fail('10.0.0.1', name))).toEqual([null, null, null, null, null, 100]);
    expect(fail('10.0.0.2', 'f')).toBeNull();
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:0DB8:1:2:3:4:5:6', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
    ['fe80::1%eth0', 'fe80::2', true],
  ])('takes %s and %s for one: %s', (one, other, same) => {
    const { fail } = make();
    for (const name of ['a', 'b', 'c', 'd', 'e']) fail(one, name);
    expect(fail(other, 'f') !== null).toBe(same);
  });

  it('does not count what did not fail, but counts what is not decided', () => {
    const { limit, fail } = make();
    for (let n = 0; n < 20; n++) limit.attempt('10.0.0.1', 'alice')();
    expect([1, 2, 3, 4].map(() => fail('10.0.0.1', 'alice'))).toEqual([null, null, null, 100]);
  });

  it('does not grow without end', () => {
    const { fail } = make();
    for (let n = 0; n < 3; n++) fail('10.0.0.1', 'alice');
    for (let n = 0; n < 100; n++) fail(`10.1.0.${n}`, `user${n}`);
    // Forgotten meanwhile: the price of bounded memory, which 100 addresses had to be brought for.
    expect(fail('10.0.0.1', 'alice')).toBeNull();
  });
});
