import { Anchor, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { networks, ports, routers, type FloatingIp } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { CopyButton } from '#ui/copy.tsx';
import type { Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach } from '../networks/use-network.ts';
import { usePortDevices } from '../networks/use-port-devices.ts';
import { verdictOf } from './reachability.ts';
import { ReachBadge, useChecks, useVerdictWords } from './reach-dialog.tsx';
import { floatingTexts } from './texts.ts';

/** @param more further columns after the address: whose it is */
export function useFloatingIpColumns(more?: readonly Column<FloatingIp>[]): readonly Column<FloatingIp>[] {
  const t = useText(floatingTexts);
  const u = useText(uiTexts);
  const reach = useReach();
  const { data: allPorts } = useList(ports, reach);
  const { data: allNetworks } = useList(networks, reach);
  const { data: allRouters } = useList(routers, reach);
  const deviceOf = usePortDevices();
  const checksOf = useChecks();
  const verdictWords = useVerdictWords();
  return useMemo(() => {
    const portById = new Map(allPorts?.map((port) => [port.id, port]));
    const names = new Map([...(allNetworks ?? []), ...(allRouters ?? [])].map((one) => [one.id, called(one)]));
    const deviceFor = ({ port_id }: FloatingIp) => {
      const port = portById.get(port_id ?? '');
      return port && (port.device_id === '' ? { words: called(port), to: null } : deviceOf(port));
    };
    return [
      {
        id: 'address',
        title: t.address,
        value: ({ floating_ip_address }) => floating_ip_address,
        cell: ({ floating_ip_address: address }) => (
          <Group gap={4} wrap="nowrap">
            <span>{address}</span>
            <CopyButton text={address} label={`${u.copy} ${address}`} />
          </Group>
        ),
        width: '9.5rem',
      },
      ...(more ?? []),
      {
        id: 'for',
        title: t.mappedTo,
        value: (one) =>
          one.port_id === null ? t.unused : [deviceFor(one)?.words, one.fixed_ip_address].filter(Boolean).join(' · '),
        cell: (one) => <Target device={deviceFor(one)} inside={one.fixed_ip_address} />,
        width: 'minmax(10rem, 2fr)',
      },
      {
        id: 'pool',
        title: t.pool,
        value: ({ floating_network_id: id }) => names.get(id) ?? id.slice(0, 8),
      },
      {
        id: 'router',
        title: t.router,
        value: ({ router_id: id }) => (id === null ? null : (names.get(id) ?? id.slice(0, 8))),
      },
      {
        id: 'status',
        title: u.status,
        value: ({ status }) => status,
        // An address that stands for nothing is down without anything being wrong.
        cell: ({ status, port_id }) => <Status status={status} {...(port_id === null && { tone: 'off' as const })} />,
        width: '6rem',
      },
      {
        id: 'reachable',
        title: t.reachable,
        value: (one) => verdictWords(verdictOf(checksOf(one))),
        cell: (one) => <ReachBadge floating={one} all={checksOf(one)} />,
        width: '6.5rem',
      },
      // Beside whose they are there is no room.
      ...(more
        ? []
        : [{ id: 'description', title: u.description, value: ({ description }: FloatingIp) => description || null }]),
    ];
  }, [t, u, more, allPorts, allNetworks, allRouters, deviceOf, checksOf, verdictWords]);
}

function Target({
  device,
  inside,
}: {
  readonly device: { readonly words: string; readonly to: string | null } | undefined;
  readonly inside: string | null;
}) {
  const t = useText(floatingTexts);
  if (inside === null) return <>{t.unused}</>;
  return (
    <>
      {device?.to != null ? (
        <Anchor size="sm" underline="always" renderRoot={(props) => <Link to={device.to ?? ''} {...props} />}>
          {device.words}
        </Anchor>
      ) : (
        device?.words
      )}
      {device && ' · '}
      {inside}
    </>
  );
}
