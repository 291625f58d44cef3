import type { Begun } from '#api/compute/server-actions.ts';
import type { Server } from '#api/compute/servers.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import type { Tools, Words } from '../use-tools.ts';

/** Asks first, naming what it is done to and what comes of it; the dialog closes when all is begun. */
export function confirm(
  { dialog, followAll }: Pick<Tools, 'dialog' | 'followAll'>,
  items: readonly Server[],
  words: Words,
  consequence: string,
  begin: (server: Server) => Promise<Begun>,
  danger = false,
): void {
  const begun = new Map<Server, Begun>();
  dialog((close) => (
    <ConfirmDialog
      title={words.verb}
      verb={words.verb}
      items={items}
      nameOf={({ name }) => name}
      consequence={consequence}
      danger={danger}
      run={async (server) => begun.set(server, await begin(server))}
      close={() => {
        close();
        followAll(begun, words);
      }}
    />
  ));
}
