import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { serverOperations, type ServerOperation } from '#api/compute/server-operations.ts';
import { useSignedIn } from '#api/session.ts';

const running = ({ status }: ServerOperation): boolean => status !== 'succeeded' && status !== 'failed';

/** A server's operations, newest first: read again when an event names it, and often while one runs. */
export function useOperations(serverId: string): UseQueryResult<readonly ServerOperation[]> {
  const { isAdmin } = useSignedIn();
  return useQuery({
    queryKey: ['server', 'part', serverId, 'operations', isAdmin],
    queryFn: ({ signal }) => serverOperations(serverId, isAdmin, signal),
    refetchInterval: ({ state }) => (state.data?.some(running) ? 1500 : 20_000),
  });
}
