import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { floatingIps, type Router } from '#api/network/networks.ts';
import { removeInterface } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { holds, parseCidr, parseIp } from '../networks/address.ts';
import { called } from '../networks/names.ts';
import { PortStatus } from '../networks/ports-table.tsx';
import { useReach, useReread } from '../networks/use-network.ts';
import { InterfaceDialog } from './interface-dialog.tsx';
import { routerTexts } from './texts.ts';
import { useLegs, type Leg } from './use-interfaces.ts';

/** A router's legs. */
export function InterfacesTable({ router }: { readonly router: Router }) {
  const t = useText(routerTexts);
  const open = useDialog();
  const legs = useLegs();
  const data = useMemo(() => (legs ? (legs.get(router.id) ?? []) : undefined), [legs, router.id]);
  const columns = useLegColumns();
  const actions = useLegActions(router);
  return (
    <Stack gap="sm">
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => open((close) => <InterfaceDialog router={router} close={close} />)}
        >
          {t.addInterface}
        </Button>
      </div>
      <ResourceTable
        label={t.interfaces}
        query={{ data, error: null }}
        columns={columns}
        actions={actions}
        nameOf={({ address }) => address}
        urlName="interface"
        empty={<Text size="sm">{t.noInterfaces}</Text>}
      />
    </Stack>
  );
}

function useLegColumns(): readonly Column<Leg>[] {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  return useMemo(
    () => [
      { id: 'address', title: t.address, value: ({ address }) => address },
      {
        id: 'network',
        title: t.network,
        value: ({ network }) => (network ? called(network) : null),
        cell: ({ network }) =>
          network ? (
            <Anchor size="sm" renderRoot={(props) => <Link to={`/networks/${network.id}`} {...props} />}>
              {called(network)}
            </Anchor>
          ) : (
            '–'
          ),
      },
      { id: 'subnet', title: t.subnet, value: ({ subnet }) => (subnet ? `${called(subnet)} (${subnet.cidr})` : null) },
      {
        id: 'status',
        title: u.status,
        value: ({ port }) => port.status,
        cell: ({ port }) => <PortStatus port={port} />,
        width: '8rem',
      },
    ],
    [t, u],
  );
}

function useLegActions(router: Router): readonly Action<Leg>[] {
  const t = useText(routerTexts);
  const open = useDialog();
  const reread = useReread();
  const reach = useReach();
  const { data: allFloating } = useList(floatingIps, reach);
  return useMemo(() => {
    const refuse = (items: readonly Leg[]): string | null => {
      const nets = items.flatMap(({ subnet }) => parseCidr(subnet?.cidr ?? '') ?? []);
      const through = (allFloating ?? []).filter(({ router_id, fixed_ip_address }) => {
        const ip = parseIp(fixed_ip_address ?? '');
        return router_id === router.id && ip !== null && nets.some((net) => holds(net, ip));
      });
      if (through.length > 0)
        return t.floatingBlock(through.map(({ floating_ip_address }) => floating_ip_address).join(', '));
      const routes = (router.routes ?? []).filter(({ nexthop }) => {
        const ip = parseIp(nexthop);
        return ip !== null && nets.some((net) => holds(net, ip));
      });
      return routes.length === 0 ? null : t.routeBlock(routes.map(({ destination }) => destination).join(', '));
    };
    return [
      {
        id: 'remove',
        label: t.removeInterface,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.removeInterfaceTitle(items.length)}
              items={items}
              nameOf={({ subnet, address }) => (subnet ? `${called(subnet)} (${address})` : address)}
              consequence={t.removeInterfaceConsequence}
              verb={t.removeInterface}
              danger
              run={({ port }) => removeInterface(router.id, { port_id: port.id })}
              close={close}
              after={() => reread('port', 'router')}
            />
          )),
      },
    ];
  }, [t, open, reread, router, allFloating]);
}
