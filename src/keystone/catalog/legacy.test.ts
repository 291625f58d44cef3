import { describe, expect, it } from 'vitest';
import { groupLegacy, legacyIdOf } from './legacy.ts';
import type { Endpoint, Interface } from './model.ts';

const endpoint = (
  id: string,
  face: Interface,
  legacyId: string | null,
  regionId = 'one',
  serviceId = 's',
): Endpoint => ({
  id,
  legacyId,
  interface: face,
  regionId,
  serviceId,
  url: `http://${id}`,
  enabled: true,
  extra: {},
});
const grouped = (...endpoints: Endpoint[]) =>
  groupLegacy(endpoints).map((group) => [legacyIdOf(group), ...group.map((one) => one.id)]);

describe('endpoints as v2.0 shows them', () => {
  it('belong together by their legacy id', () => {
    expect(grouped(endpoint('a', 'admin', 'x'), endpoint('p', 'public', 'x'), endpoint('q', 'public', 'y'))).toEqual([
      ['x', 'p', 'a'],
      ['y', 'q'],
    ]);
  });

  it('belong together by service and region when v3 made them', () => {
    const three = [endpoint('a', 'admin', null), endpoint('p', 'public', null), endpoint('i', 'internal', null)];
    expect(grouped(...three)).toEqual([['p', 'p', 'i', 'a']]);
    expect(grouped(endpoint('p', 'public', null), endpoint('a', 'admin', null, 'two'))).toHaveLength(2);
    expect(grouped(endpoint('p', 'public', null), endpoint('a', 'admin', null, 'one', 't'))).toHaveLength(2);
  });

  it('complete those of v2.0 that lack an interface', () => {
    expect(grouped(endpoint('a', 'admin', null), endpoint('p', 'public', 'x'))).toEqual([['x', 'p', 'a']]);
    expect(grouped(endpoint('p2', 'public', null), endpoint('p', 'public', 'x'))).toEqual([
      ['x', 'p'],
      ['p2', 'p2'],
    ]);
  });
});
