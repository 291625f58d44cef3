import { List, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { act } from '#api/compute/server-actions.ts';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { statusTexts } from '#ui/status-texts.ts';
import type { Tools } from '../use-tools.ts';
import { useActionPreview } from './action-preview.ts';

/** Puts the records right by hand. */
export function ResetStateDialog({
  servers,
  tools: { t, saved },
  close,
}: {
  readonly servers: readonly Server[];
  readonly tools: Tools;
  readonly close: () => void;
}) {
  const status = useText(statusTexts);
  const preview = useActionPreview(servers[0]?.id ?? '');
  const [state, setState] = useState('active');
  const body = { 'os-resetState': { state } };
  return (
    <FormDialog
      title={t.resetState}
      verb={t.resetState}
      preview={preview(
        servers.map(({ id }) => commandLine(['openstack', 'server', 'set'], ['--state', state], [id])).join('\n'),
        body,
      )}
      submit={async () => {
        for (const server of servers) {
          await act(server.id, body);
          saved(server, t.stateReset(server.name));
        }
      }}
      close={close}
    >
      <Text size="sm">{t.resetStateHint}</Text>
      <List size="sm">
        {servers.map(({ id, name }) => (
          <List.Item key={id}>{name}</List.Item>
        ))}
      </List>
      <SegmentedControl
        aria-label={t.stateTo}
        value={state}
        onChange={setState}
        data={[
          { value: 'active', label: status.ACTIVE },
          { value: 'error', label: status.ERROR },
        ]}
      />
    </FormDialog>
  );
}
