import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSignedIn } from '#api/session.ts';
import { operations, type Operation } from '#api/usage/operations.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useText } from '#i18n/catalogue.ts';
import { Ago } from '#ui/ago.tsx';
import { operationLabel } from '#ui/operation-label.ts';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { userTexts } from './texts.ts';

/** The journals cannot be asked for one user's: so many of the newest are looked through. */
const LOOKED_THROUGH = 500;
const nameOf = (one: Operation): string => `${operationLabel(one.kind)} ${one.resource_name ?? one.resource_id}`;

/** What a user did lately, by the services' journals. */
export function ActivityPanel({ user }: { readonly user: string }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const { services } = useSignedIn();
  const there = (['compute', 'volume'] as const).filter((service) => services[service] !== undefined);
  const query = useQuery({
    queryKey: ['operation', 'list', 'user', user, ...there],
    queryFn: async ({ signal }) => {
      const all = await Promise.all(
        there.map((service) => operations(service, { all: true, limit: LOOKED_THROUGH }, signal)),
      );
      return all
        .flat()
        .filter((one) => one.user_id === user)
        .toSorted((a, b) => b.started_at.localeCompare(a.started_at));
    },
    refetchInterval: 30_000,
  });
  const columns = useMemo<readonly Column<Operation>[]>(
    () => [
      { id: 'operation', title: t.operation, value: ({ kind }) => operationLabel(kind) },
      {
        id: 'on',
        title: t.on,
        value: (one) => one.resource_name ?? one.resource_id.slice(0, 8),
        width: 'minmax(8rem, 1.5fr)',
      },
      { id: 'project', title: ui.project, value: ({ project_id }) => names.project(project_id) },
      {
        id: 'status',
        title: ui.status,
        value: ({ status }) => status,
        cell: ({ status }) => <Status status={status} />,
      },
      { id: 'when', title: t.when, value: (one) => one.started_at, cell: (one) => <Ago time={one.started_at} /> },
    ],
    [t, ui, names],
  );
  return (
    <ResourceTable
      label={t.activityTab}
      query={query}
      columns={columns}
      nameOf={nameOf}
      urlName="operation"
      empty={
        <Text size="sm" c="dimmed">
          {t.noActivity}
        </Text>
      }
    />
  );
}
