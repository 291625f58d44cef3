import { Button } from '@mantine/core';
import { IconDatabaseExport } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { appTexts } from '#app/texts.ts';
import { useList } from '#api/resource.ts';
import { backups, volumes, type Backup } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { nameOf } from '#screens/volumes/states.ts';
import { Ago } from '#ui/ago.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useBackupActions } from './actions.tsx';
import { backupTexts } from './texts.ts';

/** The project's volume backups. */
export function Screen() {
  const t = useText(backupTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const format = useFormat();
  const query = useList(backups);
  const { data: someVolumes } = useList(volumes);
  const actions = useBackupActions();
  const columns = useMemo<readonly Column<Backup>[]>(() => {
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
      { id: 'why', title: t.why, value: ({ fail_reason }) => fail_reason },
      { id: 'size', title: t.size, value: ({ size }) => size, cell: ({ size }) => format.gib(size), width: '6rem' },
      { id: 'kind', title: t.kind, value: ({ is_incremental }) => (is_incremental ? t.incremental : t.whole) },
      { id: 'volume', title: t.of, value: ({ volume_id }) => volumeName(volume_id) },
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
    <Page title={app.backups}>
      <ResourceTable
        label={app.backups}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={nameOf}
        empty={
          <EmptyNotice
            icon={IconDatabaseExport}
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
