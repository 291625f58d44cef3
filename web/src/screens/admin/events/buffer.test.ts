import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '#api/events.ts';
import { blend, fitting, HELD, take, waiting } from './buffer.ts';

const event = (number: number, given: Partial<CloudEvent> = {}): CloudEvent => ({
  id: `100-${number}`,
  type: 'compute.instance.create.end',
  time: '2026-01-01T00:00:00Z',
  priority: 'INFO',
  publisher: 'compute.node-1',
  project_id: 'p',
  request_id: `req-${number}`,
  resource: { kind: 'server', id: `s${number}`, name: `web-${number}` },
  state: 'ACTIVE',
  payload: null,
  ...given,
});
const events = (...numbers: readonly number[]): readonly CloudEvent[] => numbers.map((one) => event(one));
const numbers = (list: readonly CloudEvent[]): readonly string[] => list.map(({ id }) => id.split('-')[1] ?? '');

describe('events that come', () => {
  it('are put before those held', () => {
    expect(numbers(take(events(9, 8), events(11, 10, 9, 8)))).toEqual(['11', '10', '9', '8']);
    expect(numbers(take([], events(2, 1)))).toEqual(['2', '1']);
  });

  it('change nothing when there is nothing new', () => {
    const held = events(9, 8);
    expect(take(held, events(9, 8, 7))).toBe(held);
    expect(blend(held, events(8))).toBe(held);
  });

  it('are put in their place, by number and not by spelling, when some were missed', () => {
    expect(numbers(take(events(9, 8), events(101, 100)))).toEqual(['101', '100', '9', '8']);
    expect(numbers(blend(events(10, 2), events(9, 1)))).toEqual(['10', '9', '2', '1']);
    expect(blend([event(5)], [event(1, { id: '200-1' })]).map(({ id }) => id)).toEqual(['200-1', '100-5']);
  });

  it('are held no more than there is room for', () => {
    const many = Array.from({ length: HELD }, (_, at) => event(HELD - at));
    const held = take(many, [event(HELD + 1), ...many.slice(0, 9)]);
    expect(held).toHaveLength(HELD);
    expect(held[0]?.id).toBe(`100-${HELD + 1}`);
  });

  it('wait while nobody takes them', () => {
    expect(waiting(events(9, 8), events(12, 11, 10, 9))).toBe(3);
    expect(waiting(events(9), events(9, 8))).toBe(0);
    expect(waiting([], events(2, 1))).toBe(2);
  });
});

describe('the filter', () => {
  const list = [event(1), event(2, { priority: 'ERROR', type: 'volume.create.end', resource: null })];
  const none = { text: '', kind: '', priority: '' };
  it('asks for nothing when it is empty', () => expect(fitting(list, none)).toBe(list));
  it('finds every word, in any part', () => {
    expect(numbers(fitting(list, { ...none, text: 'WEB-1 active' }))).toEqual(['1']);
    expect(fitting(list, { ...none, text: 'web-1 volume' })).toEqual([]);
  });
  it('knows kinds and priorities', () => {
    expect(numbers(fitting(list, { ...none, kind: 'server' }))).toEqual(['1']);
    expect(numbers(fitting(list, { ...none, priority: 'ERROR' }))).toEqual(['2']);
  });
});
