import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until the work that runs has ended, but not for ever: what takes longer is left to be delivered again, or to end
 * with the process.
 * @param limitMs milliseconds; half of the ten seconds that a daemon has for stopping, unless given
 */
export async function settledWithin(running: Iterable<Promise<unknown>>, limitMs = 5000): Promise<void> {
  const all = Promise.allSettled([...running]);
  const limit = new AbortController();
  const late = sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([all, late]);
  limit.abort();
}
