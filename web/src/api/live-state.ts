import { useSyncExternalStore } from 'react';

/** Whether the event stream is heard now; without it lists are asked for again and again. */
let live = false;
const listeners = new Set<() => void>();

export function setLive(next: boolean): void {
  if (next === live) return;
  live = next;
  for (const listener of listeners) listener();
}

export const useLive = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => live,
  );
