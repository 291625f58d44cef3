import { useSyncExternalStore } from 'react';
import type { CloudEvent } from '#api/live.ts';

/** The events that this page has heard, newest first, for screens that show them as they come. */
const KEPT = 500;
let events: readonly CloudEvent[] = [];
let drawn = events;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function remember(event: CloudEvent): void {
  events = [event, ...events.slice(0, KEPT - 1)];
  // However many come, readers are told four times a second.
  timer ??= setTimeout(() => {
    timer = undefined;
    drawn = events;
    for (const listener of listeners) listener();
  }, 250);
}

export const useRecentEvents = (): readonly CloudEvent[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => drawn,
  );
