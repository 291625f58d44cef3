import { List, Stack, Table, Text } from '@mantine/core';
import type { FlavorFit } from '#api/compute/launch.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { launchTexts } from './texts.ts';
import { reasonWords } from './words.ts';

/** All reasons against, and what each host says. */
export function FitDetails({ fit }: { readonly fit: FlavorFit }) {
  const t = useText(launchTexts);
  const format = useFormat();
  return (
    <Stack gap="xs">
      {fit.reasons.length > 0 && (
        <List size="sm">
          {fit.reasons.map((reason) => (
            <List.Item key={`${reason.kind} ${reason.resource}`}>{reasonWords(reason, t, format)}</List.Item>
          ))}
        </List>
      )}
      {fit.host_verdicts.length > 0 && (
        <Table.ScrollContainer minWidth={280} mah={260}>
          <Table withTableBorder aria-label={t.hostsSay}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.host}</Table.Th>
                <Table.Th>{t.verdict}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {fit.host_verdicts.map(({ host, passed, filter, reason }) => (
                <Table.Tr key={host}>
                  <Table.Td>{host}</Table.Td>
                  <Table.Td>
                    {passed ? (
                      <Text size="sm">{t.takes}</Text>
                    ) : (
                      <Text size="sm">
                        <Text span fw={600} size="sm">
                          {filter}
                        </Text>
                        {reason !== null && `: ${reason}`}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
