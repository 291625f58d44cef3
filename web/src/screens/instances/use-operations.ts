import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { operations, type Operation } from '#api/usage/operations.ts';
import { useSignedIn } from '#api/session.ts';

const running = ({ status }: Operation): boolean => status !== 'succeeded' && status !== 'failed';

/** A server's operations, newest first: read again when an event names it, and often while one runs. */
export function useOperations(serverId: string): UseQueryResult<readonly Operation[]> {
  const { isAdmin } = useSignedIn();
  return useQuery({
    queryKey: ['server', 'part', serverId, 'operations', isAdmin],
    queryFn: ({ signal }) => operations('compute', { resource: serverId, all: isAdmin }, signal),
    refetchInterval: ({ state }) => (state.data?.some(running) ? 1500 : 20_000),
  });
}
