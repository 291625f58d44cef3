import { useQuery, type QueryClient, type UseQueryResult } from '@tanstack/react-query';
import { isNotFound } from './fault.ts';
import { useLive } from './live-state.ts';
import { useSignedIn } from './session.ts';
import type { ServiceKey } from './client.ts';

/** Which of a kind are meant: one's own project's, or all projects' (administrators). */
export interface Reach {
  readonly all: boolean;
}

/**
 * A kind of thing that the console shows: how its list and one of it are read. Everything live derives from it: an event
 * names the kind and the id, the thing is read again, and every list and page that shows it changes.
 */
export interface Resource<T extends { readonly id: string }> {
  /** As events name it (`server`), or a name of our own. */
  readonly kind: string;
  readonly service: ServiceKey;
  list(reach: Reach, signal: AbortSignal): Promise<T[]>;
  /** Absent: lists are read again as a whole. */
  get?(id: string, signal: AbortSignal): Promise<T>;
  /** The project it belongs to; a thing of another project does not enter one's own list by an event. */
  projectOf?(item: T): string | null | undefined;
  /** Things that change a lot without events (statistics): milliseconds between reads. */
  readonly everyMs?: number;
}

export const listKey = (kind: string, reach: Reach): readonly unknown[] => [kind, 'list', reach.all ? 'all' : 'own'];
export const oneKey = (kind: string, id: string): readonly unknown[] => [kind, 'one', id];

/** Reads happen by events; this is for when one was missed, and for clouds without an event stream. */
const SAFETY_MS = 60_000;
const POLLING_MS = 4000;

/** Milliseconds until it is read again without an event; what could not be read is tried again soon. */
const nextRead =
  (resource: { readonly everyMs?: number }, live: boolean) =>
  ({ state }: { readonly state: { readonly error: Error | null } }): number =>
    resource.everyMs ?? (live && (state.error === null || isNotFound(state.error)) ? SAFETY_MS : POLLING_MS);

interface ListOptions extends Partial<Reach> {
  readonly enabled?: boolean;
}

/** A live list. `data` is undefined until the first answer. */
export function useList<T extends { readonly id: string }>(
  resource: Resource<T>,
  { all = false, enabled = true }: ListOptions = {},
): UseQueryResult<T[]> {
  const live = useLive();
  const { services } = useSignedIn();
  return useQuery({
    queryKey: listKey(resource.kind, { all }),
    queryFn: ({ signal }) => resource.list({ all }, signal),
    enabled: enabled && services[resource.service] !== undefined,
    refetchInterval: nextRead(resource, live),
  });
}

/** A live thing. A 404 is its `error` (`isNotFound`). */
export function useOne<T extends { readonly id: string }>(
  resource: Resource<T>,
  id: string | null | undefined,
  { enabled = true }: { readonly enabled?: boolean } = {},
): UseQueryResult<T> {
  const live = useLive();
  return useQuery({
    queryKey: oneKey(resource.kind, id ?? ''),
    queryFn: ({ signal }) => {
      if (!resource.get) throw new Error(`${resource.kind} cannot be read one by one`);
      return resource.get(id ?? '', signal);
    },
    enabled: enabled && id != null && id !== '',
    refetchInterval: nextRead(resource, live),
    retry: (count, error) => !isNotFound(error) && count < 2,
  });
}

/** Puts what was just read (or null: it is gone) into every list and page that shows it. */
export function patch<T extends { readonly id: string }>(
  queries: QueryClient,
  resource: Resource<T>,
  id: string,
  item: T | null,
  ownProject: string,
): void {
  if (item) queries.setQueryData(oneKey(resource.kind, id), item);
  else void queries.invalidateQueries({ queryKey: oneKey(resource.kind, id) });
  for (const reach of [{ all: false }, { all: true }])
    queries.setQueryData<T[]>(listKey(resource.kind, reach), (list) => {
      if (!list) return list;
      const at = list.findIndex((one) => one.id === id);
      if (!item) return at < 0 ? list : list.toSpliced(at, 1);
      if (at >= 0) return list.with(at, item);
      const project = resource.projectOf?.(item);
      return reach.all || project == null || project === ownProject ? [item, ...list] : list;
    });
}
