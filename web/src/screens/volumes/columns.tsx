import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { servers } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import type { Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Ago } from '#ui/ago.tsx';
import type { Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

/** What lists of volumes show. @param all of every project: their instances are looked up there */
export function useVolumeColumns(all = false): readonly Column<Volume>[] {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { data: someServers } = useList(servers, { all });
  return useMemo<readonly Column<Volume>[]>(() => {
    const serverName = (id: string): string => someServers?.find((one) => one.id === id)?.name ?? id.slice(0, 8);
    return [
      { id: 'name', title: ui.name, value: nameOf, width: 'minmax(9rem, 2fr)' },
      {
        id: 'status',
        title: ui.status,
        value: ({ status }) => status,
        cell: ({ status }) => <Status status={status} />,
        width: 'minmax(8rem, 1fr)',
      },
      { id: 'size', title: t.size, value: ({ size }) => size, cell: ({ size }) => format.gib(size), width: '6rem' },
      { id: 'type', title: t.type, value: ({ volume_type }) => volume_type },
      {
        id: 'attached',
        title: t.attachedTo,
        width: 'minmax(9rem, 2fr)',
        value: ({ attachments }) =>
          attachments.map(({ server_id, device }) => t.attachedAs(serverName(server_id), device)).join(', ') || null,
        cell: ({ attachments }) =>
          attachments.length === 0
            ? '–'
            : attachments.map(({ server_id, device, attachment_id }) => (
                <Anchor
                  key={attachment_id}
                  size="sm"
                  mr="xs"
                  renderRoot={(props) => <Link to={`/instances/${server_id}`} {...props} />}
                >
                  {t.attachedAs(serverName(server_id), device)}
                </Anchor>
              )),
      },
      {
        id: 'bootable',
        title: t.bootable,
        value: ({ bootable }) => (bootable === 'true' ? ui.yes : ui.no),
        width: '5.5rem',
      },
      {
        id: 'created',
        title: ui.created,
        value: ({ created_at }) => created_at,
        cell: ({ created_at }) => <Ago time={created_at} />,
        width: '8rem',
      },
    ];
  }, [t, ui, format, someServers]);
}
