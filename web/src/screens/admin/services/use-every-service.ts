import { useMemo } from 'react';
import { computeServices } from '#api/compute/hosts.ts';
import { agents } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { volumeServices } from '#api/volume/volumes.ts';
import { everyService, type AnyService } from './every-service.ts';

/** The daemons of all services; those of a service that does not answer are missing, and `error` says so. */
export function useEveryService(): { readonly data: AnyService[] | undefined; readonly error: unknown } {
  const compute = useList(computeServices);
  const network = useList(agents);
  const volume = useList(volumeServices);
  // A service that the catalogue lacks is not waited for.
  const loading = compute.isLoading || network.isLoading || volume.isLoading;
  const data = useMemo(
    () => (loading ? undefined : everyService(compute.data ?? [], network.data ?? [], volume.data ?? [])),
    [loading, compute.data, network.data, volume.data],
  );
  return { data, error: compute.error ?? network.error ?? volume.error };
}
