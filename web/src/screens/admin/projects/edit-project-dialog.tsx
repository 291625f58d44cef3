import { Textarea, TextInput } from '@mantine/core';
import type { Project } from '#api/identity/identity.ts';
import { projectWrites } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { projectTexts } from './texts.ts';

/** A project's name and description. */
export function EditProjectDialog({ project, close }: { readonly project: Project; readonly close: () => void }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const reread = useReread();
  const fields = useFields({ name: project.name, description: project.description });
  const change = { name: fields.values.name.trim(), description: fields.values.description.trim() };
  return (
    <FormDialog
      title={t.editTitle(project.name)}
      verb={ui.save}
      refuse={change.name === '' ? `${ui.required}: ${ui.name}` : null}
      close={close}
      preview={{
        command: commandLine(
          'openstack project set',
          ['--name', change.name],
          ['--description', change.description],
          [project.id],
        ),
        call: projectWrites.updateCall(project.id, change),
      }}
      submit={async () => {
        await projectWrites.update(project.id, change);
        reread('project', 'role_assignment');
      }}
    >
      <TextInput label={ui.name} required maxLength={64} data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} autosize minRows={2} {...fields.text('description')} />
    </FormDialog>
  );
}
