import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

/** Reads what is known of hosts and their daemons again. */
export function useRereadServices(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    () =>
      Promise.all(
        ['compute_service', 'agent', 'volume_service', 'hypervisor', 'availability_zone'].map((kind) =>
          queries.invalidateQueries({ queryKey: [kind] }),
        ),
      ).then(() => undefined),
    [queries],
  );
}
