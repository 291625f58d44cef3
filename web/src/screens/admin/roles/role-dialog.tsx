import { Textarea, TextInput } from '@mantine/core';
import type { Role } from '#api/identity/identity.ts';
import { roleWrites } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { roleTexts } from './texts.ts';

/** Makes a role, or changes the given one. */
export function RoleDialog({ role, close }: { readonly role?: Role; readonly close: () => void }) {
  const t = useText(roleTexts);
  const ui = useText(uiTexts);
  const reread = useReread();
  const fields = useFields({ name: role?.name ?? '', description: role?.description ?? '' });
  const body = { name: fields.values.name.trim(), description: fields.values.description.trim() };
  // Services' policies name it.
  const fixedName = role?.name === 'admin';
  return (
    <FormDialog
      title={role ? t.edit(role.name) : t.create}
      verb={role ? ui.save : ui.create}
      refuse={body.name === '' ? `${ui.required}: ${ui.name}` : null}
      close={close}
      preview={
        role
          ? {
              command: commandLine(
                'openstack role set',
                ['--name', body.name],
                ['--description', body.description],
                [role.id],
              ),
              call: roleWrites.updateCall(role.id, body),
            }
          : {
              command: commandLine(
                'openstack role create',
                body.description !== '' && ['--description', body.description],
                [body.name],
              ),
              call: roleWrites.createCall(body),
            }
      }
      submit={async () => {
        await (role ? roleWrites.update(role.id, body) : roleWrites.create(body));
        reread('role', 'role_assignment');
      }}
    >
      <TextInput
        label={ui.name}
        required
        maxLength={255}
        data-autofocus
        disabled={fixedName}
        {...(fixedName && { description: t.adminStays })}
        {...fields.text('name')}
      />
      <Textarea label={ui.description} autosize minRows={2} {...fields.text('description')} />
    </FormDialog>
  );
}
