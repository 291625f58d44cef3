import { expect, it } from 'vitest';
import { sessionStoreContract } from './contract.ts';
import { createMemoryStore } from './memory-store.ts';

const movable = (): { now(): Date; advance(seconds: number): void } => {
  let at = Date.parse('2026-11-23T08:00:00Z');
  return { now: () => new Date(at), advance: (seconds) => void (at += seconds * 1000) };
};

sessionStoreContract('in memory', async () => {
  const clock = movable();
  return { store: createMemoryStore({ clock }), pass: async (seconds) => clock.advance(seconds) };
});

it('does not grow without end: dead sessions go first, then those that were used longest ago', async () => {
  const clock = movable();
  const store = createMemoryStore({ clock, limit: 3 });
  await store.put('a', 'a', 60);
  await store.put('b', 'b', 60);
  await store.put('dead', 'dead', 1);
  clock.advance(2);
  await store.put('c', 'c', 60);
  const all = async () => Promise.all(['a', 'b', 'dead', 'c', 'd'].map((id) => store.get(id)));
  expect(await all()).toEqual(['a', 'b', null, 'c', null]);
  await store.put('a', 'a', 60);
  await store.put('d', 'd', 60);
  expect(await all()).toEqual(['a', null, null, 'c', 'd']);
});
