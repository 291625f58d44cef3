import { useCallback, useState } from 'react';
import { consoleOutput } from '#api/compute/server-console.ts';
import { useWhileVisible } from '../use-visible.ts';
import { linesOf, mergeLog } from './merge-log.ts';

const EVERY_MS = 2000;

/** A guest's console log, followed. */
export function useLog(
  serverId: string,
  wanted: number,
  follow: boolean,
): { readonly lines: readonly string[] | null; readonly error: unknown; readonly clear: () => void } {
  const [lines, setLines] = useState<readonly string[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useWhileVisible(
    async (signal) => {
      try {
        const tail = linesOf(await consoleOutput(serverId, wanted));
        if (signal.aborted) return;
        setLines((shown) => mergeLog(shown ?? [], tail));
        setError(null);
      } catch (thrown) {
        if (!signal.aborted) setError(thrown);
      }
    },
    { everyMs: EVERY_MS, enabled: follow },
  );
  const clear = useCallback(() => setLines(null), []);
  return { lines, error, clear };
}
