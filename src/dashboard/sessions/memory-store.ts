import type { Clock } from '#common/clock.ts';
import type { SessionStore } from './store.ts';

/** So many sessions are kept; one that has been used longest ago gives way to a new one. */
const LIMIT = 10_000;

/**
 * Sessions of this process; they end with it. Only people who have signed in have one here (visitors carry theirs
 * themselves, see `cookies.ts`), so strangers cannot fill the memory or push anybody out.
 */
export function createMemoryStore({
  clock,
  limit = LIMIT,
}: {
  readonly clock: Clock;
  readonly limit?: number;
}): SessionStore {
  /** In the order of the last `put`. */
  const kept = new Map<string, { readonly value: string; readonly until: number }>();
  const now = (): number => clock.now().getTime();

  const makeRoom = (): void => {
    if (kept.size <= limit) return;
    for (const [id, { until }] of kept) if (until <= now()) kept.delete(id);
    for (const id of kept.keys()) {
      if (kept.size <= limit) return;
      kept.delete(id);
    }
  };

  return {
    async get(id) {
      const found = kept.get(id);
      if (!found) return null;
      if (found.until > now()) return found.value;
      kept.delete(id);
      return null;
    },
    async put(id, value, seconds) {
      kept.delete(id);
      kept.set(id, { value, until: now() + seconds * 1000 });
      makeRoom();
    },
    async delete(id) {
      kept.delete(id);
    },
    trouble: () => Promise.resolve(null),
    async close() {
      kept.clear();
    },
  };
}
