import { Alert, Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { rebuildServer } from '#api/compute/server-actions.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useServerImage } from '../use-server-image.ts';
import { useActionPreview } from './action-preview.ts';
import { ImageSelect } from './image-select.tsx';
import { PasswordNotice } from './password-notice.tsx';

/** Its disk anew, from the same image or another. */
export function RebuildDialog({ server, tools, close }: DialogProps) {
  const { t, follow, dialog } = tools;
  const preview = useActionPreview(server.id);
  const ofVolume = server.image === '';
  const own = useServerImage(server)?.id;
  const [chosen, setId] = useState<string | null>(null);
  const [keep, setKeep] = useState(false);
  const id = chosen ?? own ?? null;
  const body = { imageRef: id ?? '…', ...(keep && { preserve_ephemeral: true }) };
  return (
    <FormDialog
      title={`${t.rebuild}: ${server.name}`}
      verb={t.rebuild}
      danger
      refuse={id === null ? t.chooseImage : null}
      preview={preview(
        commandLine(['openstack', 'server', 'rebuild'], ['--image', id ?? '…'], keep && '--preserve-ephemeral', [
          server.id,
        ]),
        { rebuild: body },
      )}
      submit={async () => {
        const begun = await rebuildServer(server.id, body);
        follow(server, { verb: t.rebuild, doing: t.rebuilding, done: t.rebuilt }, begun);
        const { adminPass } = begun;
        if (adminPass !== undefined)
          dialog((end) => <PasswordNotice name={server.name} password={adminPass} tools={tools} close={end} />);
      }}
      close={close}
    >
      <Alert color="red" variant="light">
        {t.rebuildConsequence}
      </Alert>
      {ofVolume && <Text size="sm">{t.rebuildVolumeBacked}</Text>}
      <ImageSelect label={t.image} value={id} onChange={setId} only={ofVolume ? own : undefined} />
      {server.flavor.ephemeral > 0 && (
        <Checkbox label={t.keepEphemeral} checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
      )}
    </FormDialog>
  );
}
