import { useMemo } from 'react';
import { hypervisors } from '#api/compute/hosts.ts';
import { useList } from '#api/resource.ts';
import { useEveryService } from '../services/use-every-service.ts';
import { nodesOf, type Node } from './node.ts';

/** Every host of the cloud, live; undefined until all services have answered. */
export function useNodes(): { readonly data: readonly Node[] | undefined; readonly error: unknown } {
  const services = useEveryService();
  const machines = useList(hypervisors);
  const data = useMemo(
    () => (services.data && !machines.isLoading ? nodesOf(services.data, machines.data ?? []) : undefined),
    [services.data, machines.isLoading, machines.data],
  );
  return { data, error: services.error ?? machines.error };
}
