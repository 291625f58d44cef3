import { Badge, Code, Loader, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { instanceAction, type InstanceActionEvent } from '#api/compute/server-operations.ts';
import { useText } from '#i18n/catalogue.ts';
import { instant, useFormat } from '#i18n/format.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { tookWords } from './took.ts';
import { operationTexts } from './texts.ts';

/** The steps of one operation, with times, as Nova's instance actions tell them. */
export function Steps({
  serverId,
  requestId,
  name,
  going,
}: {
  readonly serverId: string;
  readonly requestId: string;
  readonly name: string;
  readonly going: boolean;
}) {
  const t = useText(operationTexts);
  const format = useFormat();
  const { data, error } = useQuery({
    queryKey: ['server', 'part', serverId, 'action', requestId, going],
    queryFn: ({ signal }) => instanceAction(serverId, requestId, signal),
    refetchInterval: going ? 1500 : false,
  });
  if (!data) return error ? <ErrorNotice error={error} /> : <Loader size="sm" role="status" />;
  const { events = [] } = data;
  if (events.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t.noSteps}
      </Text>
    );
  const took = ({ start_time, finish_time }: InstanceActionEvent): string =>
    finish_time === null
      ? '–'
      : tookWords((instant(finish_time).getTime() - instant(start_time).getTime()) / 1000, format);
  const results = { Success: [t.success, 'teal'], Error: [t.error, 'red'] } as const;
  const traces = events.flatMap(({ traceback }) => traceback ?? []);
  return (
    <>
      <Table.ScrollContainer minWidth={480}>
        <Table aria-label={t.stepsOf(name)} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.step}</Table.Th>
              <Table.Th>{t.started}</Table.Th>
              <Table.Th>{t.took}</Table.Th>
              <Table.Th>{t.result}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {events.map((event) => {
              const [words, color] = event.result === null ? [t.running, 'blue'] : results[event.result];
              return (
                <Table.Tr key={`${event.event}/${event.start_time}`}>
                  <Table.Td ff="monospace">{event.event}</Table.Td>
                  <Table.Td>{format.clock(event.start_time)}</Table.Td>
                  <Table.Td>{took(event)}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" tt="none" radius="sm" color={color}>
                      {words}
                    </Badge>
                    {event.details && (
                      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                        {event.details}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {traces.length > 0 && (
        <details>
          <summary>{t.traceback}</summary>
          <Code block tabIndex={0}>
            {traces.join('\n\n')}
          </Code>
        </details>
      )}
    </>
  );
}
