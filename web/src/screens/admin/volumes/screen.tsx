import { useMemo } from 'react';
import { useList } from '#api/resource.ts';
import { volumes, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useVolumeActions } from '#screens/volumes/actions.tsx';
import { useVolumeColumns } from '#screens/volumes/columns.tsx';
import { nameOf } from '#screens/volumes/states.ts';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useProjectName } from '../project-name.ts';
import { adminTexts } from '../texts.ts';

/** Every project's volumes, and where they lie. */
export function Screen() {
  const t = useText(adminTexts);
  const ui = useText(uiTexts);
  const projectName = useProjectName();
  const query = useList(volumes, { all: true });
  const own = useVolumeColumns(true);
  const actions = useVolumeActions();
  const columns = useMemo<readonly Column<Volume>[]>(
    () => [
      ...own.slice(0, 3).map((column) => (column.id === 'name' ? { ...column, width: 'minmax(7rem, 1.5fr)' } : column)),
      { id: 'project', title: ui.project, value: (one) => projectName(one['os-vol-tenant-attr:tenant_id']) },
      {
        id: 'host',
        title: t.backend,
        value: (one) => one['os-vol-host-attr:host'] ?? null,
        width: 'minmax(7rem, 1.5fr)',
      },
      // Where it lies matters more here than whether it boots; both do not fit.
      ...own
        .slice(4)
        .filter(({ id }) => id !== 'bootable')
        .map((column) => (column.id === 'attached' ? { ...column, width: 'minmax(7rem, 1.5fr)' } : column)),
    ],
    [own, ui, t, projectName],
  );
  return (
    <Page title={t.volumesTitle}>
      <ResourceTable
        label={t.volumesTitle}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={nameOf}
        linkOf={({ id }) => `/volumes/${id}`}
      />
    </Page>
  );
}
