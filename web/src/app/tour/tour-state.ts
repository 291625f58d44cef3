import { useSyncExternalStore } from 'react';

/** Which step of the first-run tour is shown; null: none. Kept in this browser, so that it comes once. */
const KEY = 'igloo-tour';
let step: number | null = localStorage.getItem(KEY) === null ? 0 : null;
const listeners = new Set<() => void>();

function set(next: number | null): void {
  step = next;
  if (next === null) localStorage.setItem(KEY, 'seen');
  for (const listener of listeners) listener();
}

export const startTour = (): void => set(0);
export const endTour = (): void => set(null);
export const goToStep = (next: number): void => set(next);

export const useTourStep = (): number | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => step,
  );
