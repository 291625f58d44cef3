import { Badge, Paper, Table } from '@mantine/core';
import type { HostVerdict } from '#api/compute/server-operations.ts';
import { useText } from '#i18n/catalogue.ts';
import { overviewTexts } from './texts.ts';

/** What the scheduler's filters said, host by host. */
export function VerdictTable({ verdicts }: { readonly verdicts: readonly HostVerdict[] }) {
  const t = useText(overviewTexts);
  return (
    <Paper withBorder p="xs">
      <Table.ScrollContainer minWidth={420}>
        <Table verticalSpacing={4} captionSide="top">
          <Table.Caption ta="left">{t.verdicts}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.host}</Table.Th>
              <Table.Th>{t.verdict}</Table.Th>
              <Table.Th>{t.filter}</Table.Th>
              <Table.Th>{t.reason}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {verdicts.map(({ host, passed = false, filter, reason }, at) => (
              <Table.Tr key={`${host}/${at}`}>
                <Table.Td>{host}</Table.Td>
                <Table.Td>
                  <Badge variant="light" tt="none" radius="sm" color={passed ? 'teal' : 'red'}>
                    {passed ? t.passed : t.refused}
                  </Badge>
                </Table.Td>
                <Table.Td>{filter ?? '–'}</Table.Td>
                <Table.Td>{reason ?? '–'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}
