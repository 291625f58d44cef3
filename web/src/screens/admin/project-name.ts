import { useCallback } from 'react';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';

/** Names of projects by id; the id's beginning when Keystone does not know it (any more). */
export function useProjectName(): (id: string | null | undefined) => string {
  const { data } = useList(projects);
  return useCallback(
    (id) => (id == null || id === '' ? '–' : (data?.find((one) => one.id === id)?.name ?? id.slice(0, 8))),
    [data],
  );
}
