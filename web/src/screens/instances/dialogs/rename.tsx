import { Textarea, TextInput } from '@mantine/core';
import { updateServer } from '#api/compute/server-actions.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import type { DialogProps } from '../actions/change-actions.tsx';

/** Name and description. */
export function RenameDialog({ server, tools: { t, saved }, close }: DialogProps) {
  const ui = useText(uiTexts);
  const { services } = useSignedIn();
  const fields = useFields({ name: server.name, description: server.description ?? '' });
  const { name, description } = fields.values;
  const change = {
    ...(name !== server.name && { name: name.trim() }),
    ...(description !== (server.description ?? '') && { description: description.trim() || null }),
  };
  return (
    <FormDialog
      title={`${t.rename}: ${server.name}`}
      verb={ui.save}
      refuse={name.trim() === '' ? t.nameMissing : null}
      preview={{
        command: commandLine(
          ['openstack', 'server', 'set'],
          change.name !== undefined && ['--name', change.name],
          change.description !== undefined && ['--description', change.description ?? ''],
          [server.id],
        ),
        call: {
          method: 'PUT',
          url: `${services.compute?.url}/servers/${server.id}`,
          body: { server: change },
        },
      }}
      submit={async () => {
        if (Object.keys(change).length > 0) await updateServer(server.id, change);
        saved(server, t.renamed(name.trim()));
      }}
      close={close}
    >
      <TextInput label={ui.name} maxLength={255} required data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} maxLength={255} autosize minRows={2} {...fields.text('description')} />
    </FormDialog>
  );
}
