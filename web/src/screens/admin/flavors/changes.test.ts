import { describe, expect, it } from 'vitest';
import { badKey, changesBetween, keyTwice, type FlavorSettings } from './changes.ts';

const before: FlavorSettings = {
  description: 'old',
  specs: [
    { key: 'hw:cpu_policy', value: 'shared' },
    { key: 'quota:cpu_shares', value: '10' },
  ],
  projects: ['p1', 'p2'],
};

describe("a flavor's changes", () => {
  it('are none when nothing has changed', () => expect(changesBetween(before, before)).toEqual([]));
  it('are the fewest requests', () => {
    const after: FlavorSettings = {
      description: ' ',
      specs: [
        { key: 'hw:cpu_policy', value: 'dedicated' },
        { key: 'hw:mem_page_size', value: 'large' },
        { key: '', value: 'x' },
      ],
      projects: ['p2', 'p3'],
    };
    expect(changesBetween(before, after)).toEqual([
      { what: 'describe', description: null },
      { what: 'unset', key: 'quota:cpu_shares' },
      { what: 'set', specs: { 'hw:cpu_policy': 'dedicated', 'hw:mem_page_size': 'large' } },
      { what: 'forbid', project: 'p1' },
      { what: 'allow', project: 'p3' },
    ]);
  });
});

describe('keys', () => {
  it('are unique and of the characters that Nova takes', () => {
    expect(keyTwice([...before.specs, { key: ' hw:cpu_policy', value: '' }])).toBe('hw:cpu_policy');
    expect(keyTwice(before.specs)).toBeNull();
    expect(badKey([{ key: 'a/b', value: '' }])).toBe('a/b');
    expect(badKey(before.specs)).toBeNull();
  });
});
