import { describe, expect, it } from 'vitest';
import { History } from './history.ts';
import type { Heard } from './normalise.ts';

const heard = (type: string): Heard => ({
  event: {
    type,
    time: '2026-01-01T00:00:00.000Z',
    priority: 'INFO',
    publisher: 'p',
    project_id: null,
    request_id: null,
    resource: null,
    state: null,
    payload: {},
  },
  audience: { project: null, user: null, everybody: false },
});
const full = (size: number, count: number): History => {
  const history = new History({ start: 1000, size });
  for (let i = 1; i <= count; i++) history.add(heard(`e${i}`));
  return history;
};
const types = (history: History, before?: string): string[] =>
  [...history.newestFirst(before)].map(({ event }) => event.type);

describe('the history', () => {
  it('gives ids that grow, and begins with one that a client can go on from', () => {
    expect(full(5, 0).lastId).toBe('1000-0');
    expect(full(5, 2).lastId).toBe('1000-2');
    expect(full(5, 0).after(0)).toBeNull();
  });

  it('keeps the last ones', () => {
    const history = full(3, 5);
    expect(types(history)).toEqual(['e5', 'e4', 'e3']);
    expect(types(history, '1000-5')).toEqual(['e4', 'e3']);
    expect(types(history, '1000-3')).toEqual([]);
  });

  it('goes on after an event as long as all that came since is there', () => {
    const history = full(3, 5);
    expect(history.after(5)).toBeNull();
    expect(history.after(4)).toMatchObject({ number: 5 });
    expect(history.after(2)).toMatchObject({ number: 3 });
    expect(history.after(1)).toBe('gone');
  });

  it.each(['999-1', '1000-9', '1000', '', 'x-1', '1000--1', '1000-1-1', "1000-1'"])('does not know %j', (id) => {
    expect(full(3, 5).numberOf(id)).toBeNull();
    expect(types(full(3, 5), id)).toEqual([]);
  });

  it('writes an event once for all who see it alike', () => {
    const [entry] = full(3, 1).newestFirst();
    expect(entry?.frame('own')).toContain('id: 1000-1\nevent: cloud\ndata: {"id":"1000-1","type":"e1"');
    expect(entry?.frame('own')).toBe(entry?.frame('own'));
    expect(entry?.frame('whole')).toContain('"publisher":"p"');
    expect(entry?.frame('own')).toContain('"publisher":null');
  });
});
