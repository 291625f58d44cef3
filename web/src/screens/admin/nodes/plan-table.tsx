import { Table, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { refuse } from '#screens/instances/refusal.ts';
import { scrollable } from '#ui/scrollable.ts';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { movable, type Plan } from './move-plan.ts';
import { nodeTexts } from './texts.ts';

/** Which guests leave a host, each how; and why those stay that do. */
export function PlanTable({ plans, evacuating }: { readonly plans: readonly Plan[]; readonly evacuating: boolean }) {
  const t = useText(nodeTexts);
  const ui = useText(uiTexts);
  return (
    <Table.ScrollContainer minWidth={340} mah={280} {...scrollable(t.guests)}>
      <Table verticalSpacing={4} aria-label={t.guests}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.guest}</Table.Th>
            <Table.Th>{ui.status}</Table.Th>
            <Table.Th>{t.how}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {plans.map((plan) => {
            const { server } = plan;
            return (
              <Table.Tr key={server.id}>
                <Table.Td fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {server.name}
                </Table.Td>
                <Table.Td>
                  <Status status={server.status} task={server['OS-EXT-STS:task_state']} />
                </Table.Td>
                <Table.Td>
                  {movable(plan) ? (
                    { live: t.live, cold: t.cold, rebuilt: t.rebuilt }[plan.way]
                  ) : (
                    <>
                      {t.stays}
                      <Text size="xs" c="dimmed">
                        {refuse([server], evacuating ? 'evacuate' : 'liveMigrate', true)}
                      </Text>
                    </>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
