import { describe, expect, it } from 'vitest';
import { eachOf, sumOf } from './quota-sum.ts';

describe('quotas of all projects', () => {
  it('are added up', () => {
    const projects = [{ cores: { limit: 20, used: 4 } }, { cores: { limit: 40, used: 8 } }, {}];
    expect(sumOf(projects, 'cores')).toEqual({ given: 60, used: 12 });
  });
  it('have no limit when one has none', () => {
    expect(sumOf([{ ram: { limit: -1, used: 5 } }, { ram: { limit: 10, used: 1 } }], 'ram')).toEqual({
      given: null,
      used: 6,
    });
  });
});

it('asks a few at a time, and keeps the order', async () => {
  let now = 0;
  let most = 0;
  const answers = await eachOf([1, 2, 3, 4, 5], 2, async (one) => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    return one * 10;
  });
  expect([answers, most]).toEqual([[10, 20, 30, 40, 50], 2]);
  await expect(eachOf([1], 4, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
});
