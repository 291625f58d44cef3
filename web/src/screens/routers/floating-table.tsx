import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { floatingIps, ports, type FloatingIp, type Router } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useReach } from '../networks/use-network.ts';
import { usePortDevices } from '../networks/use-port-devices.ts';
import { routerTexts } from './texts.ts';

/** The floating IPs that go through a router. */
export function FloatingTable({ router }: { readonly router: Router }) {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const reach = useReach();
  const query = useList(floatingIps, reach);
  const { data: allPorts } = useList(ports, reach);
  const deviceOf = usePortDevices();
  const data = useMemo(() => query.data?.filter(({ router_id }) => router_id === router.id), [query.data, router.id]);
  const columns = useMemo<readonly Column<FloatingIp>[]>(
    () => [
      { id: 'address', title: t.address, value: ({ floating_ip_address }) => floating_ip_address },
      {
        id: 'for',
        title: t.mappedTo,
        value: ({ port_id, fixed_ip_address }) => {
          const port = allPorts?.find(({ id }) => id === port_id);
          return [port && deviceOf(port).words, fixed_ip_address].filter(Boolean).join(' · ');
        },
        width: 'minmax(10rem, 2fr)',
      },
      {
        id: 'status',
        title: u.status,
        value: ({ status }) => status,
        cell: ({ status }) => <Status status={status} />,
        width: '8rem',
      },
    ],
    [t, u, allPorts, deviceOf],
  );
  return (
    <ResourceTable
      label={t.floatingIps}
      query={{ ...query, data }}
      columns={columns}
      nameOf={({ floating_ip_address }) => floating_ip_address}
      urlName="floating"
      empty={<Text size="sm">{t.noFloatingIps}</Text>}
    />
  );
}
