import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Begun } from '#api/compute/server-actions.ts';
import { servers, type Server } from '#api/compute/servers.ts';
import { isNotFound } from '#api/fault.ts';
import { patch } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { textOf, useText } from '#i18n/catalogue.ts';
import { useDialog, type OpenDialog } from '#ui/dialogs.tsx';
import { work } from '#ui/work.ts';
import { actionTexts } from './action-texts.ts';
import { ended } from './ended.ts';
import { together } from './together.ts';

export type ActionTexts = (typeof actionTexts)['en'];

/** Words around something that takes a while. */
export interface Words {
  readonly verb: string;
  readonly doing: (what: string) => string;
  readonly done: (what: string) => string;
}

/** What actions on servers are made of. */
export interface Tools {
  readonly t: ActionTexts;
  readonly dialog: OpenDialog;
  readonly queries: QueryClient;
  readonly admin: boolean;
  /** Does something to one or several servers, and says how it ended when the cloud has done it. */
  readonly perform: (
    items: readonly Server[],
    words: Words,
    begin: (server: Server) => Promise<Begun>,
  ) => Promise<boolean>;
  /** Waits for what a form has begun, and says how it ended; the form is closed meanwhile. */
  readonly follow: (server: Server, words: Words, begun: Begun) => void;
  /** The same of several, as one. */
  readonly followAll: (begun: ReadonlyMap<Server, Begun>, words: Words) => void;
  /** Something that is done when the API has answered. */
  readonly saved: (server: Server, words: string) => void;
}

/** A name, or how many. */
export const named = (items: readonly { readonly name: string }[]): string =>
  items.length === 1 ? (items[0]?.name ?? '') : textOf(actionTexts).count(items.length);

export function useTools(): Tools {
  const t = useText(actionTexts);
  const dialog = useDialog();
  const queries = useQueryClient();
  const { isAdmin, project } = useSignedIn();
  return useMemo(() => {
    const reread = async (id: string): Promise<void> => {
      try {
        patch(queries, servers, id, (await servers.get?.(id, new AbortController().signal)) as Server, project.id);
      } catch (error) {
        if (isNotFound(error)) patch(queries, servers, id, null, project.id);
      }
      void queries.invalidateQueries({ queryKey: ['server', 'part', id] });
    };
    const wait = async (server: Server, begun: Begun): Promise<void> => {
      void reread(server.id);
      try {
        await ended({ queries, admin: isAdmin }, server, begun);
      } finally {
        await reread(server.id);
      }
    };
    return {
      t,
      dialog,
      queries,
      admin: isAdmin,
      perform: (items, { verb, doing, done }, begin) =>
        work({
          doing: doing(named(items)),
          done: done(named(items)),
          failed: t.failed(verb, named(items)),
          run: () => together(items, async (server) => wait(server, await begin(server))),
        }),
      follow: (server, { verb, doing, done }, begun) =>
        void work({
          doing: doing(server.name),
          done: done(server.name),
          failed: t.failed(verb, server.name),
          run: () => wait(server, begun),
        }),
      followAll(begun, { verb, doing, done }) {
        const items = [...begun.keys()];
        if (items.length === 0) return;
        void work({
          doing: doing(named(items)),
          done: done(named(items)),
          failed: t.failed(verb, named(items)),
          run: () => together(items, (server) => wait(server, begun.get(server) ?? { requestId: null })),
        });
      },
      saved: (server, words) => {
        void work({ doing: t.moment, done: words, failed: words, run: () => reread(server.id) });
      },
    };
  }, [t, dialog, queries, isAdmin, project.id]);
}
