import { Anchor, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useLive } from '#api/live-state.ts';
import { useSignedIn } from '#api/session.ts';
import { operations, type Operation } from '#api/usage/operations.ts';
import { useText } from '#i18n/catalogue.ts';
import { instant, useFormat } from '#i18n/format.ts';
import { Ago } from '#ui/ago.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { operationLabel } from '#ui/operation-label.ts';
import { Status } from '#ui/status.tsx';
import { overviewTexts } from './texts.ts';

const SHOWN = 10;
const pages: Readonly<Record<string, string>> = { server: '/instances', volume: '/volumes' };

/** What has been done in the project lately, by Nova's and Cinder's journals together. */
export function RecentOperations() {
  const t = useText(overviewTexts);
  const live = useLive();
  const format = useFormat();
  const { services } = useSignedIn();
  const query = useQuery({
    queryKey: ['operation', 'list', 'recent'],
    queryFn: async ({ signal }) => {
      const both = await Promise.all([
        services.compute ? operations('compute', { limit: SHOWN }, signal) : [],
        services.volume ? operations('volume', { limit: SHOWN }, signal) : [],
      ]);
      return both
        .flat()
        .toSorted((a, b) => b.started_at.localeCompare(a.started_at))
        .slice(0, SHOWN);
    },
    refetchInterval: live ? 30_000 : 4000,
  });
  if (query.error) return <ErrorNotice error={query.error} />;
  if (!query.data) return null;
  if (query.data.length === 0) return <Text size="sm">{t.noRecent}</Text>;
  const took = (one: Operation): string =>
    one.finished_at === null
      ? ''
      : format.span((instant(one.finished_at).getTime() - instant(one.started_at).getTime()) / 1000);
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table verticalSpacing={6} aria-label={t.recent}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.operation}</Table.Th>
            <Table.Th>{t.on}</Table.Th>
            <Table.Th />
            <Table.Th>{t.when}</Table.Th>
            <Table.Th>{t.took}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {query.data.map((one) => (
            <Table.Tr key={one.id}>
              <Table.Td>{operationLabel(one.kind)}</Table.Td>
              <Table.Td>
                <Subject of={one} />
              </Table.Td>
              <Table.Td>
                <Status status={one.status} />
                {one.failure && (
                  <Text size="xs" c="dimmed" maw={420} style={{ overflowWrap: 'anywhere' }}>
                    {one.failure.message}
                  </Text>
                )}
                {one.status === 'running' && one.step !== null && one.progress.total !== null && (
                  <Text size="xs" c="dimmed">
                    {t.step(one.step, one.progress.done, one.progress.total)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Ago time={one.started_at} />
              </Table.Td>
              <Table.Td>{took(one)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Subject({ of }: { readonly of: Operation }) {
  const name = of.resource_name ?? of.resource_id.slice(0, 8);
  const page = pages[of.resource_type];
  return page === undefined ? (
    <>{name}</>
  ) : (
    <Anchor size="sm" renderRoot={(props) => <Link to={`${page}/${of.resource_id}`} {...props} />}>
      {name}
    </Anchor>
  );
}
