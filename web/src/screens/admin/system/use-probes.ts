import { useQueries } from '@tanstack/react-query';
import type { ServiceKey } from '#api/client.ts';
import { useSignedIn } from '#api/session.ts';
import { probe, type Probe } from '#api/versions.ts';

export type Probed = ReadonlyMap<
  ServiceKey,
  { readonly probe: Probe | undefined; readonly error: unknown; readonly again: () => void }
>;

/** Every service that the console reaches, asked every 15 s how it is. */
export function useProbes(): Probed {
  const { services } = useSignedIn();
  const keys = Object.entries(services).flatMap(([key, service]) =>
    service ? [[key as ServiceKey, service.url] as const] : [],
  );
  const answers = useQueries({
    queries: keys.map(([key, url]) => ({
      queryKey: ['probe', key, url],
      queryFn: ({ signal }: { signal: AbortSignal }) => probe(key, url, signal),
      refetchInterval: 15_000,
      retry: false,
    })),
  });
  return new Map(
    keys.map(([key], at) => [
      key,
      { probe: answers[at]?.data, error: answers[at]?.error ?? null, again: () => void answers[at]?.refetch() },
    ]),
  );
}
