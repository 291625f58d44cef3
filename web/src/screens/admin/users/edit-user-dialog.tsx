import { Select, TextInput } from '@mantine/core';
import { projects, type User } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { userWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { userTexts } from './texts.ts';
import { isEmail, userChange } from './user-form.ts';

/** A user's name, address, description and default project. */
export function EditUserDialog({ user, close }: { readonly user: User; readonly close: () => void }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const reread = useReread();
  const { data: all } = useList(projects);
  const fields = useFields({
    name: user.name,
    email: user.email ?? '',
    description: user.description ?? '',
    project: user.default_project_id ?? '',
  });
  const { values } = fields;
  const change = userChange(user, values);
  const email = values.email.trim();
  const wrongEmail = email !== '' && !isEmail(email);
  return (
    <FormDialog
      title={t.editTitle(user.name)}
      verb={ui.save}
      refuse={
        values.name.trim() === ''
          ? `${ui.required}: ${ui.name}`
          : wrongEmail
            ? t.badEmail
            : Object.keys(change).length === 0
              ? t.nothingChanged
              : null
      }
      close={close}
      preview={{
        command: commandLine(
          'openstack user set',
          change.name !== undefined && ['--name', change.name],
          change.email !== undefined && ['--email', change.email],
          change.description !== undefined && ['--description', change.description],
          typeof change.default_project_id === 'string' && ['--project', change.default_project_id],
          [user.id],
        ),
        call: userWrites.updateCall(user.id, change),
      }}
      submit={async () => {
        await userWrites.update(user.id, change);
        reread('user', 'role_assignment');
      }}
    >
      <TextInput label={ui.name} required maxLength={255} data-autofocus {...fields.text('name')} />
      <TextInput label={t.email} type="email" error={wrongEmail ? t.badEmail : undefined} {...fields.text('email')} />
      <TextInput label={ui.description} {...fields.text('description')} />
      <Select
        label={t.defaultProject}
        description={t.defaultProjectHint}
        searchable
        value={values.project}
        onChange={(next) => fields.set('project', next ?? '')}
        data={[
          { value: '', label: t.noDefault },
          ...(all ?? []).map(({ id }) => ({ value: id, label: names.project(id) })),
        ]}
      />
    </FormDialog>
  );
}
