import { IconPencil, IconRocket, IconSubtask, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ports, subnets, type Network } from '#api/network/networks.ts';
import { networkWrites } from '#api/network/network-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { EditNetworkDialog } from './edit-network-dialog.tsx';
import { called } from './names.ts';
import { blocks } from './port-device.ts';
import { CreateSubnetDialog } from './subnet-dialog.tsx';
import { subnetTexts } from './subnet-texts.ts';
import { networkTexts } from './texts.ts';
import { useReach, useReread } from './use-network.ts';
import { usePortDevices } from './use-port-devices.ts';

/** What can be done to networks. @param gone called when one was deleted: its page goes to the list */
export function useNetworkActions(gone?: () => void): readonly Action<Network>[] {
  const t = useText(networkTexts);
  const s = useText(subnetTexts);
  const u = useText(uiTexts);
  const format = useFormat();
  const open = useDialog();
  const navigate = useNavigate();
  const reread = useReread();
  const reach = useReach();
  const { isAdmin, project } = useSignedIn();
  const { data: allSubnets } = useList(subnets, reach);
  const { data: allPorts } = useList(ports, reach);
  const deviceOf = usePortDevices();
  return useMemo(() => {
    const foreign = (items: readonly Network[]): string | null =>
      isAdmin || items.every(({ tenant_id }) => tenant_id === project.id) ? null : t.notYours;
    const users = (items: readonly Network[]): string | null => {
      const ids = new Set(items.map(({ id }) => id));
      const words = (allPorts ?? [])
        .filter((port) => ids.has(port.network_id) && blocks(port))
        .map((port) => (port.device_owner === '' && port.device_id === '' ? called(port) : deviceOf(port).words));
      const some = [...new Set(words)];
      return some.length === 0 ? null : t.inUse(format.list([...some.slice(0, 4), ...(some.length > 4 ? ['…'] : [])]));
    };
    const subnetsOf = (items: readonly Network[]): string =>
      (allSubnets ?? [])
        .filter(({ network_id }) => items.some(({ id }) => id === network_id))
        .map((subnet) => `${called(subnet)} (${subnet.cidr})`)
        .join(', ');
    return [
      {
        id: 'edit',
        label: u.edit,
        icon: IconPencil,
        refuse: foreign,
        run: ([network]) => network && open((close) => <EditNetworkDialog network={network} close={close} />),
      },
      {
        id: 'subnet',
        label: s.add,
        icon: IconSubtask,
        refuse: foreign,
        run: ([network]) => network && open((close) => <CreateSubnetDialog network={network} close={close} />),
      },
      {
        id: 'launch',
        label: t.launchHere,
        icon: IconRocket,
        run: ([network]) => network && void navigate({ to: `/launch?network=${network.id}` }),
      },
      {
        id: 'delete',
        label: u.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => foreign(items) ?? users(items),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={called}
              consequence={t.deleteConsequence(subnetsOf(items))}
              verb={u.delete}
              danger
              run={({ id }) => networkWrites.remove(id)}
              close={close}
              after={() => {
                reread('network', 'subnet', 'port');
                gone?.();
              }}
            />
          )),
      },
    ];
  }, [t, s, u, format, open, navigate, reread, isAdmin, project.id, allSubnets, allPorts, deviceOf, gone]);
}
