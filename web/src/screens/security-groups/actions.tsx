import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { ports, type SecurityGroup } from '#api/network/networks.ts';
import { securityGroupWrites } from '#api/network/security-group-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach, useReread } from '../networks/use-network.ts';
import { usePortDevices } from '../networks/use-port-devices.ts';
import { GroupDialog } from './group-dialog.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import { groupTexts } from './texts.ts';

/** What can be done to security groups. @param gone called when one was deleted */
export function useGroupActions(gone?: () => void): readonly Action<SecurityGroup>[] {
  const t = useText(groupTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const reach = useReach();
  const { data: allPorts } = useList(ports, reach);
  const deviceOf = usePortDevices();
  return useMemo(() => {
    const refuse = (items: readonly SecurityGroup[]): string | null => {
      if (items.some(({ name }) => name === 'default')) return t.isDefault;
      const users = (allPorts ?? [])
        .filter((port) => items.some(({ id }) => port.security_groups.includes(id)))
        .map((port) => (port.device_id === '' ? called(port) : deviceOf(port).words));
      const some = [...new Set(users)];
      return some.length === 0 ? null : t.inUse([...some.slice(0, 4), ...(some.length > 4 ? ['…'] : [])].join(', '));
    };
    return [
      {
        id: 'rule',
        label: t.addRule,
        icon: IconPlus,
        run: ([group]) => group && open((close) => <RuleDialog group={group} close={close} />),
      },
      {
        id: 'edit',
        label: u.edit,
        icon: IconPencil,
        run: ([group]) => group && open((close) => <GroupDialog group={group} close={close} />),
      },
      {
        id: 'delete',
        label: u.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={called}
              consequence={t.deleteConsequence}
              verb={u.delete}
              danger
              run={({ id }) => securityGroupWrites.remove(id)}
              close={close}
              after={() => {
                reread('security_group', 'security_group_rule');
                gone?.();
              }}
            />
          )),
      },
    ];
  }, [t, u, open, reread, allPorts, deviceOf, gone]);
}
