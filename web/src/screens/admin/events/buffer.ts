import type { CloudEvent } from '#api/events.ts';

/** So many are held; older ones can be read again. */
export const HELD = 5000;

/** Where an event stands: ids are `<start of the daemon>-<number>`, both growing. */
const place = (id: string): readonly [number, number] => {
  const [start = '0', number = '0'] = id.split('-');
  return [Number(start), Number(number)];
};
function newer(a: CloudEvent, b: CloudEvent): number {
  const [x, y] = [place(a.id), place(b.id)];
  return y[0] - x[0] || y[1] - x[1];
}

/** Two lists, newest first, as one without doubles. */
export function blend(a: readonly CloudEvent[], b: readonly CloudEvent[]): readonly CloudEvent[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const seen = new Set(a.map(({ id }) => id));
  const added = b.filter(({ id }) => !seen.has(id));
  return added.length === 0 ? a : [...a, ...added].toSorted(newer).slice(0, HELD);
}

/**
 * What was heard lately put before what is held. Called several times a second with almost nothing new.
 * @param fresh newest first
 */
export function take(held: readonly CloudEvent[], fresh: readonly CloudEvent[]): readonly CloudEvent[] {
  const first = held[0];
  if (!first) return fresh;
  const at = fresh.findIndex(({ id }) => id === first.id);
  if (at < 0) return blend(held, fresh);
  return at === 0 ? held : [...fresh.slice(0, at), ...held].slice(0, HELD);
}

/** How many of those heard lately are not held. */
export function waiting(held: readonly CloudEvent[], fresh: readonly CloudEvent[]): number {
  const first = held[0];
  if (!first) return fresh.length;
  return fresh.filter((one) => newer(one, first) < 0).length;
}

export interface EventFilter {
  readonly text: string;
  readonly kind: string;
  readonly priority: string;
}

/** Those that fit: empty texts ask for nothing. */
export function fitting(events: readonly CloudEvent[], { text, kind, priority }: EventFilter): readonly CloudEvent[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && kind === '' && priority === '') return events;
  return events.filter((event) => {
    if (kind !== '' && event.resource?.kind !== kind) return false;
    if (priority !== '' && event.priority !== priority) return false;
    if (words.length === 0) return true;
    const { type, state, request_id: request, publisher, resource } = event;
    const within = [type, state, request, publisher, resource?.kind, resource?.id, resource?.name]
      .join('\n')
      .toLowerCase();
    return words.every((word) => within.includes(word));
  });
}
