import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { networks, ports, securityGroups, type Network, type Port } from '#api/network/networks.ts';
import { portWrites } from '#api/network/port-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from './names.ts';
import { CreatePortDialog, EditPortDialog } from './port-dialog.tsx';
import { serviceOwned } from './port-device.ts';
import { portTexts } from './port-texts.ts';
import { useReach, useReread } from './use-network.ts';
import { usePortDevices } from './use-port-devices.ts';

/** A network's ports. */
export function PortsTable({ network }: { readonly network: Network }) {
  const t = useText(portTexts);
  const open = useDialog();
  const reach = useReach();
  const query = useList(ports, reach);
  const data = useMemo(
    () => query.data?.filter(({ network_id }) => network_id === network.id),
    [query.data, network.id],
  );
  return (
    <Stack align="stretch" gap="sm">
      <div>
        <Button
          leftSection={<IconPlus size={16} />}
          variant="default"
          onClick={() => open((close) => <CreatePortDialog network={network} close={close} />)}
        >
          {t.add}
        </Button>
      </div>
      <ResourceTable
        label={t.ports}
        query={{ ...query, data }}
        columns={usePortColumns()}
        actions={usePortActions()}
        nameOf={called}
        urlName="port"
        empty={<Text size="sm">{t.none}</Text>}
      />
    </Stack>
  );
}

/** @param more further columns after the name: whose it is, its network */
export function usePortColumns(more?: readonly Column<Port>[]): readonly Column<Port>[] {
  const t = useText(portTexts);
  const u = useText(uiTexts);
  const { isAdmin } = useSignedIn();
  const reach = useReach();
  const deviceOf = usePortDevices();
  const { data: groups } = useList(securityGroups, reach);
  return useMemo(() => {
    const names = new Map((groups ?? []).map((group) => [group.id, called(group)]));
    return [
      { id: 'name', title: u.name, value: called, width: 'minmax(7rem, 1fr)' },
      ...(more ?? []),
      {
        id: 'addresses',
        title: t.addresses,
        value: ({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address).join(', '),
      },
      { id: 'mac', title: t.mac, value: ({ mac_address }) => mac_address, width: '8.5rem' },
      {
        id: 'device',
        title: t.device,
        value: (port) => deviceOf(port).words,
        cell: (port) => <DeviceLink {...deviceOf(port)} />,
        width: 'minmax(7rem, 1.3fr)',
      },
      // Beside whose they are there is no room.
      ...(more
        ? []
        : [
            {
              id: 'groups',
              title: t.groups,
              value: ({ security_groups }: Port) =>
                security_groups.map((id) => names.get(id) ?? id.slice(0, 8)).join(', ') || null,
            },
          ]),
      ...(isAdmin
        ? [{ id: 'host', title: t.binding, value: (port: Port) => port['binding:host_id'] || '–', width: '5rem' }]
        : []),
      {
        id: 'status',
        title: u.status,
        value: ({ status }) => status,
        cell: (port) => <PortStatus port={port} />,
        width: '6rem',
      },
    ];
  }, [t, u, isAdmin, more, groups, deviceOf]);
}

const DeviceLink = ({ words, to }: { readonly words: string; readonly to: string | null }) =>
  to === null ? (
    <>{words}</>
  ) : (
    <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
      {words}
    </Anchor>
  );

/** A port that nothing is plugged into, or that only keeps an address, is down without anything being wrong. */
export function PortStatus({ port }: { readonly port: Port }) {
  const t = useText(portTexts);
  if (port['binding:vif_type'] === 'binding_failed')
    return (
      <span title={t.bindingFailed}>
        <Status status="ERROR" />
      </span>
    );
  const idle = port.device_id === '' || port.device_owner === 'network:floatingip';
  if (!port.admin_state_up) return <Status status="ADMIN" tone="off" />;
  return <Status status={port.status} {...(port.status === 'DOWN' && idle && { tone: 'off' as const })} />;
}

export function usePortActions(): readonly Action<Port>[] {
  const t = useText(portTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const reach = useReach();
  const { data: allNetworks } = useList(networks, reach);
  return useMemo(() => {
    const owned = (items: readonly Port[]): string | null => (items.some(serviceOwned) ? t.servicePort : null);
    const networkOf = (port: Port) => allNetworks?.find(({ id }) => id === port.network_id);
    return [
      {
        id: 'edit',
        label: u.edit,
        icon: IconPencil,
        refuse: owned,
        run: ([port]) =>
          port && open((close) => <EditPortDialog port={port} network={networkOf(port)} close={close} />),
      },
      {
        id: 'delete',
        label: u.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: owned,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={(port) => `${called(port)} ${port.fixed_ips.map(({ ip_address }) => ip_address).join(', ')}`}
              consequence={
                items.some(({ device_owner }) => device_owner === 'network:dhcp')
                  ? t.dhcpPort
                  : items.some(({ device_id }) => device_id !== '')
                    ? t.deleteUsed
                    : t.deleteFree
              }
              verb={u.delete}
              danger
              run={({ id }) => portWrites.remove(id)}
              close={close}
              after={() => reread('port', 'server', 'floatingip')}
            />
          )),
      },
    ];
  }, [t, u, open, reread, allNetworks]);
}
