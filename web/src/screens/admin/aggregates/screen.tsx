import { Button, Title } from '@mantine/core';
import { IconLayersLinked, IconPlus } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { aggregates, hypervisors, type Aggregate } from '#api/compute/hosts.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { Ago } from '#ui/ago.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useAggregateActions } from './actions.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { ZONE_KEY } from './membership.ts';
import { aggregateTexts } from './texts.ts';
import { Zones } from './zones.tsx';

/** Groups of hosts, and the zones that they make. */
export function Screen() {
  const t = useText(aggregateTexts);
  const app = useText(appTexts);
  const open = useDialog();
  const query = useList(aggregates);
  const guestsOn = useGuestsOn();
  const columns = useAggregateColumns();
  const actions = useAggregateActions(guestsOn);
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => open((close) => <EditDialog guestsOn={guestsOn} close={close} />)}
    >
      {t.create}
    </Button>
  );
  return (
    <Page title={app.aggregates} actions={create}>
      <Title order={2} size="h4">
        {t.aggregates}
      </Title>
      <ResourceTable
        label={t.aggregates}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={({ name }) => name}
        empty={
          <EmptyNotice icon={IconLayersLinked} title={t.emptyTitle} action={create}>
            {t.empty}
          </EmptyNotice>
        }
      />
      <Zones />
    </Page>
  );
}

/** How many guests a host has, as its hypervisors tell. */
function useGuestsOn(): (host: string) => number {
  const { data } = useList(hypervisors);
  return useCallback(
    (host) =>
      (data ?? [])
        .filter(({ service }) => service.host === host)
        .reduce((sum, { servers }) => sum + (servers?.length ?? 0), 0),
    [data],
  );
}

function useAggregateColumns(): readonly Column<Aggregate>[] {
  const t = useText(aggregateTexts);
  const ui = useText(uiTexts);
  return useMemo(
    () => [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(8rem, 1.2fr)' },
      { id: 'zone', title: t.zone, value: (one) => one.availability_zone },
      { id: 'hosts', title: t.hosts, value: ({ hosts }) => hosts.join(', ') || null, width: 'minmax(8rem, 1.5fr)' },
      {
        id: 'metadata',
        title: t.metadata,
        value: ({ metadata }) =>
          Object.entries(metadata)
            .filter(([key]) => key !== ZONE_KEY)
            .map(([key, value]) => `${key}=${value}`)
            .join(', ') || null,
        width: 'minmax(8rem, 1.5fr)',
      },
      {
        id: 'created',
        title: ui.created,
        value: (one) => one.created_at,
        cell: (one) => <Ago time={one.created_at} />,
      },
    ],
    [t, ui],
  );
}
