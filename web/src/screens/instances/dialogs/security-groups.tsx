import { Alert, MultiSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { setPortGroups } from '#api/compute/server-interfaces.ts';
import { securityGroups } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useServerPorts } from '../use-ports.ts';

/** Which groups guard it. Ports may differ: each has its own choice. */
export function SecurityGroupsDialog({ server, tools: { t, saved, queries }, close }: DialogProps) {
  const ui = useText(uiTexts);
  const { services, project } = useSignedIn();
  const { data: groups = [] } = useList(securityGroups, { all: project.id !== server.tenant_id });
  const attached = useServerPorts(server) ?? [];
  const [changed, setChanged] = useState<Readonly<Record<string, readonly string[]>>>({});
  const own = groups.filter(({ tenant_id }) => tenant_id === server.tenant_id);
  const chosenOf = (id: string, before: readonly string[]): readonly string[] => changed[id] ?? before;
  const changes = attached.filter(
    ({ port }) => chosenOf(port.id, port.security_groups).toSorted().join() !== port.security_groups.toSorted().join(),
  );
  const [first] = changes.length > 0 ? changes : attached;
  return (
    <FormDialog
      title={`${t.securityGroups}: ${server.name}`}
      verb={ui.save}
      preview={{
        command: changes
          .map(({ port }) => {
            const ids = chosenOf(port.id, port.security_groups);
            return commandLine(
              ['openstack', 'port', 'set', '--no-security-group'],
              ...ids.map((id) => ['--security-group', id]),
              [port.id],
            );
          })
          .join('\n'),
        call: {
          method: 'PUT',
          url: `${services.network?.url}/ports/${first?.port.id ?? '…'}`,
          body: { port: { security_groups: first ? chosenOf(first.port.id, first.port.security_groups) : [] } },
        },
      }}
      submit={async () => {
        for (const { port } of changes) await setPortGroups(port.id, chosenOf(port.id, port.security_groups));
        void queries.invalidateQueries({ queryKey: ['port'] });
        saved(server, t.securityChanged(server.name));
      }}
      close={close}
    >
      {attached.map(({ port, label }) => {
        const value = chosenOf(port.id, port.security_groups);
        return (
          <Stack key={port.id} gap={4}>
            <MultiSelect
              label={t.securityGroupsOf(label)}
              searchable
              value={[...value]}
              onChange={(next) => setChanged((old) => ({ ...old, [port.id]: next }))}
              data={own.map(({ id, name }) => ({ value: id, label: name }))}
            />
            {value.length === 0 && (
              <Alert color="orange" variant="light" p="xs">
                <Text size="sm">{t.noGroups}</Text>
              </Alert>
            )}
          </Stack>
        );
      })}
    </FormDialog>
  );
}
