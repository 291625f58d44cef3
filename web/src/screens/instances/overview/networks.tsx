import { ActionIcon, Anchor, Group, Table, Text, Tooltip } from '@mantine/core';
import { IconMapPinOff, IconPlugX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Server } from '#api/compute/servers.ts';
import { securityGroups } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { Copyable } from '#ui/copy.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { DetachInterfaceDialog } from '../dialogs/detach-interface.tsx';
import { DisassociateDialog } from '../dialogs/disassociate.tsx';
import { refuse } from '../refusal.ts';
import { useServerPorts, type ServerPort } from '../use-ports.ts';
import { useTools } from '../use-tools.ts';
import { SectionActions } from './section-actions.tsx';
import { Section } from './section.tsx';
import { overviewTexts } from './texts.ts';

/** The interfaces of a server. */
export function Networks({ server }: { readonly server: Server }) {
  const t = useText(overviewTexts);
  const ui = useText(uiTexts);
  const attached = useServerPorts(server);
  return (
    <Section
      title={t.networks}
      actions={<SectionActions server={server} ids={['associate', 'attachInterface', 'securityGroups']} />}
    >
      {attached?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.noNetworks}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={720}>
          <Table aria-label={t.networks} verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.network}</Table.Th>
                <Table.Th>{t.fixed}</Table.Th>
                <Table.Th>{t.floating}</Table.Th>
                <Table.Th>{t.mac}</Table.Th>
                <Table.Th>{t.groups}</Table.Th>
                <Table.Th>{ui.status}</Table.Th>
                <Table.Th>
                  <span className="visually-hidden">{t.actions}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {attached?.map((one) => (
                <Row key={one.port.id} server={server} one={one} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}

function Row({ server, one }: { readonly server: Server; readonly one: ServerPort }) {
  const t = useText(overviewTexts);
  const tools = useTools();
  const { project } = useSignedIn();
  const { data: groups = [] } = useList(securityGroups, { all: project.id !== server.tenant_id });
  const { port, network, floating, label } = one;
  const why = refuse([server], 'detachInterface', tools.admin);
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor size="sm" renderRoot={(props) => <Link to={`/networks/${port.network_id}`} {...props} />}>
          {network?.name ?? port.network_id}
        </Anchor>
      </Table.Td>
      <Table.Td>
        {port.fixed_ips.map(({ ip_address }) => (
          <div key={ip_address}>
            <Copyable text={ip_address} />
          </div>
        ))}
      </Table.Td>
      <Table.Td>
        {floating.length === 0
          ? '–'
          : floating.map(({ id, floating_ip_address: ip }) => (
              <Group key={id} gap={4} wrap="nowrap">
                <Copyable text={ip} />
                <Tooltip label={t.disassociate(ip)}>
                  <ActionIcon
                    size="sm"
                    variant="subtle"
                    color="gray"
                    aria-label={t.disassociate(ip)}
                    onClick={() =>
                      tools.dialog((close) => (
                        <DisassociateDialog server={server} tools={tools} close={close} initial={id} />
                      ))
                    }
                  >
                    <IconMapPinOff size={14} />
                  </ActionIcon>
                </Tooltip>
              </Group>
            ))}
      </Table.Td>
      <Table.Td ff="monospace">{port.mac_address}</Table.Td>
      <Table.Td>
        {port.security_groups.length === 0
          ? t.noGroups
          : port.security_groups.map((id) => (
              <div key={id}>
                <Anchor size="sm" renderRoot={(props) => <Link to={`/security-groups/${id}`} {...props} />}>
                  {groups.find((group) => group.id === id)?.name ?? id}
                </Anchor>
              </div>
            ))}
      </Table.Td>
      <Table.Td>
        <Status status={port.status} />
      </Table.Td>
      <Table.Td>
        <Tooltip label={why ?? t.detach(label)} events={{ hover: true, focus: true, touch: true }}>
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={t.detach(label)}
            aria-disabled={why !== null}
            {...(why !== null && { 'data-disabled': true })}
            onClick={() =>
              why === null &&
              tools.dialog((close) => (
                <DetachInterfaceDialog server={server} tools={tools} close={close} initial={port.id} />
              ))
            }
          >
            <IconPlugX size={16} />
          </ActionIcon>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  );
}
