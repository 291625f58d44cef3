import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store.ts';
import { createSessions, type Session } from './sessions.ts';
import type { SessionStore } from './store.ts';

const session: Session = {
  user: { id: 'u1', name: 'alice', domain: { id: 'default', name: 'Default' } },
  project: { id: 'p1', name: 'alpha', domain: { id: 'default', name: 'Default' } },
  roles: ['member'],
  expiresAt: '2026-11-23T20:00:00.000Z',
  region: 'RegionOne',
  token: 't1',
  rootToken: 't0',
  earlierTokens: [],
  catalog: [],
};

const make = (change: (store: SessionStore) => SessionStore = (store) => store) => {
  let at = Date.parse('2026-11-23T08:00:00Z');
  const clock = { now: () => new Date(at) };
  const store = change(createMemoryStore({ clock }));
  const sessions = createSessions({ store, clock, idleSeconds: 1000 });
  return { store, sessions, advance: (seconds: number) => void (at += seconds * 1000) };
};

describe('sessions', () => {
  it('are kept under 256 random bits', async () => {
    const { sessions } = make();
    const ids = await Promise.all(Array.from({ length: 100 }, () => sessions.open(session)));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32);
    expect(await sessions.use(ids[7] as string)).toEqual(session);
  });

  it('write a use down now and then only', async () => {
    let puts = 0;
    const { sessions, advance } = make((store) => ({
      ...store,
      put: (...args) => (puts++, store.put(...args)),
    }));
    const id = await sessions.open(session);
    for (let n = 0; n < 100; n++) await sessions.use(id);
    expect(puts).toBe(1);
    advance(61);
    for (let n = 0; n < 100; n++) await sessions.use(id);
    expect(puts).toBe(2);
  });

  it('are not brought back by a use while they are closed, nor changed back', async () => {
    let slow: Promise<void> = Promise.resolve();
    const { sessions, advance } = make((store) => ({
      ...store,
      get: async (id) => {
        const value = await store.get(id);
        await slow;
        return value;
      },
    }));
    const [closed, changed] = [await sessions.open(session), await sessions.open(session)];
    advance(100);
    let go: () => void = () => undefined;
    slow = new Promise((resolve) => (go = resolve));
    const work = [
      sessions.use(closed),
      sessions.close(closed),
      sessions.use(changed),
      sessions.change(changed, { ...session, token: 't2' }),
      sessions.use(changed),
    ];
    go();
    await Promise.all(work);
    expect(await sessions.use(closed)).toBeNull();
    expect((await sessions.use(changed))?.token).toBe('t2');
  });

  it('that have ended are not changed', async () => {
    const { sessions } = make();
    const id = await sessions.open(session);
    expect(await sessions.close(id)).toEqual(session);
    expect([await sessions.change(id, session), await sessions.use(id), await sessions.close(id)]).toEqual([
      false,
      null,
      null,
    ]);
  });

  it('of other forms are none', async () => {
    const { sessions, store } = make();
    for (const text of ['', 'x', 'null', '[]', '{}', '{"form":2,"usedAt":0,"session":{}}']) {
      await store.put('A'.repeat(43), text, 60);
      expect(await sessions.use('A'.repeat(43))).toBeNull();
    }
  });
});
