import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStore } from './store.ts';

export interface StoreUnderTest {
  readonly store: SessionStore;
  /** Lets so many seconds pass: moves the clock, or waits. */
  pass(seconds: number): Promise<void>;
}

/** What every session store must do. `make` gives one that answers. */
export function sessionStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`session store ${name}`, () => {
    let under: StoreUnderTest;
    const id = (): string => randomBytes(32).toString('base64url');
    beforeAll(async () => void (under = await make()));
    afterAll(() => under.store.close());

    it('gives back what was put', async () => {
      const { store } = under;
      const [one, other] = [id(), id()];
      await store.put(one, 'first', 60);
      await store.put(other, 'Ünïcødé ✓ 中文\n"quoted"', 60);
      expect([await store.get(one), await store.get(other)]).toEqual(['first', 'Ünïcødé ✓ 中文\n"quoted"']);
    });

    it('knows nothing of other ids', async () => {
      expect(await under.store.get(id())).toBeNull();
    });

    it('keeps the last of two', async () => {
      const { store } = under;
      const one = id();
      await store.put(one, 'first', 60);
      await store.put(one, 'second', 60);
      expect(await store.get(one)).toBe('second');
    });

    it('forgets what is deleted; what is not there may be deleted', async () => {
      const { store } = under;
      const one = id();
      await store.put(one, 'first', 60);
      await store.delete(one);
      await store.delete(one);
      expect(await store.get(one)).toBeNull();
    });

    it('forgets what is too old', async () => {
      const { store, pass } = under;
      const [brief, long] = [id(), id()];
      await store.put(brief, 'brief', 1);
      await store.put(long, 'long', 60);
      await pass(2.1);
      expect([await store.get(brief), await store.get(long)]).toEqual([null, 'long']);
    });

    it('counts the time anew at each put', async () => {
      const { store, pass } = under;
      const one = id();
      await store.put(one, 'first', 2);
      await store.put(one, 'second', 60);
      await pass(3.1);
      expect(await store.get(one)).toBe('second');
    });

    it('keeps for more than 30 days', async () => {
      const { store } = under;
      const one = id();
      await store.put(one, 'month', 40 * 86_400);
      expect(await store.get(one)).toBe('month');
    });

    it('keeps a session with signed tokens of 10 KiB and a long catalogue', async () => {
      const { store } = under;
      const one = id();
      const large = randomBytes(150_000).toString('base64');
      await store.put(one, large, 60);
      expect(await store.get(one)).toBe(large);
    });

    it('has no trouble', async () => {
      expect(await under.store.trouble()).toBeNull();
    });
  });
}
