import { Group, Paper, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Usage } from '#api/usage/limits.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { overviewTexts } from './texts.ts';

export interface QuotaRow {
  readonly label: string;
  readonly usage: Usage | undefined;
  /** How an amount is written; a plain number unless given. */
  readonly write?: (amount: number) => string;
}

/** One service's quota as bars: how much is used, of how much, and what is nearly gone. */
export function QuotaBars({
  title,
  rows,
  error,
}: {
  readonly title: string;
  readonly rows: readonly QuotaRow[];
  readonly error: unknown;
}) {
  return (
    <Paper withBorder p="md">
      <Title order={3} size="h5" mb="sm">
        {title}
      </Title>
      <ErrorNotice error={error} />
      <SimpleGrid cols={1} spacing="sm">
        {rows.map((row) => (
          <Bar key={row.label} {...row} />
        ))}
      </SimpleGrid>
    </Paper>
  );
}

function Bar({ label, usage, write }: QuotaRow) {
  const t = useText(overviewTexts);
  const format = useFormat();
  const words = write ?? format.number;
  const share = usage?.limit == null ? 0 : usage.limit === 0 ? 100 : (100 * usage.used) / usage.limit;
  const full = usage?.limit != null && usage.used >= usage.limit;
  const text = !usage
    ? '…'
    : usage.limit === null
      ? t.noLimit(words(usage.used))
      : t.ofLimit(words(usage.used), words(usage.limit));
  return (
    <Stack gap={2}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{label}</Text>
        <Text size="sm" fw={600}>
          {text}
        </Text>
      </Group>
      <Progress
        value={share}
        color={full ? 'red' : share >= 80 ? 'orange' : 'ice'}
        aria-label={`${label}: ${text}`}
        size="sm"
      />
      {full && usage.limit !== 0 && (
        <Text size="xs" c="dimmed">
          {t.full}
        </Text>
      )}
    </Stack>
  );
}
