import { Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import {
  floatingIps,
  networks,
  ports,
  routers,
  subnets,
  type FloatingIp,
  type Network,
  type Port,
  type Router,
  type Subnet,
} from '#api/network/networks.ts';
import { dhcpHosting, l3Hosting } from '#api/network/scheduling.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { useFloatingIpActions } from '../../floating-ips/actions.tsx';
import { useFloatingIpColumns } from '../../floating-ips/columns.tsx';
import { useNetworkActions } from '../../networks/actions.tsx';
import { useNetworkColumns } from '../../networks/columns.tsx';
import { called } from '../../networks/names.ts';
import { usePortActions, usePortColumns } from '../../networks/ports-table.tsx';
import { useSubnetActions, useSubnetColumns } from '../../networks/subnets-table.tsx';
import { useRouterActions } from '../../routers/actions.tsx';
import { useRouterColumns } from '../../routers/columns.tsx';
import { adminNetworkTexts } from './texts.ts';
import { useHosts } from './use-hosts.ts';
import { useOwnerColumn } from './use-owner-column.ts';

const all = { all: true };
const byName = { column: 'name', down: false };

const Empty = (): ReactNode => <Text size="sm">{useText(adminNetworkTexts).none}</Text>;

function useNetworkColumn<T extends { readonly network_id: string }>(): Column<T> {
  const t = useText(adminNetworkTexts);
  const { data } = useList(networks, all);
  return useMemo(() => {
    const names = new Map(data?.map((network) => [network.id, called(network)]));
    return {
      id: 'network',
      title: t.network,
      value: ({ network_id: id }) => names.get(id) ?? id.slice(0, 8),
      width: 'minmax(5.5rem, 1fr)',
    };
  }, [t, data]);
}

/** What hosts a thing; a dash until known. */
function useHostsColumn<T extends { readonly id: string }>(hosting: typeof dhcpHosting): Column<T> {
  const t = useText(adminNetworkTexts);
  const hosts = useHosts(hosting);
  return useMemo(
    () => ({
      id: 'agents',
      title: t.agents,
      value: ({ id }) => (hosts && (hosts.get(id)?.join(', ') ?? t.nowhere)) || null,
      width: 'minmax(5rem, 0.8fr)',
    }),
    [t, hosts],
  );
}

const provider = (network: Network): string =>
  [
    network['provider:network_type']?.toUpperCase(),
    network['provider:physical_network'],
    network['provider:segmentation_id'],
  ]
    .filter((part) => part !== null && part !== undefined)
    .join(' · ');

export function AllNetworks() {
  const t = useText(adminNetworkTexts);
  const owner = useOwnerColumn<Network>();
  const hosts = useHostsColumn<Network>(dhcpHosting);
  const more = useMemo(
    () => [owner, { id: 'provider', title: t.provider, value: provider, width: 'minmax(5.5rem, 1fr)' }, hosts],
    [owner, t, hosts],
  );
  return (
    <ResourceTable
      label={t.networks}
      query={useList(networks, all)}
      columns={useNetworkColumns(more)}
      actions={useNetworkActions()}
      nameOf={called}
      linkOf={({ id }) => `/networks/${id}`}
      initialSort={byName}
      empty={<Empty />}
    />
  );
}

export function AllSubnets() {
  const t = useText(adminNetworkTexts);
  const owner = useOwnerColumn<Subnet>();
  const network = useNetworkColumn<Subnet>();
  return (
    <ResourceTable
      label={t.subnets}
      query={useList(subnets, all)}
      columns={useSubnetColumns(useMemo(() => [owner, network], [owner, network]))}
      actions={useSubnetActions()}
      nameOf={called}
      linkOf={({ network_id }) => `/networks/${network_id}`}
      initialSort={byName}
      empty={<Empty />}
    />
  );
}

export function AllRouters() {
  const t = useText(adminNetworkTexts);
  const owner = useOwnerColumn<Router>();
  const hosts = useHostsColumn<Router>(l3Hosting);
  return (
    <ResourceTable
      label={t.routers}
      query={useList(routers, all)}
      columns={useRouterColumns(useMemo(() => [owner, hosts], [owner, hosts]))}
      actions={useRouterActions()}
      nameOf={called}
      linkOf={({ id }) => `/routers/${id}`}
      initialSort={byName}
      empty={<Empty />}
    />
  );
}

export function AllFloatingIps() {
  const t = useText(adminNetworkTexts);
  const owner = useOwnerColumn<FloatingIp>();
  return (
    <ResourceTable
      label={t.floatingIps}
      query={useList(floatingIps, all)}
      columns={useFloatingIpColumns(useMemo(() => [owner], [owner]))}
      actions={useFloatingIpActions()}
      nameOf={({ floating_ip_address }) => floating_ip_address}
      empty={<Empty />}
    />
  );
}

export function AllPorts() {
  const t = useText(adminNetworkTexts);
  const owner = useOwnerColumn<Port>();
  const network = useNetworkColumn<Port>();
  return (
    <ResourceTable
      label={t.ports}
      query={useList(ports, all)}
      columns={usePortColumns(useMemo(() => [owner, network], [owner, network]))}
      actions={usePortActions()}
      nameOf={called}
      empty={<Empty />}
    />
  );
}
