import { describe, expect, it } from 'vitest';
import type { Aggregate } from '#api/compute/hosts.ts';
import { membershipChange, membershipRefusal, metadataChange } from './membership.ts';

const aggregate = (id: string, zone: string | null, hosts: readonly string[] = []): Aggregate => ({
  id,
  uuid: id,
  name: `aggregate ${id}`,
  availability_zone: zone,
  hosts,
  metadata: {},
  created_at: '2026-01-01T00:00:00',
});

describe('a host and an aggregate', () => {
  const refusal = (own: Aggregate, others: readonly Aggregate[], guests = 0) =>
    membershipRefusal('h1', { aggregate: own, all: [own, ...others], guestsOn: () => guests });

  it('go together unless the host is in another zone', () => {
    expect(refusal(aggregate('1', 'a'), [aggregate('2', 'b', ['h1'])])).toEqual({
      why: 'other-zone',
      zone: 'b',
      aggregate: 'aggregate 2',
    });
    expect(refusal(aggregate('1', 'a'), [aggregate('2', 'a', ['h1'])], 3)).toBeNull();
    expect(refusal(aggregate('1', null), [aggregate('2', 'b', ['h1'])], 3)).toBeNull();
    expect(refusal(aggregate('1', 'a'), [aggregate('2', 'b', ['h2']), aggregate('3', null, ['h1'])])).toBeNull();
  });

  it('do not come together, or part, over the heads of guests', () => {
    expect(refusal(aggregate('1', 'a'), [], 2)).toEqual({ why: 'guests-in-default', guests: 2 });
    expect(refusal(aggregate('1', 'a', ['h1']), [], 2)).toEqual({ why: 'guests-in-zone', guests: 2, zone: 'a' });
    expect(refusal(aggregate('1', 'nova'), [], 2)).toBeNull();
    expect(refusal(aggregate('1', 'nova', ['h1']), [], 2)).toBeNull();
  });
});

it('changes no more hosts than it must', () => {
  expect(membershipChange(aggregate('1', null, ['a', 'b']), new Set(['b', 'c']))).toEqual({
    add: ['c'],
    remove: ['a'],
  });
});

it('changes no more metadata than it must, and never the zone', () => {
  const before = { availability_zone: 'a', ssd: 'true', rack: '3' };
  expect(metadataChange(before, { ssd: 'true', rack: '4', fast: 'yes' })).toEqual({ rack: '4', fast: 'yes' });
  expect(metadataChange(before, { ssd: 'true' })).toEqual({ rack: null });
});
