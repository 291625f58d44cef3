import { Button } from '@mantine/core';
import { IconBox, IconCopyPlus, IconEdit, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { deleteFlavor } from '#api/compute/flavors-admin.ts';
import { flavors, type Flavor } from '#api/compute/flavors.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { CreateFlavorDialog } from './create-dialog.tsx';
import { EditFlavorDialog } from './edit-dialog.tsx';
import { flavorTexts } from './texts.ts';

/** All flavors: the sizes that instances can have. */
export function Screen() {
  const t = useText(flavorTexts);
  const app = useText(appTexts);
  const query = useList(flavors, { all: true });
  const open = useDialog();
  const actions = useFlavorActions();
  const columns = useFlavorColumns();
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <CreateFlavorDialog close={close} />)}>
      {t.create}
    </Button>
  );
  return (
    <Page title={app.flavors} actions={create}>
      <ResourceTable
        label={app.flavors}
        query={query}
        columns={columns}
        nameOf={({ name }) => name}
        actions={actions}
        initialSort={{ column: 'ram', down: false }}
        empty={
          <EmptyNotice icon={IconBox} title={t.emptyTitle} action={create}>
            {t.empty}
          </EmptyNotice>
        }
      />
    </Page>
  );
}

function useFlavorColumns(): readonly Column<Flavor>[] {
  const t = useText(flavorTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  return useMemo<readonly Column<Flavor>[]>(
    () => [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(7rem, 1.5fr)' },
      { id: 'vcpus', title: t.vcpus, value: ({ vcpus }) => vcpus, width: '3.5rem' },
      { id: 'ram', title: t.memory, value: ({ ram }) => ram, cell: ({ ram }) => format.mib(ram), width: '5rem' },
      { id: 'disk', title: t.disk, value: ({ disk }) => disk, cell: ({ disk }) => format.gib(disk), width: '5rem' },
      {
        id: 'ephemeral',
        title: t.ephemeral,
        value: (one) => one['OS-FLV-EXT-DATA:ephemeral'],
        cell: (one) => format.gib(one['OS-FLV-EXT-DATA:ephemeral']),
        width: '5.5rem',
      },
      {
        id: 'swap',
        title: t.swap,
        value: ({ swap }) => Number(swap),
        cell: ({ swap }) => format.mib(Number(swap)),
        width: '4.5rem',
      },
      {
        id: 'access',
        title: t.access,
        value: (one) =>
          [one['os-flavor-access:is_public'] ? t.public : t.private, one['OS-FLV-DISABLED:disabled'] && t.disabled]
            .filter(Boolean)
            .join(', '),
        width: 'minmax(5rem, 7.5rem)',
      },
      {
        id: 'specs',
        title: t.specs,
        value: ({ extra_specs }) =>
          Object.entries(extra_specs ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(', '),
        width: 'minmax(5rem, 2fr)',
      },
      {
        id: 'description',
        title: ui.description,
        value: ({ description }) => description ?? '',
        width: 'minmax(5rem, 1fr)',
      },
    ],
    [t, ui, format],
  );
}

function useFlavorActions(): readonly Action<Flavor>[] {
  const t = useText(flavorTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  return useMemo<readonly Action<Flavor>[]>(
    () => [
      {
        id: 'edit',
        label: ui.edit,
        icon: IconEdit,
        run: ([flavor]) => flavor && open((close) => <EditFlavorDialog flavor={flavor} close={close} />),
      },
      {
        id: 'copy',
        label: t.copyAs,
        icon: IconCopyPlus,
        run: ([flavor]) => flavor && open((close) => <CreateFlavorDialog like={flavor} close={close} />),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={({ name }) => name}
              consequence={t.deleteText}
              verb={ui.delete}
              danger
              run={async ({ id }) => {
                await deleteFlavor(id);
                await queries.invalidateQueries({ queryKey: ['flavor'] });
              }}
              close={close}
            />
          )),
      },
    ],
    [t, ui, open, queries],
  );
}
