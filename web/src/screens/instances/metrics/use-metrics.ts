import { useState } from 'react';
import { serverMetrics, type ServerMetrics } from '#api/compute/server-metrics.ts';
import { useWhileVisible } from '../use-visible.ts';
import { addSample, sampleOf, type Sample } from './rates.ts';

const EVERY_MS = 2000;

interface History {
  readonly last: ServerMetrics | null;
  readonly samples: readonly Sample[];
}
const nothing: History = { last: null, samples: [] };
/** Of the servers that were looked at: going to another tab and back loses nothing. */
const kept = new Map<string, History>();
const KEPT_SERVERS = 20;

/** What a guest uses, read again and again while the page is seen. */
export function useMetrics(serverId: string): History & { readonly error: unknown } {
  const [history, setHistory] = useState<History>(() => kept.get(serverId) ?? nothing);
  const [error, setError] = useState<unknown>(null);
  useWhileVisible(
    async (signal) => {
      try {
        const now = await serverMetrics(serverId, signal);
        const { last, samples } = kept.get(serverId) ?? nothing;
        const sample = last && sampleOf(last, now);
        const next = { last: now, samples: sample ? addSample(samples, sample) : samples };
        kept.delete(serverId);
        kept.set(serverId, next);
        const [oldest] = kept.keys();
        if (kept.size > KEPT_SERVERS && oldest !== undefined) kept.delete(oldest);
        setHistory(next);
        setError(null);
      } catch (thrown) {
        if (!signal.aborted) setError(thrown);
      }
    },
    { everyMs: EVERY_MS },
  );
  return { ...history, error };
}
