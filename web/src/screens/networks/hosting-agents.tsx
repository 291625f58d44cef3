import { Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { agents, type Agent } from '#api/network/networks.ts';
import type { Hosting } from '#api/network/scheduling.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { Ago } from '#ui/ago.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { Status } from '#ui/status.tsx';
import { networkTexts } from './texts.ts';
import { useReread } from './use-network.ts';

/** The agents that host a network or a router, for administrators: where it runs, and moving it. */
export function HostingAgents({
  hosting,
  id,
  warning,
}: {
  readonly hosting: Hosting;
  readonly id: string;
  /** What it means when none is left. */
  readonly warning: string;
}) {
  const t = useText(networkTexts);
  const open = useDialog();
  const reread = useReread();
  const { data, error } = useQuery({
    queryKey: ['agent', 'of', hosting.kind, id],
    queryFn: ({ signal }) => hosting.agentsOf(id, signal),
    refetchInterval: 10_000,
  });
  const remove = (agent: Agent): void =>
    open((close) => (
      <ConfirmDialog
        title={t.removeAgentTitle}
        items={[agent]}
        nameOf={({ host, agent_type }) => `${agent_type} · ${host}`}
        consequence={warning}
        verb={t.removeAgent}
        danger
        run={(one) => hosting.remove(one.id, id)}
        close={close}
        after={() => reread('agent')}
      />
    ));
  if (error && !data) return <ErrorNotice error={error} />;
  return (
    <Stack align="flex-start">
      {data?.length === 0 && <Text size="sm">{t.noAgents}</Text>}
      {data && data.length > 0 && (
        <Table.ScrollContainer minWidth={480} w="100%" type="native">
          <Table aria-label={t.hostedBy}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.host}</Table.Th>
                <Table.Th>{t.agent}</Table.Th>
                <Table.Th>{t.alive}</Table.Th>
                <Table.Th>
                  <span className="visually-hidden">{t.removeAgent}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((agent) => (
                <Table.Tr key={agent.id}>
                  <Table.Td>{agent.host}</Table.Td>
                  <Table.Td>{agent.agent_type}</Table.Td>
                  <Table.Td>
                    <Group gap="xs">
                      <Status
                        {...(agent.alive ? { status: 'ALIVE', tone: 'good' } : { status: 'DEAD', tone: 'bad' })}
                      />
                      <Ago time={agent.heartbeat_timestamp} />
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <Button size="compact-sm" variant="default" onClick={() => remove(agent)}>
                      {t.removeAgent}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {data && (
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() =>
            open((close) => <AddAgent hosting={hosting} id={id} taken={data.map((one) => one.id)} close={close} />)
          }
        >
          {t.addAgent}
        </Button>
      )}
    </Stack>
  );
}

function AddAgent({
  hosting,
  id,
  taken,
  close,
}: {
  readonly hosting: Hosting;
  readonly id: string;
  readonly taken: readonly string[];
  readonly close: () => void;
}) {
  const t = useText(networkTexts);
  const reread = useReread();
  const { data } = useList(agents);
  const free = (data ?? []).filter(
    (agent) => agent.agent_type === hosting.agentType && agent.alive && !taken.includes(agent.id),
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const agent = chosen ?? free[0]?.id;
  return (
    <FormDialog
      title={t.addAgent}
      verb={t.addAgent}
      refuse={agent === undefined ? t.noFreeAgent : null}
      close={close}
      submit={async () => {
        await hosting.add(agent ?? '', id);
        reread('agent');
      }}
    >
      <Select
        label={t.agent}
        value={agent ?? null}
        onChange={setChosen}
        allowDeselect={false}
        data={free.map(({ id: value, host, admin_state_up }) => ({
          value,
          label: admin_state_up ? host : `${host} (${t.agentOff})`,
        }))}
      />
    </FormDialog>
  );
}
