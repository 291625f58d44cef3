import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { act, simpleActions } from '#api/compute/server-actions.ts';
import { servers, type Server } from '#api/compute/servers.ts';
import { isNotFound } from '#api/fault.ts';
import { patch } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { textOf } from '#i18n/catalogue.ts';
import { ended } from '#screens/instances/ended.ts';
import { moveBody, type Way } from './move-plan.ts';
import { nodeTexts } from './texts.ts';

export interface MoveOptions {
  /** Null: the scheduler chooses. */
  readonly to: string | null;
  /** Confirms a cold move at once: nobody else will. */
  readonly confirmCold: boolean;
}

/** Moves a guest and waits for its end. @returns where it is then; null when it is gone @throws ApiFault; Error when it is where it was */
export function useMove(): (server: Server, way: Way, options: MoveOptions) => Promise<string | null> {
  const queries = useQueryClient();
  const { isAdmin, project } = useSignedIn();
  return useCallback(
    async (server, way, { to, confirmCold }) => {
      const read = async (): Promise<Server | null> => {
        try {
          const now = (await servers.get?.(server.id, new AbortController().signal)) ?? null;
          patch(queries, servers, server.id, now, project.id);
          return now;
        } catch (error) {
          if (!isNotFound(error)) throw error;
          patch(queries, servers, server.id, null, project.id);
          return null;
        }
      };
      const tools = { queries, admin: isAdmin };
      const begun = await act(server.id, moveBody(way, to));
      void read();
      await ended(tools, server, begun).finally(read);
      let now = await read();
      if (way === 'cold' && confirmCold && now?.['OS-EXT-STS:vm_state'] === 'resized') {
        await ended(tools, now, await act(server.id, simpleActions.confirmResize));
        now = await read();
      }
      const host = now?.['OS-EXT-SRV-ATTR:host'] ?? null;
      // Where no journal tells of the failure, the place does.
      if (host !== null && host === server['OS-EXT-SRV-ATTR:host']) throw new Error(textOf(nodeTexts).stillThere(host));
      return host;
    },
    [queries, isAdmin, project.id],
  );
}
