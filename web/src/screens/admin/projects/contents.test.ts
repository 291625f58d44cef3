import { describe, expect, it } from 'vitest';
import { contentsOf } from './contents.ts';

describe('contentsOf', () => {
  it('counts what the services account for, and images', () => {
    const contents = contentsOf(
      {
        compute: { instances: { limit: 10, used: 3 }, cores: { limit: 20, used: 6 } },
        network: { network: { limit: -1, used: 1 }, router: { limit: 1, used: 0 } },
      },
      2,
    );
    expect(contents.map(({ kind, count }) => [kind, count])).toEqual([
      ['instances', 3],
      ['images', 2],
      ['network', 1],
      ['router', 0],
    ]);
  });
  it('says nothing of what is not known', () => {
    expect(contentsOf({}, undefined)).toEqual([]);
  });
});
