import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLive } from '#api/live-state.ts';
import { operations, type OperationService } from '#api/usage/operations.ts';
import { catalogue, useText } from '#i18n/catalogue.ts';
import { instant, useFormat } from '#i18n/format.ts';
import { Ago } from './ago.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { operationLabel } from './operation-label.ts';
import { Status } from './status.tsx';
import { uiTexts } from './texts.ts';

const texts = catalogue(
  {
    label: 'Operations',
    none: 'No operations are known.',
    step: (step: string, done: number, total: number) => `${step} (${done} of ${total})`,
  },
  { label: '操作记录', none: '没有操作记录。', step: (step, done, total) => `${step}（${done}/${total}）` },
);

/** What was done to one thing, from its service's journal: how far it is, how it ended, why it failed. */
export function ResourceOperations({
  service,
  resource,
}: {
  readonly service: OperationService;
  readonly resource: string;
}) {
  const t = useText(texts);
  const ui = useText(uiTexts);
  const live = useLive();
  const format = useFormat();
  const { data, error } = useQuery({
    queryKey: ['operation', 'list', service, resource],
    queryFn: ({ signal }) => operations(service, { resource, limit: 50 }, signal),
    refetchInterval: live ? 20_000 : 4000,
  });
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <Text size="sm">{ui.loading}</Text>;
  if (data.length === 0) return <Text size="sm">{t.none}</Text>;
  return (
    <Table aria-label={t.label} verticalSpacing={6}>
      <Table.Tbody>
        {data.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>{operationLabel(one.kind)}</Table.Td>
            <Table.Td>
              <Status status={one.status} />
              {one.status === 'running' && one.step !== null && one.progress.total !== null && (
                <Text size="xs" c="dimmed">
                  {t.step(one.step, one.progress.done, one.progress.total)}
                </Text>
              )}
              {one.failure && (
                <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
                  {one.failure.message} ({ui.requestId(one.request_id)})
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Ago time={one.started_at} />
            </Table.Td>
            <Table.Td>
              {one.finished_at !== null &&
                format.span((instant(one.finished_at).getTime() - instant(one.started_at).getTime()) / 1000)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
