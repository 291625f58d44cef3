import { Group, Select, Text } from '@mantine/core';
import { useMemo } from 'react';
import { servers, type Server } from '#api/compute/servers.ts';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useServerActions } from '#screens/instances/actions.tsx';
import { useServerColumns } from '#screens/instances/columns.tsx';
import { useStatusChips } from '#screens/instances/status-chips.tsx';
import { instanceTexts } from '#screens/instances/texts.ts';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { useUrlText } from '#ui/use-url-text.ts';

const NARROW = 'minmax(5rem, 1fr)';
const nameOf = ({ name }: Server): string => name;
const linkOf = ({ id }: Server): string => `/instances/${id}`;
const hostOf = (server: Server): string | null => server['OS-EXT-SRV-ATTR:host'] ?? null;

/** Servers of every project, with their hosts. */
export function Screen() {
  const t = useText(instanceTexts);
  const { data, error, refetch } = useList(servers, { all: true });
  const { data: owners } = useList(projects);
  const [host, setHost] = useUrlText('host');
  const there = useMemo(() => (host === '' ? data : data?.filter((server) => hostOf(server) === host)), [data, host]);
  const { shown, chips } = useStatusChips(there);
  const hosts = useMemo(() => [...new Set((data ?? []).flatMap((one) => hostOf(one) ?? []))].toSorted(), [data]);
  const more = useMemo<readonly Column<Server>[]>(() => {
    const names = new Map((owners ?? []).map(({ id, name }) => [id, name]));
    return [
      { id: 'project', title: t.project, value: ({ tenant_id }) => names.get(tenant_id) ?? tenant_id, width: NARROW },
      { id: 'host', title: t.host, value: hostOf, width: NARROW },
    ];
  }, [t, owners]);
  const columns = useServerColumns(more);
  const actions = useServerActions({ admin: true });
  const tools = (
    <Group gap="xs">
      <Select
        aria-label={t.hostFilter}
        placeholder={t.anyHost}
        clearable
        searchable
        w={180}
        value={host === '' ? null : host}
        onChange={(value) => setHost(value ?? '')}
        data={host === '' || hosts.includes(host) ? hosts : [...hosts, host]}
      />
      {chips}
    </Group>
  );
  return (
    <Page title={t.allTitle}>
      <ResourceTable
        label={t.allTitle}
        query={{ data: shown, error, refetch }}
        columns={columns}
        nameOf={nameOf}
        linkOf={linkOf}
        actions={actions}
        {...(data && data.length > 0 && { tools })}
        empty={<Text>{t.emptyAll}</Text>}
      />
    </Page>
  );
}
