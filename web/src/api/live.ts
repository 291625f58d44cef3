import type { QueryClient } from '@tanstack/react-query';
import type { CloudEvent } from '../../../src/events/event.ts';
import { proxied } from './client.ts';
import { isNotFound } from './fault.ts';
import { setLive } from './live-state.ts';
import { listKey, patch, type Resource } from './resource.ts';
import { refreshCsrf, sessionNow } from './session.ts';

export type { CloudEvent } from '../../../src/events/event.ts';

/** Any resource; `T` differs by kind. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a table of resources of different types
export type AnyResource = Resource<any>;

/** What else may have changed when one of a kind has: its lists are read again, at most once a second. */
const touches: Readonly<Record<string, readonly string[]>> = {
  server: ['usage', 'operation', 'hypervisor', 'port'],
  volume: ['usage', 'operation'],
  snapshot: ['usage'],
  backup: ['usage'],
  floatingip: ['usage', 'server'],
  port: ['usage', 'network'],
  network: ['usage', 'subnet'],
  subnet: ['network'],
  router: ['usage', 'port'],
  security_group_rule: ['security_group'],
  role_assignment: ['user', 'project', 'role_assignment'],
  aggregate: ['hypervisor', 'availability_zone'],
  compute_service: ['hypervisor'],
};

/** Events are gathered for so long before anything is asked. */
const GATHER_MS = 250;
/** More things of one kind than this in a batch: the list is read again rather than each. */
const ONE_BY_ONE = 12;
/** A list is read again no more often than this. */
const LIST_MS = 1000;

/**
 * Hears the cloud's event stream and keeps what the console shows up to date. An event is a hint: the thing is read again.
 * However many events come, a batch costs a bounded number of requests.
 * @returns ends it
 */
export function listen(
  queries: QueryClient,
  resources: ReadonlyMap<string, AnyResource>,
  heard: (event: CloudEvent) => void,
): () => void {
  const ended = new AbortController();
  const pending = new Map<string, Set<string>>();
  const stale = new Set<string>();
  const readAt = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const gather = (event: CloudEvent): void => {
    heard(event);
    if (!event.resource) return;
    const { kind, id } = event.resource;
    const ids = pending.get(kind) ?? new Set();
    pending.set(kind, ids.add(id));
    for (const other of touches[kind] ?? []) stale.add(other);
    timer ??= setTimeout(flush, GATHER_MS);
  };

  const flush = (): void => {
    timer = undefined;
    for (const [kind, ids] of pending) {
      const resource = resources.get(kind);
      if (!resource?.get || ids.size > ONE_BY_ONE) {
        stale.add(kind);
        // Pages that show one of them.
        for (const id of ids) void queries.invalidateQueries({ queryKey: [kind, 'one', id] });
      } else if (shown(kind)) for (const id of ids) void read(resource, id);
      void queries.invalidateQueries({
        queryKey: [kind, 'part'],
        predicate: ({ queryKey }) => ids.has(String(queryKey[2])),
      });
    }
    pending.clear();
    const now = Date.now();
    for (const kind of stale) {
      if (now - (readAt.get(kind) ?? 0) < LIST_MS) continue;
      readAt.set(kind, now);
      stale.delete(kind);
      void queries.invalidateQueries({ queryKey: [kind, 'list'] });
      if (!resources.has(kind)) void queries.invalidateQueries({ queryKey: [kind] });
    }
    if (stale.size > 0) timer = setTimeout(flush, LIST_MS);
  };

  /** Whether anything on the screen, or kept for a moment, has things of the kind. */
  const shown = (kind: string): boolean =>
    queries.getQueryCache().find({ queryKey: listKey(kind, { all: false }) }) !== undefined ||
    queries.getQueryCache().findAll({ queryKey: [kind] }).length > 0;

  const read = async (resource: AnyResource, id: string): Promise<void> => {
    const session = sessionNow();
    if (!session?.signedIn) return;
    try {
      const item = (await resource.get?.(id, ended.signal)) as { readonly id: string };
      if (!ended.signal.aborted) patch(queries, resource, id, item, session.project.id);
    } catch (error) {
      if (isNotFound(error)) patch(queries, resource, id, null, session.project.id);
      // Anything else: the next event or the safety interval reads it.
    }
  };

  const open = (): void => {
    const session = sessionNow();
    if (!session?.signedIn || !session.services.event) return;
    source = new EventSource(proxied('event', `/events/stream${session.isAdmin ? '?all_projects=1' : ''}`));
    source.addEventListener('open', () => {
      setLive(true);
      // What happened before the stream was there.
      void queries.invalidateQueries();
    });
    source.addEventListener('cloud', ({ data }: MessageEvent<string>) => gather(JSON.parse(data) as CloudEvent));
    source.addEventListener('gap', () => void queries.invalidateQueries());
    source.addEventListener('error', () => {
      setLive(false);
      // The browser tries again by itself unless the answer was no stream at all.
      if (source?.readyState !== EventSource.CLOSED || ended.signal.aborted) return;
      void refreshCsrf();
      retry = setTimeout(open, 3000);
    });
  };

  const close = (): void => {
    source?.close();
    clearTimeout(retry);
    setLive(false);
  };
  // A stream does not notice by itself that the network went away, and would be believed for minutes.
  const online = (): void => {
    close();
    open();
  };

  open();
  addEventListener('offline', close);
  addEventListener('online', online);
  return () => {
    ended.abort();
    close();
    clearTimeout(timer);
    removeEventListener('offline', close);
    removeEventListener('online', online);
  };
}
