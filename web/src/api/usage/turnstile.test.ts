import { describe, expect, it } from 'vitest';
import { makeTurnstile } from './turnstile.ts';

describe('makeTurnstile', () => {
  it('runs no more at a time than it has places, and all in the end', async () => {
    const turnstile = makeTurnstile(2);
    let now = 0;
    let most = 0;
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((value) =>
        turnstile(async () => {
          most = Math.max(most, ++now);
          await Promise.resolve();
          now--;
          return value;
        }),
      ),
    );
    expect(results).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });
  it('gives the place on after a failure, and does not begin what was given up', async () => {
    const turnstile = makeTurnstile(1);
    const given = new AbortController();
    let began = false;
    const failing = turnstile(() => Promise.reject(new Error('no')));
    const abandoned = turnstile(() => {
      began = true;
      return Promise.resolve();
    }, given.signal);
    given.abort(new Error('gone'));
    await expect(failing).rejects.toThrow('no');
    await expect(abandoned).rejects.toThrow('gone');
    expect(began).toBe(false);
    await expect(turnstile(() => Promise.resolve(7))).resolves.toBe(7);
  });
});
