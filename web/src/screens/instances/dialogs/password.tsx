import { PasswordInput, Text } from '@mantine/core';
import { useState } from 'react';
import { act } from '#api/compute/server-actions.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { commandLine } from '#ui/command-preview.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useActionPreview } from './action-preview.ts';

/** The guest's agent sets it; Nova waits for that and says when it cannot. */
export function PasswordDialog({ server, tools: { t, saved }, close }: DialogProps) {
  const preview = useActionPreview(server.id);
  const [password, setPassword] = useState('');
  return (
    <FormDialog
      title={`${t.password}: ${server.name}`}
      verb={t.password}
      refuse={password === '' ? t.passwordMissing : null}
      preview={preview(commandLine(['openstack', 'server', 'set'], ['--password', '***'], [server.id]), {
        changePassword: { adminPass: '***' },
      })}
      submit={async () => {
        await act(server.id, { changePassword: { adminPass: password } });
        saved(server, t.passwordSet(server.name));
      }}
      close={close}
    >
      <Text size="sm">{t.passwordHint}</Text>
      <PasswordInput
        label={t.newPassword}
        required
        maxLength={255}
        autoComplete="new-password"
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
