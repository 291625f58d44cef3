import { useEffect, useRef } from 'react';

/**
 * Does something again and again while the page is seen, each time when the last one has ended.
 * @param task is given a signal that ends it when the page is left
 */
export function useWhileVisible(
  task: (signal: AbortSignal) => Promise<void>,
  { everyMs, enabled = true }: { readonly everyMs: number; readonly enabled?: boolean },
): void {
  const latest = useRef(task);
  useEffect(() => {
    latest.current = task;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    const turn = async (): Promise<void> => {
      clearTimeout(timer);
      if (busy || end.signal.aborted || document.hidden) return;
      busy = true;
      await latest.current(end.signal).catch(() => undefined);
      busy = false;
      if (!end.signal.aborted) timer = setTimeout(() => void turn(), everyMs);
    };
    const seen = (): void => void turn();
    document.addEventListener('visibilitychange', seen);
    void turn();
    return () => {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [everyMs, enabled]);
}
