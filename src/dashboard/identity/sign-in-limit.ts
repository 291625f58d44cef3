import { isIPv6 } from 'node:net';
import type { Clock } from '#common/clock.ts';
import { DashboardFailure } from '../failure.ts';

export interface SignInLimit {
  /**
   * Notes an attempt, as one that failed: many at once must not slip through before the first is known to be wrong.
   * @returns to be called when it did not fail by its credentials
   * @throws DashboardFailure 429 with the seconds to wait
   */
  attempt(address: string, user: string): () => void;
}

export interface SignInLimits {
  readonly windowSeconds: number;
  /** Failures within the window. */
  readonly perUser: number;
  /** More: a whole office may be behind one address. */
  readonly perAddress: number;
  /** Addresses and names that are watched at most; those that failed longest ago are forgotten. */
  readonly watched: number;
}
const standard: SignInLimits = { windowSeconds: 300, perUser: 10, perAddress: 30, watched: 20_000 };

/** Slows down who guesses passwords: of one user from anywhere, and of all users from one address. */
export function createSignInLimit(clock: Clock, limits: SignInLimits = standard): SignInLimit {
  /** Times (milliseconds) of failures by what is watched, in the order of the last failure. */
  const failures = new Map<string, number[]>();
  const within = limits.windowSeconds * 1000;

  const recent = (key: string, now: number): number[] => (failures.get(key) ?? []).filter((at) => now - at < within);
  const note = (key: string, now: number): void => {
    const times = [...recent(key, now), now];
    failures.delete(key);
    failures.set(key, times);
    for (const oldest of failures.keys()) {
      if (failures.size <= limits.watched) break;
      failures.delete(oldest);
    }
  };
  const forget = (key: string, at: number): void => {
    const times = failures.get(key) ?? [];
    const index = times.indexOf(at);
    if (index >= 0) times.splice(index, 1);
    if (times.length === 0) failures.delete(key);
  };

  return {
    attempt(address, user) {
      const now = clock.now().getTime();
      const keys = [
        [`user ${user.toLowerCase()}`, limits.perUser],
        [`address ${networkOf(address)}`, limits.perAddress],
      ] as const;
      for (const [key, most] of keys) {
        const times = recent(key, now);
        if (times.length < most) continue;
        const retryAfter = Math.ceil(((times[times.length - most] as number) + within - now) / 1000);
        throw new DashboardFailure(
          429,
          'too-many-attempts',
          `Too many failed sign-ins. The next is taken in ${retryAfter} seconds.`,
          { retryAfter },
        );
      }
      for (const [key] of keys) note(key, now);
      return () => {
        for (const [key] of keys) forget(key, now);
      };
    },
  };
}

/** Somebody with IPv6 has a whole /64 of addresses. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] as string;
  if (!isIPv6(address)) return address;
  const [left = '', right] = address.split('%')[0]!.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}
