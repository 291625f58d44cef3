import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { projects } from '#api/identity/identity.ts';
import { useList, type Reach } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';

/**
 * How far to look for what hangs on a thing: administrators see other projects' ports on a shared network, and the names of
 * what they belong to.
 */
export const useReach = (): Reach => ({ all: useSignedIn().isAdmin });

/** Reads lists and pages of these kinds again, after a change of one's own. */
export function useReread(): (...kinds: readonly string[]) => void {
  const queries = useQueryClient();
  return useCallback(
    (...kinds) => {
      for (const kind of kinds) void queries.invalidateQueries({ queryKey: [kind] });
    },
    [queries],
  );
}

/** What a project is called, for administrators; undefined for others, who see their own only. */
export function useProjectName(id: string): string | undefined {
  const { isAdmin } = useSignedIn();
  const { data } = useList(projects, { enabled: isAdmin });
  return isAdmin ? (data?.find((project) => project.id === id)?.name ?? id) : undefined;
}
