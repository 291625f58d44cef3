import { Button } from '@mantine/core';
import { IconDatabase, IconGift, IconPlus } from '@tabler/icons-react';
import { appTexts } from '#app/texts.ts';
import { useList } from '#api/resource.ts';
import { volumes } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { useVolumeActions } from './actions.tsx';
import { useVolumeColumns } from './columns.tsx';
import { CreateVolumeDialog } from './create-dialog.tsx';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';
import { AcceptDialog } from './transfer-dialogs.tsx';

/** The project's volumes. */
export function Screen() {
  const t = useText(volumeTexts);
  const app = useText(appTexts);
  const open = useDialog();
  const query = useList(volumes);
  const columns = useVolumeColumns();
  const actions = useVolumeActions();
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <CreateVolumeDialog close={close} />)}>
      {t.create}
    </Button>
  );
  return (
    <Page
      title={app.volumes}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconGift size={16} />}
            onClick={() => open((close) => <AcceptDialog close={close} />)}
          >
            {t.accept}
          </Button>
          {create}
        </>
      }
    >
      <ResourceTable
        label={app.volumes}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={nameOf}
        linkOf={({ id }) => `/volumes/${id}`}
        empty={
          <EmptyNotice icon={IconDatabase} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </EmptyNotice>
        }
      />
    </Page>
  );
}
