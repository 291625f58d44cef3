import { Alert, Group, Paper, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { tenantUsage } from '#api/usage/tenant-usage.ts';
import { dayOf, daysBefore, periodOf, type ServerUsage } from '#api/usage/usage-period.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { useLanguage } from '#i18n/language.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { projectTexts } from './texts.ts';

const spans = [1, 7, 30, 90] as const;
type Row = ServerUsage & { readonly id: string };
const sort = { column: 'hours', down: true };
const nameOf = ({ name }: Row): string => name;

/** Hours of this and that: small amounts more exactly. */
function useAmount(): (value: number) => string {
  const language = useLanguage();
  return useMemo(() => {
    const large = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const small = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
    return (value) => (value < 10 ? small : large).format(value);
  }, [language]);
}

/** What a project's servers have used in some days. */
export function UsagePanel({ project }: { readonly project: string }) {
  const t = useText(projectTexts);
  const amount = useAmount();
  const [from, setFrom] = useState(() => dayOf(daysBefore(new Date(), 29)));
  const [to, setTo] = useState(() => dayOf(new Date()));
  const period = useMemo(() => periodOf(from, to, new Date()), [from, to]);
  const { data, error, isLoading } = useQuery({
    queryKey: ['usage', 'period', project, from, to],
    // Until now, where that is the end: not until when the days were chosen.
    queryFn: ({ signal }) => {
      const now = periodOf(from, to, new Date());
      return now ? tenantUsage(project, now, signal) : null;
    },
    enabled: period !== null,
    refetchInterval: 60_000,
  });
  const today = dayOf(new Date());
  const span = to === today ? spans.find((days) => from === dayOf(daysBefore(new Date(), days - 1))) : undefined;
  const sums = data && [
    [t.serverHours, data.total_hours],
    [t.vcpuHours, data.total_vcpus_usage],
    [t.memoryHours, data.total_memory_mb_usage / 1024],
    [t.diskHours, data.total_local_gb_usage],
  ];
  return (
    <Stack>
      <Group align="flex-end">
        <TextInput
          type="date"
          label={t.usageFrom}
          value={from}
          max={to}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t.usageTo}
          value={to}
          min={from}
          max={today}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label={t.period}
          value={String(span ?? 'own')}
          onChange={(value) => {
            if (value === 'own') return;
            setTo(today);
            setFrom(dayOf(daysBefore(new Date(), Number(value) - 1)));
          }}
          data={[
            ...spans.map((days) => ({ value: String(days), label: t.lastDays(days) })),
            ...(span === undefined ? [{ value: 'own', label: t.ownPeriod }] : []),
          ]}
        />
      </Group>
      {period === null && (
        <Alert color="orange" variant="light" role="status">
          {t.badPeriod}
        </Alert>
      )}
      <ErrorNotice error={error} />
      {period !== null && !isLoading && data === null && <Text size="sm">{t.noUsage}</Text>}
      {sums && period !== null && (
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          {sums.map(([label, value]) => (
            <Paper withBorder p="md" key={label}>
              <Text size="xl" fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
                {amount(Number(value))}
              </Text>
              <Text size="sm" c="dimmed">
                {label}
              </Text>
            </Paper>
          ))}
        </SimpleGrid>
      )}
      {data && period !== null && <ByServer usages={data.server_usages} />}
    </Stack>
  );
}

function ByServer({ usages }: { readonly usages: readonly ServerUsage[] }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const amount = useAmount();
  const data = useMemo(() => usages.map((one): Row => ({ ...one, id: one.instance_id })), [usages]);
  const columns = useMemo<readonly Column<Row>[]>(
    () => [
      { id: 'name', title: ui.name, value: nameOf, width: 'minmax(8rem, 1.5fr)' },
      { id: 'flavor', title: t.flavor, value: ({ flavor }) => flavor },
      { id: 'hours', title: t.hours, value: ({ hours }) => hours, cell: ({ hours }) => format.span(hours * 3600) },
      {
        id: 'vcpus',
        title: t.vcpuHours,
        value: ({ hours, vcpus }) => hours * vcpus,
        cell: ({ hours, vcpus }) => amount(hours * vcpus),
      },
      {
        id: 'state',
        title: ui.status,
        value: ({ state }) => state,
        cell: ({ state }) => <Status status={state === 'terminated' ? 'DELETED' : state.toUpperCase()} />,
      },
      { id: 'started', title: ui.created, value: (one) => one.started_at, cell: (one) => format.time(one.started_at) },
    ],
    [t, ui, format, amount],
  );
  return (
    <ResourceTable
      label={t.perServer}
      query={{ data, error: null }}
      columns={columns}
      nameOf={nameOf}
      linkOf={({ id, state }) => (state === 'terminated' ? null : `/instances/${id}`)}
      initialSort={sort}
      urlName="server"
    />
  );
}
