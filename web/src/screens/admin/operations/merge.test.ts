import { describe, expect, it } from 'vitest';
import type { Operation } from '#api/usage/operations.ts';
import { filtered, merged, next, seconds, type Journal } from './merge.ts';

const operation = (minute: number, given: Partial<Operation> = {}): Operation => ({
  id: `o${minute}`,
  kind: 'server.create',
  action: 'create',
  resource_id: 'r',
  resource_type: 'server',
  resource_name: 'web',
  project_id: 'p1',
  user_id: 'u1',
  request_id: 'req-1',
  status: 'succeeded',
  step: null,
  progress: { done: 1, total: 1 },
  started_at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
  finished_at: null,
  failure: null,
  ...given,
});
const journal = (service: Journal['service'], minutes: readonly number[], more = false): Journal => ({
  service,
  operations: minutes.map((minute) => operation(minute)),
  more,
});
const minutes = (journals: readonly Journal[]): readonly string[] => merged(journals).map(({ id }) => id);

describe('two journals as one', () => {
  it('are in the order of time', () => {
    expect(minutes([journal('compute', [9, 5, 1]), journal('volume', [7, 5, 2])])).toEqual([
      'o9',
      'o7',
      'o5',
      'o5',
      'o2',
      'o1',
    ]);
  });

  it('hold back what is older than the last known of one that goes on', () => {
    const journals = [journal('compute', [9, 8, 7], true), journal('volume', [8, 2, 1])];
    expect(minutes(journals)).toEqual(['o9', 'o8', 'o8', 'o7']);
    expect(next(journals)).toBe('compute');
  });

  it('are read on where the gap is', () => {
    expect(next([journal('compute', [9, 3], true), journal('volume', [9, 6], true)])).toBe('volume');
    expect(next([journal('compute', [9]), journal('volume', [8])])).toBeNull();
  });
});

it('filters by project and by every word', () => {
  const entries = merged([
    { service: 'compute', operations: [operation(1), operation(2, { project_id: 'p2' })], more: false },
  ]);
  const textOf = ({ resource_name: name, id }: Operation): string => `${name} ${id}`;
  expect(filtered(entries, { project: 'p2', text: '' }, textOf).map(({ id }) => id)).toEqual(['o2']);
  expect(filtered(entries, { project: null, text: 'WEB o1' }, textOf).map(({ id }) => id)).toEqual(['o1']);
});

it('tells how long something took, or has taken by now', () => {
  const now = Date.parse('2026-01-01T00:00:30Z');
  expect(seconds('2026-01-01T00:00:00Z', '2026-01-01T00:00:02.5Z', now)).toBe(2.5);
  expect(seconds('2026-01-01T00:00:00Z', null, now)).toBe(30);
  expect(seconds('2026-01-01T00:01:00Z', null, now)).toBe(0);
});
