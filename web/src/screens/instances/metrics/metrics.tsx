import { Alert, Button, Card, Group, Loader, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconChartLine, IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { wordsOf } from '#ui/error-notice.tsx';
import { Chart, type Line } from './chart.tsx';
import { MetricTable } from './metric-table.tsx';
import { metricTexts } from './texts.ts';
import { useMetrics } from './use-metrics.ts';

/** What a guest uses: processors, memory, network, disks. */
export function Metrics({ server }: { readonly server: Server }) {
  const t = useText(metricTexts);
  const format = useFormat();
  const { last, samples, error } = useMetrics(server.id);
  const [table, setTable] = useState(false);
  if (error != null)
    return (
      <Alert color="gray" title={t.none}>
        {wordsOf(error)}
      </Alert>
    );
  const now = samples.at(-1);
  if (!last) return <Loader role="status" />;
  if (!now) return <Text role="status">{t.waiting}</Text>;
  const times = samples.map(({ time }) => time);
  const rate = (bytes: number): string => t.perSecond(format.bytes(bytes));
  const percent = (value: number): string => t.percent(format.number(value));
  const { maximum } = last.memory;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {last.uptime !== null && `${t.uptime(format.span(last.uptime))} `}
          {t.window}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={table ? <IconChartLine size={14} /> : <IconTable size={14} />}
          onClick={() => setTable(!table)}
        >
          {table ? t.asCharts : t.asTable}
        </Button>
      </Group>
      {table ? (
        <MetricTable samples={samples} />
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Panel
            title={t.cpu}
            times={times}
            lines={[{ name: t.load, values: samples.map(({ cpu }) => cpu) }]}
            now={now.cpu === null ? [t.cpuUnknown] : [percent(now.cpu)]}
            format={percent}
            maximum={100}
          />
          <Panel
            title={t.memory}
            times={times}
            lines={[{ name: t.used, values: samples.map(({ memory }) => memory) }]}
            now={now.memory === null ? [t.memoryUnknown] : [t.ofMemory(format.mib(now.memory), format.mib(maximum))]}
            format={format.mib}
            maximum={maximum}
          />
          <Panel
            title={t.network}
            times={times}
            lines={[
              { name: t.received, values: samples.map(({ received }) => received) },
              { name: t.sent, values: samples.map(({ sent }) => sent) },
            ]}
            now={[rate(now.received), rate(now.sent)]}
            format={rate}
          />
          <Panel
            title={t.disk}
            times={times}
            lines={[
              { name: t.read, values: samples.map(({ read }) => read) },
              { name: t.written, values: samples.map(({ written }) => written) },
            ]}
            now={[rate(now.read), rate(now.written)]}
            format={rate}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}

function Panel({
  title,
  times,
  lines,
  now,
  format,
  maximum,
}: {
  readonly title: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** The newest values in words, line by line. */
  readonly now: readonly string[];
  readonly format: (value: number) => string;
  readonly maximum?: number;
}) {
  const known = lines.some(({ values }) => values.some((value) => value !== null));
  const words = lines.map(({ name }, at) => (known ? `${name} ${now[at] ?? ''}` : (now[at] ?? '')));
  return (
    <Card withBorder p="sm" component="section" aria-label={title}>
      <Group justify="space-between" mb={4}>
        <Title order={2} size="h6">
          {title}
        </Title>
        <Group gap="sm">
          {words.map((word, at) => (
            <Text key={at} size="sm">
              {known && <span aria-hidden>{at === 0 ? '━ ' : '┅ '}</span>}
              {word}
            </Text>
          ))}
        </Group>
      </Group>
      {known && <Chart times={times} lines={lines} format={format} maximum={maximum} />}
    </Card>
  );
}
