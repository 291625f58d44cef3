import { Anchor, Group, Paper, SimpleGrid, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { zonesInDetail, type ZoneInDetail } from '#api/compute/hosts.ts';
import { useText } from '#i18n/catalogue.ts';
import { Ago } from '#ui/ago.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { scrollable } from '#ui/scrollable.ts';
import { Status } from '#ui/status.tsx';
import { aggregateTexts } from './texts.ts';

/** Every availability zone, with the state of what runs in it. */
export function Zones() {
  const t = useText(aggregateTexts);
  const { data, error } = useQuery({
    // Among the lists of zones: read again whenever they are.
    queryKey: ['availability_zone', 'list', 'detail'],
    queryFn: ({ signal }) => zonesInDetail(signal),
    refetchInterval: 10_000,
  });
  return (
    <section aria-label={t.zones}>
      <Title order={2} size="h4" mb="sm">
        {t.zones}
      </Title>
      {error && <ErrorNotice error={error} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {data?.map((zone) => (
          <Zone key={zone.id} zone={zone} />
        ))}
      </SimpleGrid>
    </section>
  );
}

function Zone({ zone: { id, available, services } }: { readonly zone: ZoneInDetail }) {
  const t = useText(aggregateTexts);
  return (
    <Paper withBorder p="md" style={{ minWidth: 0 }}>
      <Group justify="space-between" mb="xs">
        <Title order={3} size="h5" style={{ overflowWrap: 'anywhere' }}>
          {id}
        </Title>
        <Status status={available ? t.available : t.unavailable} tone={available ? 'good' : 'bad'} />
      </Group>
      {id === 'internal' && (
        <Text size="xs" c="dimmed" mb="xs">
          {t.internalZone}
        </Text>
      )}
      {services.length === 0 ? (
        <Text size="sm">{t.noServices}</Text>
      ) : (
        <Table.ScrollContainer minWidth={320} {...scrollable(id)}>
          <Table verticalSpacing={4} aria-label={id}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.hosts}</Table.Th>
                <Table.Th>{t.service}</Table.Th>
                <Table.Th>{t.heard}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {services.map(({ host, binary, active, available: alive, updated_at: heard }) => (
                <Table.Tr key={`${host} ${binary}`}>
                  <Table.Td>
                    <Anchor
                      size="sm"
                      renderRoot={(props) => <Link to={`/admin/nodes/${encodeURIComponent(host)}`} {...props} />}
                    >
                      {host}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <Group gap={6}>
                      {binary}
                      {!alive && <Status status="DEAD" tone="bad" />}
                      {!active && <Status status="DISABLED" />}
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <Ago time={heard} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Paper>
  );
}
