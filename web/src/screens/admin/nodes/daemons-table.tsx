import { Table, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { scrollable } from '#ui/scrollable.ts';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import type { AnyService } from '../services/every-service.ts';
import { serviceTexts } from '../services/texts.ts';
import { adminTexts } from '../texts.ts';
import { Heartbeat } from './heartbeat.tsx';
import { nodeTexts } from './texts.ts';

/** What runs on a host, and when each was last heard of. */
export function DaemonsTable({ daemons }: { readonly daemons: readonly AnyService[] }) {
  const t = useText(nodeTexts);
  const admin = useText(adminTexts);
  const service = useText(serviceTexts);
  const ui = useText(uiTexts);
  return (
    <Table.ScrollContainer minWidth={420} {...scrollable(t.daemons)}>
      <Table verticalSpacing={6} aria-label={t.daemons}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.daemon}</Table.Th>
            <Table.Th>{admin.state}</Table.Th>
            <Table.Th>{ui.status}</Table.Th>
            <Table.Th>{admin.lastHeard}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {daemons.map(({ id, binary, host, up, enabled, reason, heard, forcedDown }) => (
            <Table.Tr key={id}>
              <Table.Td>
                {binary}
                {host.includes('@') && (
                  <Text size="xs" c="dimmed">
                    {host}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Status status={up ? 'ALIVE' : 'DEAD'} tone={up ? 'good' : 'bad'} />
                {forcedDown && <Text size="xs">{service.forcedDown}</Text>}
              </Table.Td>
              <Table.Td>
                <Status status={enabled ? 'ENABLED' : 'DISABLED'} />
                {reason !== null && <Text size="xs">{reason}</Text>}
              </Table.Td>
              <Table.Td>
                <Heartbeat time={heard} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
