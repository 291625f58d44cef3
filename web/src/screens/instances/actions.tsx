import { useMemo } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { useSignedIn } from '#api/session.ts';
import type { Action } from '#ui/action.tsx';
import { adminActions } from './actions/admin-actions.tsx';
import { attachActions } from './actions/attach-actions.tsx';
import { changeActions } from './actions/change-actions.tsx';
import { endActions } from './actions/end-actions.tsx';
import { powerActions } from './actions/power-actions.ts';
import { useTools } from './use-tools.ts';

/**
 * Everything that can be done to servers: for rows, the bulk bar and the page of one.
 * @param admin also what only administrators do
 */
export function useServerActions({ admin = false }: { readonly admin?: boolean } = {}): readonly Action<Server>[] {
  const tools = useTools();
  const { services } = useSignedIn();
  return useMemo(
    () => [
      ...powerActions(tools),
      ...changeActions(tools),
      ...attachActions(tools, services),
      ...(admin ? adminActions(tools) : []),
      ...endActions(tools),
    ],
    [tools, services, admin],
  );
}
