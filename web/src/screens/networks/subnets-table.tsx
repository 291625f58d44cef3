import { Button, Stack, Text } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { ports, subnets, type Network, type Subnet } from '#api/network/networks.ts';
import { subnetWrites } from '#api/network/subnet-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from './names.ts';
import { blocks } from './port-device.ts';
import { CreateSubnetDialog, EditSubnetDialog } from './subnet-dialog.tsx';
import { subnetTexts } from './subnet-texts.ts';
import { networkTexts } from './texts.ts';
import { useReach, useReread } from './use-network.ts';
import { usePortDevices } from './use-port-devices.ts';

/** A network's subnets. */
export function SubnetsTable({ network }: { readonly network: Network }) {
  const s = useText(subnetTexts);
  const open = useDialog();
  const reach = useReach();
  const { isAdmin, project } = useSignedIn();
  const query = useList(subnets, reach);
  const data = useMemo(
    () => query.data?.filter(({ network_id }) => network_id === network.id),
    [query.data, network.id],
  );
  const columns = useSubnetColumns();
  const actions = useSubnetActions();
  const add = (isAdmin || network.tenant_id === project.id) && (
    <Button
      leftSection={<IconPlus size={16} />}
      variant="default"
      onClick={() => open((close) => <CreateSubnetDialog network={network} close={close} />)}
    >
      {s.add}
    </Button>
  );
  return (
    <Stack align="stretch" gap="sm">
      <div>{add}</div>
      <ResourceTable
        label={s.subnets}
        query={{ ...query, data }}
        columns={columns}
        actions={actions}
        nameOf={called}
        urlName="subnet"
        empty={<Text size="sm">{s.none}</Text>}
      />
    </Stack>
  );
}

/** @param more further columns after the name: whose it is, its network */
export function useSubnetColumns(more?: readonly Column<Subnet>[]): readonly Column<Subnet>[] {
  const s = useText(subnetTexts);
  const u = useText(uiTexts);
  return useMemo(
    () => [
      { id: 'name', title: u.name, value: called, width: 'minmax(8rem, 1fr)' },
      ...(more ?? []),
      { id: 'cidr', title: s.cidr, value: ({ cidr }) => cidr, width: 'minmax(8rem, 1fr)' },
      { id: 'gateway', title: s.gateway, value: ({ gateway_ip }) => gateway_ip ?? s.noGateway },
      { id: 'dhcp', title: s.dhcp, value: ({ enable_dhcp }) => (enable_dhcp ? u.yes : u.no), width: '5rem' },
      {
        id: 'pools',
        title: s.pools,
        value: ({ allocation_pools }) => allocation_pools.map(({ start, end }) => `${start} – ${end}`).join(', '),
        width: 'minmax(10rem, 1.6fr)',
      },
      { id: 'dns', title: s.dns, value: ({ dns_nameservers }) => dns_nameservers.join(', ') || u.none },
    ],
    [s, u, more],
  );
}

export function useSubnetActions(): readonly Action<Subnet>[] {
  const s = useText(subnetTexts);
  const t = useText(networkTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const reach = useReach();
  const { isAdmin, project } = useSignedIn();
  const { data: allPorts } = useList(ports, reach);
  const deviceOf = usePortDevices();
  return useMemo(() => {
    const foreign = (items: readonly Subnet[]): string | null =>
      isAdmin || items.every(({ tenant_id }) => tenant_id === project.id) ? null : t.notYours;
    const users = (items: readonly Subnet[]): string | null => {
      const words = (allPorts ?? [])
        .filter((port) => blocks(port) && port.fixed_ips.some((ip) => items.some(({ id }) => id === ip.subnet_id)))
        .map((port) => (port.device_owner === '' && port.device_id === '' ? called(port) : deviceOf(port).words));
      const some = [...new Set(words)];
      return some.length === 0 ? null : s.inUse([...some.slice(0, 4), ...(some.length > 4 ? ['…'] : [])].join(', '));
    };
    return [
      {
        id: 'edit',
        label: u.edit,
        icon: IconPencil,
        refuse: foreign,
        run: ([subnet]) => subnet && open((close) => <EditSubnetDialog subnet={subnet} close={close} />),
      },
      {
        id: 'delete',
        label: u.delete,
        icon: IconTrash,
        danger: true,
        refuse: (items) => foreign(items) ?? users(items),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={s.deleteTitle}
              items={items}
              nameOf={(subnet) => `${called(subnet)} (${subnet.cidr})`}
              consequence={s.deleteConsequence}
              verb={u.delete}
              danger
              run={({ id }) => subnetWrites.remove(id)}
              close={close}
              after={() => reread('subnet', 'network', 'port')}
            />
          )),
      },
    ];
  }, [s, t, u, open, reread, isAdmin, project.id, allPorts, deviceOf]);
}
