import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { addressesOf, servers, type Server } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { useServerActions } from '#screens/instances/actions.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useProjectName } from '../project-name.ts';
import { nodeTexts } from './texts.ts';

/** The guests on a host, of every project, with all that can be done to them. */
export function GuestsTable({ host }: { readonly host: string }) {
  const t = useText(nodeTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const projectName = useProjectName();
  const { data, error } = useList(servers, { all: true });
  const actions = useServerActions({ admin: true });
  const own = useMemo(() => data?.filter((one) => one['OS-EXT-SRV-ATTR:host'] === host), [data, host]);
  const columns = useMemo<readonly Column<Server>[]>(
    () => [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(8rem, 1.5fr)' },
      {
        id: 'status',
        title: ui.status,
        value: ({ status }) => status,
        cell: (one) => <Status status={one.status} task={one['OS-EXT-STS:task_state']} />,
      },
      { id: 'project', title: ui.project, value: ({ tenant_id }) => projectName(tenant_id) },
      { id: 'flavor', title: t.flavor, value: ({ flavor }) => t.sizeOf(flavor.vcpus, format.mib(flavor.ram)) },
      {
        id: 'addresses',
        title: t.addresses,
        value: (one) =>
          addressesOf(one)
            .map(({ addr }) => addr)
            .join(', ') || null,
        width: 'minmax(8rem, 1.5fr)',
      },
    ],
    [t, ui, format, projectName],
  );
  return (
    <ResourceTable
      label={t.guests}
      query={{ data: own, error }}
      columns={columns}
      actions={actions}
      nameOf={({ name }) => name}
      linkOf={({ id }) => `/instances/${id}`}
      empty={<Text size="sm">{t.noGuests}</Text>}
    />
  );
}
