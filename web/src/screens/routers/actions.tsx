import {
  IconArrowsShuffle,
  IconPencil,
  IconPlugConnected,
  IconTrash,
  IconWorld,
  IconWorldOff,
} from '@tabler/icons-react';
import { useMemo } from 'react';
import { floatingIps, type Router } from '#api/network/networks.ts';
import { routerWrites } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach, useReread } from '../networks/use-network.ts';
import { GatewayDialog } from './gateway-dialog.tsx';
import { InterfaceDialog } from './interface-dialog.tsx';
import { EditRouterDialog } from './router-dialog.tsx';
import { RoutesDialog } from './routes-dialog.tsx';
import { routerTexts } from './texts.ts';
import { useLegs } from './use-interfaces.ts';

/** What can be done to routers. @param gone called when one was deleted */
export function useRouterActions(gone?: () => void): readonly Action<Router>[] {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const reach = useReach();
  const legs = useLegs();
  const { data: allFloating } = useList(floatingIps, reach);
  return useMemo(() => {
    const floating = ([router]: readonly Router[]): string | null => {
      const through = (allFloating ?? []).filter(({ router_id }) => router_id === router?.id);
      return through.length === 0
        ? null
        : t.floatingBlock(through.map(({ floating_ip_address }) => floating_ip_address).join(', '));
    };
    const interfaces = (items: readonly Router[]): string | null => {
      const some = items.flatMap(({ id }) => legs?.get(id) ?? []);
      return some.length === 0
        ? null
        : t.hasInterfaces(some.map(({ subnet, address }) => (subnet ? called(subnet) : address)).join(', '));
    };
    const one =
      (show: (router: Router, close: () => void) => React.ReactNode) =>
      ([router]: readonly Router[]): void => {
        if (router) open((close) => show(router, close));
      };
    return [
      {
        id: 'interface',
        label: t.addInterface,
        icon: IconPlugConnected,
        run: one((router, close) => <InterfaceDialog router={router} close={close} />),
      },
      {
        id: 'gateway',
        label: t.setGateway,
        icon: IconWorld,
        run: one((router, close) => <GatewayDialog router={router} close={close} />),
      },
      {
        id: 'clear',
        label: t.clearGateway,
        icon: IconWorldOff,
        refuse: (items) => (items[0]?.external_gateway_info ? floating(items) : t.noGatewayNow),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.clearGatewayTitle}
              items={items}
              nameOf={called}
              consequence={t.clearGatewayConsequence}
              verb={t.clearGateway}
              danger
              run={({ id }) => routerWrites.update(id, { external_gateway_info: null })}
              close={close}
              after={() => reread('router', 'port')}
            />
          )),
      },
      {
        id: 'routes',
        label: t.editRoutes,
        icon: IconArrowsShuffle,
        run: one((router, close) => <RoutesDialog router={router} close={close} />),
      },
      {
        id: 'edit',
        label: u.edit,
        icon: IconPencil,
        run: one((router, close) => <EditRouterDialog router={router} close={close} />),
      },
      {
        id: 'delete',
        label: u.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: interfaces,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={called}
              consequence={t.deleteConsequence}
              verb={u.delete}
              danger
              run={({ id }) => routerWrites.remove(id)}
              close={close}
              after={() => {
                reread('router', 'port');
                gone?.();
              }}
            />
          )),
      },
    ];
  }, [t, u, open, reread, legs, allFloating, gone]);
}
