import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { act } from '#api/compute/server-actions.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useActionPreview } from './action-preview.ts';

/** Keeps others' hands off it, with a reason. */
export function LockDialog({ server, tools: { t, saved }, close }: DialogProps) {
  const preview = useActionPreview(server.id);
  const [text, setText] = useState('');
  const reason = text.trim();
  const body = { lock: reason === '' ? null : { locked_reason: reason } };
  return (
    <FormDialog
      title={`${t.lock}: ${server.name}`}
      verb={t.lock}
      preview={preview(
        commandLine(['openstack', 'server', 'lock'], reason !== '' && ['--reason', reason], [server.id]),
        body,
      )}
      submit={async () => {
        await act(server.id, body);
        saved(server, t.locked(server.name));
      }}
      close={close}
    >
      <Text size="sm">{t.lockConsequence}</Text>
      <TextInput
        label={t.lockReason}
        description={t.lockReasonHint}
        maxLength={255}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
