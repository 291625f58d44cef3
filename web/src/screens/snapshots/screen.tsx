import { Anchor, Button } from '@mantine/core';
import { IconCamera } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { appTexts } from '#app/texts.ts';
import { useList } from '#api/resource.ts';
import { snapshots, volumes, type Snapshot } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { nameOf } from '#screens/volumes/states.ts';
import { Ago } from '#ui/ago.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useSnapshotActions } from './actions.tsx';
import { snapshotTexts } from './texts.ts';

/** The project's volume snapshots. */
export function Screen() {
  const t = useText(snapshotTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const format = useFormat();
  const query = useList(snapshots);
  const { data: someVolumes } = useList(volumes);
  const actions = useSnapshotActions();
  const columns = useMemo<readonly Column<Snapshot>[]>(() => {
    const volumeName = (id: string): string => {
      const volume = someVolumes?.find((one) => one.id === id);
      return volume ? nameOf(volume) : id.slice(0, 8);
    };
    return [
      { id: 'name', title: ui.name, value: nameOf, width: 'minmax(9rem, 2fr)' },
      {
        id: 'status',
        title: ui.status,
        value: ({ status }) => status,
        cell: ({ status }) => <Status status={status} />,
      },
      { id: 'size', title: t.size, value: ({ size }) => size, cell: ({ size }) => format.gib(size), width: '6rem' },
      {
        id: 'volume',
        title: t.of,
        value: ({ volume_id }) => volumeName(volume_id),
        cell: ({ volume_id }) => (
          <Anchor size="sm" renderRoot={(props) => <Link to={`/volumes/${volume_id}`} {...props} />}>
            {volumeName(volume_id)}
          </Anchor>
        ),
      },
      { id: 'description', title: ui.description, value: ({ description }) => description, width: 'minmax(8rem, 2fr)' },
      {
        id: 'created',
        title: ui.created,
        value: ({ created_at }) => created_at,
        cell: ({ created_at }) => <Ago time={created_at} />,
        width: '8rem',
      },
    ];
  }, [t, ui, format, someVolumes]);
  return (
    <Page title={app.snapshots}>
      <ResourceTable
        label={app.snapshots}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={nameOf}
        empty={
          <EmptyNotice
            icon={IconCamera}
            title={t.emptyTitle}
            action={<Button renderRoot={(props) => <Link to="/volumes" {...props} />}>{t.toVolumes}</Button>}
          >
            {t.emptyText}
          </EmptyNotice>
        }
      />
    </Page>
  );
}
