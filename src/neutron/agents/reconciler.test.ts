import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '#common/telemetry/log.ts';
import { PartialFailure, Reconciler } from './reconciler.ts';

const make = (over: Partial<ConstructorParameters<typeof Reconciler>[0]> = {}) => {
  const runs: string[] = [];
  const reconciler = new Reconciler({
    log: silentLogger,
    intervalMs: 60_000,
    all: async () => void runs.push('all'),
    some: async (keys) => void runs.push([...keys].join()),
    ...over,
  });
  return { reconciler, runs };
};

describe('Reconciler', () => {
  it('merges what is asked during a run', async () => {
    const { reconciler, runs } = make();
    reconciler.start();
    reconciler.request(['a']);
    reconciler.request(['b', 'a']);
    await reconciler.settled();
    expect(runs).toEqual(['all', 'a,b']);
    await reconciler.stop();
  });

  it('tries what failed again, and only that, and says what is wrong meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    try {
      const runs: string[] = [];
      const { reconciler } = make({
        some: async (keys) => {
          runs.push([...keys].join());
          if (runs.length === 1) throw new PartialFailure(new Map([['b', new Error('no bridge br-ex')]]));
        },
      });
      reconciler.request(['a', 'b']);
      await vi.waitFor(() =>
        expect(reconciler.health('routers')).toEqual({ ok: false, detail: ['routers: no bridge br-ex'] }),
      );
      reconciler.request(['c']);
      await reconciler.settled();
      expect(runs).toEqual(['a,b', 'b,c']);
      expect(reconciler.health('routers').ok).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops in the middle of the work', async () => {
    let aborted = false;
    const { reconciler } = make({
      all: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason as Error);
          });
        }),
    });
    reconciler.start();
    await reconciler.stop();
    expect(aborted).toBe(true);
  });
});
