import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { returnIdleMemory } from './idle-memory.ts';

const MiB = 1024 * 1024;

describe('memory of an idle process', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const play = () => {
    const state = { total: 120 * MiB, used: 70 * MiB, busy: 0, collections: 0 };
    const stop = returnIdleMemory(1000, {
      heap: () => ({ heapTotal: state.total, heapUsed: state.used }),
      busy: () => state.busy,
      collect: () => {
        state.collections++;
        state.used = 45 * MiB;
        state.total = 47 * MiB;
      },
    });
    return { state, stop };
  };

  it('is given back once, not again while nothing happens', () => {
    const { state, stop } = play();
    vi.advanceTimersByTime(5000);
    expect(state.collections).toBe(1);
    state.total = 200 * MiB;
    state.used = 150 * MiB;
    vi.advanceTimersByTime(5000);
    expect(state.collections).toBe(2);
    stop();
  });

  it('is left alone while there is work', () => {
    const { state, stop } = play();
    state.busy = 0.5;
    vi.advanceTimersByTime(5000);
    expect(state.collections).toBe(0);
    state.busy = 0;
    stop();
    vi.advanceTimersByTime(5000);
    expect(state.collections).toBe(0);
  });
});
