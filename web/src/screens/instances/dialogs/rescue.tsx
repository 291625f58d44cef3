import { Text } from '@mantine/core';
import { useState } from 'react';
import { rescueServer } from '#api/compute/server-actions.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useActionPreview } from './action-preview.ts';
import { ImageSelect } from './image-select.tsx';
import { PasswordNotice } from './password-notice.tsx';

/** A system that repairs its disk. */
export function RescueDialog({ server, tools, close }: DialogProps) {
  const { t, follow, dialog } = tools;
  const preview = useActionPreview(server.id);
  const own = server.image === '' ? null : server.image.id;
  const [id, setId] = useState<string | null>(own);
  const other = id === own ? null : id;
  return (
    <FormDialog
      title={`${t.rescue}: ${server.name}`}
      verb={t.rescue}
      preview={preview(
        commandLine(['openstack', 'server', 'rescue'], other !== null && ['--image', other], [server.id]),
        { rescue: other === null ? null : { rescue_image_ref: other } },
      )}
      submit={async () => {
        const begun = await rescueServer(server.id, other);
        follow(server, { verb: t.rescue, doing: t.rescuing, done: t.rescued }, begun);
        dialog((end) => <PasswordNotice name={server.name} password={begun.adminPass} tools={tools} close={end} />);
      }}
      close={close}
    >
      <Text size="sm">{t.rescueHint}</Text>
      <ImageSelect label={t.rescueImage} value={id} onChange={setId} />
    </FormDialog>
  );
}
