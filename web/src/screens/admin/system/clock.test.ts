import { describe, expect, it } from 'vitest';
import { skewOf, verdictOf } from './clock.ts';

/** A cloud whose clock is `skew` behind this browser's, answering after `took`. */
const reading = (now: number, skew: number, took = 20) => ({
  atMs: Math.floor((now + took / 2 - skew) / 1000) * 1000,
  sentAtMs: now,
  answeredAtMs: now + took,
});

describe('the difference of two clocks', () => {
  it('is none when they agree, whatever part of a second was cut off', () => {
    for (const now of [10_000, 10_350, 10_999]) {
      const found = skewOf([reading(now, 0)]);
      expect(verdictOf(found?.skewMs ?? NaN, found?.errorMs ?? NaN)).toBe('agree');
    }
  });

  it('is found, with its sign', () => {
    const ahead = skewOf([reading(500_300, 90_000)]);
    expect(Math.abs((ahead?.skewMs ?? 0) - 90_000)).toBeLessThanOrEqual(ahead?.errorMs ?? 0);
    expect(verdictOf(ahead?.skewMs ?? 0, ahead?.errorMs ?? 0)).toBe('ahead');
    const behind = skewOf([reading(500_300, -4000)]);
    expect(verdictOf(behind?.skewMs ?? 0, behind?.errorMs ?? 0)).toBe('behind');
  });

  it('is known better by several readings', () => {
    const one = skewOf([reading(10_100, 300)]);
    const many = skewOf([10_100, 11_400, 12_700, 13_950].map((now) => reading(now, 300)));
    expect(many?.errorMs).toBeLessThan(one?.errorMs ?? 0);
    expect(Math.abs((many?.skewMs ?? 0) - 300)).toBeLessThanOrEqual(many?.errorMs ?? 0);
  });

  it('is not known without readings', () => expect(skewOf([])).toBeNull());
});
