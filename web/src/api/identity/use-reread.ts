import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { refreshCsrf } from '../session.ts';

/** What one's own list of projects, in the session, follows from. */
const ofSession: ReadonlySet<string> = new Set(['project', 'domain', 'role_assignment', 'group']);

/**
 * Reads lists and pages of these kinds again after a change of one's own; the session too where the change may have
 * given or taken a project that the reader can work in.
 */
export function useReread(): (...kinds: readonly string[]) => void {
  const queries = useQueryClient();
  return useCallback(
    (...kinds) => {
      for (const kind of kinds) void queries.invalidateQueries({ queryKey: [kind] });
      if (kinds.some((kind) => ofSession.has(kind))) void refreshCsrf();
    },
    [queries],
  );
}
