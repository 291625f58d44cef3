import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { generatePassword } from '#api/identity/generate-password.ts';
import type { User } from '#api/identity/identity.ts';
import { userWrites } from '#api/identity/writes.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { PasswordField } from './password-field.tsx';
import { userTexts } from './texts.ts';
import { shown } from './user-form.ts';

/** Another password for somebody who has lost theirs. */
export function PasswordDialog({ user, close }: { readonly user: User; readonly close: () => void }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const me = useSignedIn().user.id;
  const reread = useReread();
  const [password, setPassword] = useState(generatePassword);
  return (
    <FormDialog
      title={t.passwordTitle(user.name)}
      verb={t.setPassword}
      refuse={password === '' ? t.needPassword : null}
      close={close}
      preview={{
        command: commandLine('openstack user set', '--password-prompt', [user.id]),
        call: userWrites.updateCall(user.id, shown({ password })),
      }}
      submit={async () => {
        await userWrites.update(user.id, { password });
        reread('user');
        notifications.show({
          message: t.passwordSet(user.name),
          color: 'teal',
          closeButtonProps: { 'aria-label': ui.close },
        });
      }}
    >
      <Text size="sm">{user.id === me ? t.ownPasswordText : t.passwordText}</Text>
      <PasswordField label={t.newPassword} value={password} onChange={setPassword} focus />
    </FormDialog>
  );
}
