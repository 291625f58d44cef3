import { Text, Textarea, TextInput } from '@mantine/core';
import type { SecurityGroup } from '#api/network/networks.ts';
import { securityGroupWrites } from '#api/network/security-group-writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import { useReread } from '../networks/use-network.ts';
import { groupTexts } from './texts.ts';

/** Makes a group, or changes the given one. */
export function GroupDialog({
  group,
  close,
  made,
}: {
  readonly group?: SecurityGroup;
  readonly close: () => void;
  readonly made?: (group: SecurityGroup) => void;
}) {
  const t = useText(groupTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const fields = useFields({ name: group?.name ?? '', description: group?.description ?? '' });
  const body = { name: fields.values.name.trim(), description: fields.values.description.trim() };
  const fixedName = group?.name === 'default';
  const change = fixedName ? { description: body.description } : body;
  return (
    <FormDialog
      title={group ? t.editTitle(called(group)) : t.create}
      verb={group ? u.save : u.create}
      refuse={body.name === '' ? `${u.required}: ${u.name}` : null}
      close={close}
      preview={
        group
          ? {
              command: commandLine(
                'openstack security group set',
                !fixedName && ['--name', body.name],
                ['--description', body.description],
                [group.id],
              ),
              call: securityGroupWrites.updateCall(group.id, change),
            }
          : {
              command: commandLine('openstack security group create', ['--description', body.description], [body.name]),
              call: securityGroupWrites.createCall(body),
            }
      }
      submit={async () => {
        if (group) await securityGroupWrites.update(group.id, change);
        else made?.(await securityGroupWrites.create(body));
        reread('security_group');
      }}
    >
      {!group && <Text size="sm">{t.createHint}</Text>}
      <TextInput
        label={u.name}
        required
        maxLength={255}
        data-autofocus
        disabled={fixedName}
        description={fixedName ? t.isDefault : undefined}
        {...fields.text('name')}
      />
      <Textarea label={u.description} maxLength={255} autosize minRows={2} {...fields.text('description')} />
    </FormDialog>
  );
}
