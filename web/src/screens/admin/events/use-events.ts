import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { eventHistory, type CloudEvent } from '#api/events.ts';
import { useRecentEvents } from '#app/recent-events.ts';
import { blend, take, waiting } from './buffer.ts';

const PAGE = 500;

export interface Events {
  /** Newest first; undefined until the history has answered. */
  readonly held: readonly CloudEvent[] | undefined;
  /** How many new ones wait while it is paused. */
  readonly waiting: number;
  readonly error: unknown;
  /** Null when there are no older ones. */
  readonly readOlder: (() => void) | null;
  readonly reading: boolean;
}

/** The event stream as it comes, after what the event service remembers. Paused, what is shown stays as it is. */
export function useEvents(paused: boolean): Events {
  const recent = useRecentEvents();
  const [held, setHeld] = useState<readonly CloudEvent[]>([]);
  const [end, setEnd] = useState(false);
  const [reading, setReading] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  // Read again when the stream was interrupted, as everything is: that fills the gap.
  const history = useQuery({
    queryKey: ['event', 'history'],
    queryFn: ({ signal }) => eventHistory({ limit: PAGE }, signal),
    gcTime: 0,
  });
  const { data } = history;
  useEffect(() => {
    if (!paused && data) setHeld((old) => blend(old, data));
  }, [paused, data]);
  useEffect(() => {
    if (!paused && data) setHeld((old) => take(old, recent));
  }, [paused, data, recent]);
  const readOlder = (): void => {
    setReading(true);
    setFailure(null);
    eventHistory({ limit: PAGE, before: held.at(-1)?.id })
      .then((older) => {
        setEnd(older.length < PAGE);
        setHeld((old) => blend(old, older));
      })
      .catch(setFailure)
      .finally(() => setReading(false));
  };
  return {
    held: data || history.error ? held : undefined,
    waiting: paused ? waiting(held, recent) : 0,
    error: history.error ?? failure,
    readOlder: end || (data !== undefined && data.length < PAGE) ? null : readOlder,
    reading,
  };
}
