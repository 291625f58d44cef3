import { List, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Preview } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { adminTexts } from '../texts.ts';
import type { AnyService } from './every-service.ts';
import { disableCall, disableCommand } from './switch-command.ts';
import { serviceName, switchService } from './switch-service.ts';
import { serviceTexts } from './texts.ts';

/** Takes daemons out of use, with a reason for the others. */
export function DisableDialog({
  items,
  close,
  after,
}: {
  readonly items: readonly AnyService[];
  readonly close: () => void;
  readonly after: () => Promise<void>;
}) {
  const t = useText(adminTexts);
  const own = useText(serviceTexts);
  const { services } = useSignedIn();
  const [text, setText] = useState('');
  const reason = text.trim();
  const [first] = items;
  return (
    <FormDialog
      title={own.disableTitle(first && items.length === 1 ? serviceName(first) : own.some(items.length))}
      verb={t.disable}
      close={close}
      {...(first && { preview: previewOf(items, reason, (owner) => services[owner]?.url ?? '') })}
      submit={async () => {
        for (const one of items) await switchService(one, false, reason);
        await after();
      }}
    >
      {items.length > 1 && (
        <List size="sm">
          {items.map((one) => (
            <List.Item key={one.id}>{serviceName(one)}</List.Item>
          ))}
        </List>
      )}
      <Text size="sm">{t.disableText}</Text>
      {items.some(({ owner }) => owner !== 'network') && (
        <TextInput
          label={t.reason}
          value={text}
          maxLength={255}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
      )}
    </FormDialog>
  );
}

const previewOf = (
  items: readonly AnyService[],
  reason: string,
  urlOf: (owner: AnyService['owner']) => string,
): Preview => ({
  command: items.map((one) => disableCommand(one, reason)).join('\n'),
  call: items.map((one) => disableCall(one, reason, urlOf(one.owner))),
});
