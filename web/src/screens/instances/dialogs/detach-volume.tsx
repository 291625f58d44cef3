import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import { detachVolume } from '#api/compute/server-volumes.ts';
import { useSignedIn } from '#api/session.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useServerVolumes } from '../use-attachments.ts';

/** Takes a volume from it. @param initial the one that is chosen already */
export function DetachVolumeDialog({
  server,
  tools: { t, follow, queries },
  close,
  initial = null,
}: DialogProps & { readonly initial?: string | null }) {
  const { services } = useSignedIn();
  const { data: attached = [] } = useServerVolumes(server);
  const [picked, setPicked] = useState<string | null>(initial);
  const detachable = attached.filter(({ root }) => !root);
  const id = picked ?? (detachable.length === 1 ? (detachable[0]?.attachment.volumeId ?? null) : null);
  const chosen = attached.find(({ attachment }) => attachment.volumeId === id);
  return (
    <FormDialog
      title={`${t.detachVolume}: ${server.name}`}
      verb={t.detachVolume}
      danger
      refuse={!chosen ? t.chooseVolume : chosen.root ? t.rootVolumeRefused : null}
      preview={{
        command: commandLine(['openstack', 'server', 'remove', 'volume', server.id, id ?? '…']),
        call: {
          method: 'DELETE',
          url: `${services.compute?.url}/servers/${server.id}/os-volume_attachments/${id ?? '…'}`,
        },
      }}
      submit={async () => {
        const name = chosen?.name ?? '';
        const begun = await detachVolume(server.id, id ?? '');
        follow(
          server,
          {
            verb: t.detachVolume,
            doing: (what) => t.detachingVolume(name, what),
            done: () => t.detachedVolume(name),
          },
          begun,
        );
        void queries.invalidateQueries({ queryKey: ['volume'] });
      }}
      close={close}
    >
      <Select
        label={t.volume}
        data-autofocus
        value={id}
        onChange={setPicked}
        data={attached.map(({ attachment, name, root }) => ({
          value: attachment.volumeId,
          label: root ? t.rootVolume(name) : `${name}${attachment.device === null ? '' : ` (${attachment.device})`}`,
          disabled: root,
        }))}
      />
      <Text size="sm">{t.detachConsequence}</Text>
    </FormDialog>
  );
}
