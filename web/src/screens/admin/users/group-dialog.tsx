import { Select, Textarea, TextInput } from '@mantine/core';
import type { Group } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { groupWrites } from '#api/identity/writes.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { userTexts } from './texts.ts';

/** Makes a group, or changes the given one. */
export function GroupDialog({ group, close }: { readonly group?: Group; readonly close: () => void }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const reread = useReread();
  const own = useSignedIn().project.domain.id;
  const fields = useFields({ name: group?.name ?? '', description: group?.description ?? '', domain: own });
  const { domain } = fields.values;
  const change = { name: fields.values.name.trim(), description: fields.values.description.trim() };
  const body = { ...change, ...(names.many && { domain_id: domain }) };
  return (
    <FormDialog
      title={group ? t.editTitle(group.name) : t.createGroup}
      verb={group ? ui.save : ui.create}
      refuse={change.name === '' ? `${ui.required}: ${ui.name}` : null}
      close={close}
      preview={
        group
          ? {
              command: commandLine(
                'openstack group set',
                ['--name', change.name],
                ['--description', change.description],
                [group.id],
              ),
              call: groupWrites.updateCall(group.id, change),
            }
          : {
              command: commandLine(
                'openstack group create',
                names.many && ['--domain', domain],
                change.description !== '' && ['--description', change.description],
                [change.name],
              ),
              call: groupWrites.createCall(body),
            }
      }
      submit={async () => {
        await (group ? groupWrites.update(group.id, change) : groupWrites.create(body));
        reread('group', 'role_assignment');
      }}
    >
      <TextInput label={ui.name} required maxLength={64} data-autofocus {...fields.text('name')} />
      {!group && names.many && (
        <Select
          label={t.domain}
          allowDeselect={false}
          value={domain}
          onChange={(next) => fields.set('domain', next ?? own)}
          data={names.domains.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <Textarea label={ui.description} autosize minRows={2} {...fields.text('description')} />
    </FormDialog>
  );
}
