import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import { detachInterface } from '#api/compute/server-interfaces.ts';
import { useSignedIn } from '#api/session.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useServerPorts } from '../use-ports.ts';

/** Takes an interface from it. @param initial the one that is chosen already */
export function DetachInterfaceDialog({
  server,
  tools: { t, follow, queries },
  close,
  initial = null,
}: DialogProps & { readonly initial?: string | null }) {
  const { services } = useSignedIn();
  const attached = useServerPorts(server) ?? [];
  const [id, setId] = useState<string | null>(initial);
  return (
    <FormDialog
      title={`${t.detachInterface}: ${server.name}`}
      verb={t.detachInterface}
      danger
      refuse={id === null ? t.chooseInterface : null}
      preview={{
        command: commandLine(['openstack', 'server', 'remove', 'port', server.id, id ?? '…']),
        call: { method: 'DELETE', url: `${services.compute?.url}/servers/${server.id}/os-interface/${id ?? '…'}` },
      }}
      submit={async () => {
        const begun = await detachInterface(server.id, id ?? '');
        follow(server, { verb: t.detachInterface, doing: t.detachingInterface, done: t.detachedInterface }, begun);
        void queries.invalidateQueries({ queryKey: ['port'] });
      }}
      close={close}
    >
      <Select
        label={t.networkInterface}
        data-autofocus
        value={id}
        onChange={setId}
        data={attached.map(({ port, label }) => ({ value: port.id, label }))}
      />
      <Text size="sm">{t.detachInterfaceConsequence}</Text>
    </FormDialog>
  );
}
