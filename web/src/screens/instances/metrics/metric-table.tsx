import { Table } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import type { Sample } from './rates.ts';
import { metricTexts } from './texts.ts';

/** So many of the newest readings. */
const SHOWN = 30;

/** The same as the charts show, in numbers. */
export function MetricTable({ samples }: { readonly samples: readonly Sample[] }) {
  const t = useText(metricTexts);
  const format = useFormat();
  const rate = (bytes: number): string => t.perSecond(format.bytes(bytes));
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table striped captionSide="top" verticalSpacing={4}>
        <Table.Caption>{t.tableCaption}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.time}</Table.Th>
            <Table.Th>{t.cpu}</Table.Th>
            <Table.Th>{t.memory}</Table.Th>
            <Table.Th>{t.received}</Table.Th>
            <Table.Th>{t.sent}</Table.Th>
            <Table.Th>{t.read}</Table.Th>
            <Table.Th>{t.written}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {samples
            .slice(-SHOWN)
            .toReversed()
            .map((one) => (
              <Table.Tr key={one.time}>
                <Table.Td>{format.clock(new Date(one.time * 1000).toISOString())}</Table.Td>
                <Table.Td>{one.cpu === null ? '–' : t.percent(format.number(one.cpu))}</Table.Td>
                <Table.Td>{one.memory === null ? '–' : format.mib(one.memory)}</Table.Td>
                <Table.Td>{rate(one.received)}</Table.Td>
                <Table.Td>{rate(one.sent)}</Table.Td>
                <Table.Td>{rate(one.read)}</Table.Td>
                <Table.Td>{rate(one.written)}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
