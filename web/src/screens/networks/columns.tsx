import { Badge, Group } from '@mantine/core';
import { useMemo } from 'react';
import { ports, subnets, type Network } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { byVersion, called } from './names.ts';
import { networkTexts } from './texts.ts';
import { useReach } from './use-network.ts';

/** Whether a network is the outside, everybody's, or a project's own: in words. */
export function NetworkKind({ network }: { readonly network: Network }) {
  const t = useText(networkTexts);
  return (
    <Group gap={4} wrap="nowrap">
      {network['router:external'] && (
        <Badge variant="light" color="orange" radius="sm" tt="none">
          {t.external}
        </Badge>
      )}
      {network.shared && (
        <Badge variant="light" color="grape" radius="sm" tt="none">
          {t.shared}
        </Badge>
      )}
      {!network['router:external'] && !network.shared && (
        <Badge variant="light" color="gray" radius="sm" tt="none">
          {t.own}
        </Badge>
      )}
    </Group>
  );
}

/** @param more further columns after the name: whose it is */
export function useNetworkColumns(more?: readonly Column<Network>[]): readonly Column<Network>[] {
  const t = useText(networkTexts);
  const u = useText(uiTexts);
  const reach = useReach();
  const { data: allSubnets } = useList(subnets, reach);
  const { data: allPorts } = useList(ports, reach);
  return useMemo(() => {
    const cidrs = Map.groupBy((allSubnets ?? []).toSorted(byVersion), ({ network_id }) => network_id);
    const used = Map.groupBy(allPorts ?? [], ({ network_id }) => network_id);
    const cidrsOf = ({ id }: Network): string => (cidrs.get(id) ?? []).map(({ cidr }) => cidr).join(', ');
    return [
      { id: 'name', title: u.name, value: called, width: 'minmax(8rem, 1.2fr)' },
      ...(more ?? []),
      { id: 'subnets', title: t.subnets, value: (one) => cidrsOf(one) || t.noSubnet, width: 'minmax(7rem, 1.5fr)' },
      {
        id: 'kind',
        title: t.kind,
        value: (one) =>
          [one['router:external'] && t.external, one.shared && t.shared].filter(Boolean).join(' ') || t.own,
        cell: (one) => <NetworkKind network={one} />,
        width: '10.5rem',
      },
      {
        id: 'status',
        title: u.status,
        value: (one) => (one.admin_state_up ? one.status : 'ADMIN'),
        cell: (one) => <Status {...(one.admin_state_up ? { status: one.status } : { status: 'ADMIN', tone: 'off' })} />,
        width: '6.5rem',
      },
      { id: 'ports', title: t.ports, value: ({ id }) => used.get(id)?.length ?? 0, width: '4.5rem' },
    ];
  }, [t, u, more, allSubnets, allPorts]);
}
