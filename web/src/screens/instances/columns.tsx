import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { addressesOf, type Server } from '#api/compute/servers.ts';
import { images } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { Ago } from '#ui/ago.tsx';
import type { Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { ServerStatus } from './status-cell.tsx';
import { instanceTexts } from './texts.ts';

const NARROW = 'minmax(3.75rem, 0.7fr)';

/**
 * The columns of servers' lists.
 * @param more stand after the status
 */
export function useServerColumns(more?: readonly Column<Server>[]): readonly Column<Server>[] {
  const t = useText(instanceTexts);
  const ui = useText(uiTexts);
  const { data: known } = useList(images);
  return useMemo(() => {
    const names = new Map((known ?? []).map(({ id, name }) => [id, name]));
    const image = (server: Server): string =>
      server.image === '' ? t.bootsFromVolume : (names.get(server.image.id) ?? server.image.id);
    return [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(8rem, 2fr)' },
      {
        id: 'status',
        title: ui.status,
        value: ({ status, fault }) => (fault ? `${status} ${fault.message}` : status),
        cell: (server) => <ServerStatus server={server} />,
        width: 'minmax(7rem, 1.3fr)',
      },
      ...(more ?? []),
      {
        id: 'addresses',
        title: t.addresses,
        value: (server) =>
          addressesOf(server)
            .map(({ addr }) => addr)
            .join(' '),
        cell: (server) => <Addresses server={server} />,
        width: 'minmax(8rem, 1.5fr)',
      },
      { id: 'image', title: t.image, value: image, width: 'minmax(5rem, 1.2fr)' },
      { id: 'flavor', title: t.flavor, value: ({ flavor }) => flavor.original_name, width: 'minmax(5rem, 1fr)' },
      ...(more
        ? []
        : [
            { id: 'key', title: t.keyPair, value: ({ key_name }: Server) => key_name, width: NARROW },
            {
              id: 'zone',
              title: t.zone,
              value: (server: Server) => server['OS-EXT-AZ:availability_zone'],
              width: NARROW,
            },
          ]),
      {
        id: 'age',
        title: t.age,
        value: ({ created }) => created,
        cell: ({ created }) => <Ago time={created} />,
        width: 'minmax(7.25rem, 0.9fr)',
      },
    ];
  }, [t, ui, known, more]);
}

/** Fixed addresses plain, floating ones marked. */
function Addresses({ server }: { readonly server: Server }) {
  const t = useText(instanceTexts);
  const all = addressesOf(server);
  if (all.length === 0)
    return (
      <Text size="sm" c="dimmed" component="span">
        {t.noAddress}
      </Text>
    );
  return (
    <span title={all.map(({ addr }) => addr).join(', ')}>
      {all.map((one, at) => (
        <span key={`${one.addr}/${at}`} style={{ display: 'block' }}>
          {one['OS-EXT-IPS:type'] === 'floating' ? t.floating(one.addr) : one.addr}
        </span>
      ))}
    </span>
  );
}
