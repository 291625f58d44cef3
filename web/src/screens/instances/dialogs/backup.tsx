import { NumberInput, Select, Text, TextInput } from '@mantine/core';
import { act } from '#api/compute/server-actions.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useActionPreview } from './action-preview.ts';

/** A snapshot of which only the newest few are kept. */
export function BackupDialog({ server, tools: { t, follow }, close }: DialogProps) {
  const preview = useActionPreview(server.id);
  const fields = useFields({ name: `${server.name}-backup`, kind: 'daily', rotation: 7 });
  const { name, kind, rotation } = fields.values;
  const body = { createBackup: { name: name.trim(), backup_type: kind, rotation } };
  return (
    <FormDialog
      title={`${t.createBackup}: ${server.name}`}
      verb={t.createBackup}
      refuse={name.trim() === '' ? t.nameMissing : null}
      preview={preview(
        commandLine(
          ['openstack', 'server', 'backup', 'create'],
          ['--name', name.trim()],
          ['--type', kind],
          ['--rotate', String(rotation)],
          [server.id],
        ),
        body,
      )}
      submit={async () =>
        follow(server, { verb: t.createBackup, doing: t.imaging, done: t.backedUp }, await act(server.id, body))
      }
      close={close}
    >
      <Text size="sm">{t.backupHint}</Text>
      <TextInput label={t.imageName} required maxLength={255} data-autofocus {...fields.text('name')} />
      <Select
        label={t.backupType}
        allowDeselect={false}
        value={kind}
        onChange={(value) => value !== null && fields.set('kind', value)}
        data={[
          { value: 'daily', label: t.daily },
          { value: 'weekly', label: t.weekly },
        ]}
      />
      <NumberInput
        label={t.rotation}
        min={1}
        max={1000}
        allowDecimal={false}
        value={rotation}
        onChange={(value) => fields.set('rotation', Math.max(1, Number(value) || 1))}
      />
    </FormDialog>
  );
}
