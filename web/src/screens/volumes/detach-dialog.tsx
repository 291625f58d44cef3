import { useQueryClient } from '@tanstack/react-query';
import { servers } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { detachVolume } from '#api/volume/actions.ts';
import { volumes, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { settled, work } from '#ui/work.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

/** Takes volumes out of their instances, each named with the one that loses it. */
export function DetachDialog({ items, close }: { readonly items: readonly Volume[]; readonly close: () => void }) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  const { data: someServers } = useList(servers);
  const places = items.flatMap((volume) =>
    volume.attachments.map(({ server_id, device }) => ({
      volume,
      server: server_id,
      name: someServers?.find(({ id }) => id === server_id)?.name ?? server_id,
      device,
    })),
  );
  return (
    <ConfirmDialog
      title={t.detach}
      verb={t.detach}
      items={places}
      nameOf={({ volume, name, device }) => `${nameOf(volume)} ← ${t.attachedAs(name, device)}`}
      consequence={t.detachText}
      close={close}
      run={async ({ volume, server }) => {
        await detachVolume(server, volume.id);
        const name = nameOf(volume);
        void work({
          doing: t.detaching(name),
          done: t.detached(name),
          failed: t.detachFailed(name),
          run: () =>
            settled(queries, volumes, volume.id, (item) => {
              if (!item || item.attachments.every((one) => one.server_id !== server)) return 'done';
              return item.status.startsWith('error') ? { failed: t.endedIn(item.status) } : 'waiting';
            }),
        });
      }}
    />
  );
}
