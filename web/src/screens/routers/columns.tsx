import { useMemo } from 'react';
import { networks, type Network, type Router } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach } from '../networks/use-network.ts';
import { routerTexts } from './texts.ts';
import { useLegs } from './use-interfaces.ts';

/** A router's gateway in words: network and address. */
export function gatewayWords(
  router: Router,
  allNetworks: readonly Network[] | undefined,
  t: (typeof routerTexts)['en'],
): string {
  const gateway = router.external_gateway_info;
  if (!gateway) return t.noGateway;
  const network = allNetworks?.find(({ id }) => id === gateway.network_id);
  const addresses = (gateway.external_fixed_ips ?? []).map(({ ip_address }) => ip_address).join(', ');
  return [
    network ? called(network) : gateway.network_id.slice(0, 8),
    addresses,
    gateway.enable_snat === false && t.snatOff,
  ]
    .filter(Boolean)
    .join(' · ');
}

export const RouterStatus = ({ router }: { readonly router: Router }) => (
  <Status {...(router.admin_state_up ? { status: router.status } : { status: 'ADMIN', tone: 'off' as const })} />
);

/** @param more further columns after the name: whose it is */
export function useRouterColumns(more?: readonly Column<Router>[]): readonly Column<Router>[] {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const reach = useReach();
  const { data: allNetworks } = useList(networks, reach);
  const legs = useLegs();
  return useMemo(
    () => [
      { id: 'name', title: u.name, value: called },
      ...(more ?? []),
      {
        id: 'gateway',
        title: t.gateway,
        value: (router) => gatewayWords(router, allNetworks, t),
        width: 'minmax(10rem, 1.5fr)',
      },
      {
        id: 'interfaces',
        title: t.interfaces,
        value: ({ id }) =>
          (legs?.get(id) ?? []).map(({ subnet, address }) => subnet?.cidr ?? address).join(', ') || t.disconnected,
        width: 'minmax(10rem, 1.5fr)',
      },
      {
        id: 'routes',
        title: t.routes,
        value: ({ routes }) => routes?.length ?? 0,
        width: '7rem',
      },
      {
        id: 'status',
        title: u.status,
        value: (router) => (router.admin_state_up ? router.status : 'ADMIN'),
        cell: (router) => <RouterStatus router={router} />,
        width: '8rem',
      },
    ],
    [t, u, more, allNetworks, legs],
  );
}
