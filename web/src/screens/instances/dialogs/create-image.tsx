import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createServerImage } from '#api/compute/server-actions.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useActionPreview } from './action-preview.ts';

/** A snapshot: an image from which more like it can be launched. */
export function ImageDialog({ server, tools: { t, follow }, close }: DialogProps) {
  const preview = useActionPreview(server.id);
  const [name, setName] = useState(() => `${server.name}-${new Date().toISOString().slice(0, 10)}`);
  return (
    <FormDialog
      title={`${t.createImage}: ${server.name}`}
      verb={t.createImage}
      refuse={name.trim() === '' ? t.nameMissing : null}
      preview={preview(commandLine(['openstack', 'server', 'image', 'create'], ['--name', name.trim()], [server.id]), {
        createImage: { name: name.trim(), metadata: {} },
      })}
      submit={async () =>
        follow(
          server,
          { verb: t.createImage, doing: t.imaging, done: () => t.imaged(name.trim()) },
          await createServerImage(server.id, name.trim(), {}),
        )
      }
      close={close}
    >
      <Text size="sm">{server.image === '' ? t.imageVolumesHint : t.imageHint}</Text>
      <TextInput
        label={t.imageName}
        required
        maxLength={255}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
