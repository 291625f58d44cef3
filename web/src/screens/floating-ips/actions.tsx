import { IconLink, IconPencil, IconStethoscope, IconTrash, IconUnlink } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { FloatingIp } from '#api/network/networks.ts';
import { floatingIpWrites } from '#api/network/floating-ip-writes.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { useReread } from '../networks/use-network.ts';
import { AssociateDialog } from './associate-dialog.tsx';
import { DescriptionDialog } from './description-dialog.tsx';
import { ReachDialog } from './reach-dialog.tsx';
import { floatingTexts } from './texts.ts';

const nameOf = ({ floating_ip_address }: FloatingIp): string => floating_ip_address;

/** What can be done to floating IPs. */
export function useFloatingIpActions(): readonly Action<FloatingIp>[] {
  const t = useText(floatingTexts);
  const open = useDialog();
  const reread = useReread();
  return useMemo(
    () => [
      {
        id: 'associate',
        label: t.associate,
        icon: IconLink,
        refuse: ([one]) => (one?.port_id == null ? null : t.alreadyAssociated),
        run: ([one]) => one && open((close) => <AssociateDialog floating={one} close={close} />),
      },
      {
        id: 'check',
        label: t.check,
        icon: IconStethoscope,
        run: ([one]) => one && open((close) => <ReachDialog floating={one} close={close} />),
      },
      {
        id: 'describe',
        label: t.describe,
        icon: IconPencil,
        run: ([one]) => one && open((close) => <DescriptionDialog floating={one} close={close} />),
      },
      {
        id: 'disassociate',
        label: t.disassociate,
        icon: IconUnlink,
        many: true,
        refuse: (items) => (items.some(({ port_id }) => port_id === null) ? t.notAssociated : null),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.disassociateTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={t.disassociateConsequence}
              verb={t.disassociate}
              run={({ id }) => floatingIpWrites.update(id, { port_id: null })}
              close={close}
              after={() => reread('floatingip', 'server')}
            />
          )),
      },
      {
        id: 'release',
        label: t.release,
        icon: IconTrash,
        danger: true,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.releaseTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={t.releaseConsequence}
              verb={t.release}
              danger
              run={({ id }) => floatingIpWrites.remove(id)}
              close={close}
              after={() => reread('floatingip', 'server')}
            />
          )),
      },
    ],
    [t, open, reread],
  );
}
