import { Table, Text } from '@mantine/core';
import type { OperationStep } from '#api/usage/operations.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { scrollable } from '#ui/scrollable.ts';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { adminTexts } from '../texts.ts';
import { Elapsed } from './elapsed.tsx';
import { seconds } from './merge.ts';
import { operationsTexts } from './texts.ts';

/** The steps that have begun, each with its times. */
export function Steps({ steps }: { readonly steps: readonly OperationStep[] }) {
  const t = useText(operationsTexts);
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  if (steps.length === 0) return <Text size="sm">{t.noSteps}</Text>;
  return (
    <Table.ScrollContainer minWidth={420} {...scrollable(admin.steps)}>
      <Table verticalSpacing={4} aria-label={admin.steps}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{admin.step}</Table.Th>
            <Table.Th>{ui.status}</Table.Th>
            <Table.Th>{admin.started}</Table.Th>
            <Table.Th>{admin.took}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map(({ name, status, started_at: from, finished_at: to, message }) => (
            <Table.Tr key={`${name} ${from}`}>
              <Table.Td>
                <Text size="sm" ff="monospace">
                  {name}
                </Text>
                {message !== null && (
                  <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
                    {message}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Status status={status} {...(status === 'undone' && { tone: 'off' as const })} />
              </Table.Td>
              <Table.Td>{format.clock(from)}</Table.Td>
              <Table.Td>
                {to !== null ? (
                  format.span(seconds(from, to, 0))
                ) : status === 'running' ? (
                  <Elapsed since={from} />
                ) : (
                  '–'
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
