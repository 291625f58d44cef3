import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { agents } from '#api/network/networks.ts';
import type { Hosting } from '#api/network/scheduling.ts';
import { useList } from '#api/resource.ts';

/** The hosts whose agents serve each network or router, by its id; undefined until known. One request per agent. */
export function useHosts(hosting: Hosting): ReadonlyMap<string, readonly string[]> | undefined {
  const { data } = useList(agents);
  const serving = useMemo(
    () => (data ?? []).filter(({ agent_type }) => agent_type === hosting.agentType),
    [data, hosting],
  );
  const { data: pairs } = useQuery({
    queryKey: ['agent', 'hosted', hosting.kind, serving.map(({ id }) => id).join()],
    enabled: data !== undefined,
    refetchInterval: 30_000,
    queryFn: async ({ signal }) =>
      (
        await Promise.all(
          serving.map(async ({ id, host }) => (await hosting.hostedBy(id, signal)).map((thing) => ({ thing, host }))),
        )
      ).flat(),
  });
  return useMemo(
    () =>
      pairs &&
      new Map([...Map.groupBy(pairs, ({ thing }) => thing)].map(([id, some]) => [id, some.map(({ host }) => host)])),
    [pairs],
  );
}
