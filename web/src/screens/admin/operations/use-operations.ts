import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLive } from '#api/live-state.ts';
import { useSignedIn } from '#api/session.ts';
import { operations, type Operation, type OperationService } from '#api/usage/operations.ts';
import { goesOn, merged, next, type Entry, type Journal } from './merge.ts';

const PAGE = 50;
export type Which = 'all' | 'active' | 'failed';

/** Both journals of all projects, live, read on page by page. */
export function useOperations(
  which: Which,
  kind: string | null,
): {
  readonly entries: readonly Entry[] | undefined;
  readonly error: unknown;
  readonly more: (() => void) | null;
  readonly reading: boolean;
} {
  const { services } = useSignedIn();
  // The kind says whose it is.
  const wanted = (service: OperationService): boolean =>
    services[service] !== undefined && (kind === null || kind.startsWith('server.') === (service === 'compute'));
  const compute = useJournal('compute', which, kind, wanted('compute'));
  const volume = useJournal('volume', which, kind, wanted('volume'));
  const loading = compute.isLoading || volume.isLoading;
  const journals = useMemo<readonly Journal[]>(
    () => [
      { service: 'compute', operations: compute.data?.pages.flat() ?? [], more: compute.hasNextPage },
      { service: 'volume', operations: volume.data?.pages.flat() ?? [], more: volume.hasNextPage },
    ],
    [compute.data, compute.hasNextPage, volume.data, volume.hasNextPage],
  );
  const entries = useMemo(() => (loading ? undefined : merged(journals)), [loading, journals]);
  const readOn = next(journals);
  const source = readOn === 'compute' ? compute : readOn === 'volume' ? volume : null;
  return {
    entries,
    error: compute.error ?? volume.error,
    more: source && (() => void source.fetchNextPage()),
    reading: compute.isFetchingNextPage || volume.isFetchingNextPage,
  };
}

function useJournal(service: OperationService, which: Which, kind: string | null, enabled: boolean) {
  const live = useLive();
  return useInfiniteQuery({
    // Events of servers and volumes name `operation`.
    queryKey: ['operation', 'list', 'all', service, which, kind],
    queryFn: ({ signal, pageParam }) =>
      operations(
        service,
        {
          all: true,
          limit: PAGE,
          ...(pageParam !== null && { marker: pageParam }),
          ...(which !== 'all' && { status: which }),
          ...(kind !== null && { kind }),
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last: readonly Operation[]) => (last.length < PAGE ? undefined : last.at(-1)?.id),
    enabled,
    refetchInterval: ({ state }) => (state.data?.pages.flat().some(goesOn) ? 2000 : live ? 30_000 : 4000),
  });
}
