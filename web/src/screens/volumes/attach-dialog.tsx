import { Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { servers } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { attachVolume } from '#api/volume/actions.ts';
import { volumes, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { settled, work } from '#ui/work.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

/** To which instance. */
export function AttachDialog({ volume, close }: { readonly volume: Volume; readonly close: () => void }) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const { data } = useList(servers);
  const fitting = (data ?? []).filter(({ status }) =>
    ['ACTIVE', 'SHUTOFF', 'PAUSED', 'VERIFY_RESIZE'].includes(status),
  );
  const [id, setId] = useState<string | null>(null);
  const server = fitting.find((one) => one.id === (id ?? fitting[0]?.id));
  const submit = async (): Promise<void> => {
    if (!server) return;
    await attachVolume(server.id, volume.id);
    const name = nameOf(volume);
    void work({
      doing: t.attaching(name, server.name),
      done: t.attached(name, server.name),
      failed: t.attachFailed(name),
      run: () =>
        settled(queries, volumes, volume.id, (item) => {
          if (item?.attachments.some((one) => one.server_id === server.id)) return 'done';
          return !item || item.status === 'available' || item.status.startsWith('error')
            ? { failed: t.endedIn(item?.status ?? '–') }
            : 'waiting';
        }),
    });
  };
  return (
    <FormDialog
      title={`${t.attach}: ${nameOf(volume)}`}
      verb={t.attach}
      refuse={fitting.length === 0 ? t.noServers : server ? null : t.serverNeeded}
      submit={submit}
      close={close}
      preview={{
        command: commandLine('openstack server add volume', [server?.name ?? 'SERVER', nameOf(volume)]),
        call: {
          method: 'POST',
          url: `${services.compute?.url ?? ''}/servers/${server?.id ?? 'SERVER'}/os-volume_attachments`,
          body: { volumeAttachment: { volumeId: volume.id } },
        },
      }}
    >
      <Select
        label={t.server}
        searchable
        allowDeselect={false}
        data={fitting.map((one) => ({ value: one.id, label: one.name }))}
        value={server?.id ?? null}
        onChange={setId}
        data-autofocus
      />
    </FormDialog>
  );
}
