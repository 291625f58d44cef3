import { Button, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { hiddenImages, images } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useImageActions } from '#screens/images/actions.tsx';
import { AddImageDialog } from '#screens/images/add-dialog.tsx';
import { useImageColumns } from '#screens/images/columns.tsx';
import { DropZone } from '#screens/images/drop-zone.tsx';
import { imageTexts } from '#screens/images/texts.ts';
import { UploadsPanel } from '#screens/images/uploads-panel.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { useProjectName } from '../project-name.ts';

const views = ['all', 'public', 'private', 'shared', 'community', 'hidden'] as const;

/** Every project's images. */
export function Screen() {
  const t = useText(imageTexts);
  const app = useText(appTexts);
  const open = useDialog();
  const [chosen, setView] = useUrlText('view');
  const view = views.find((one) => one === chosen) ?? 'all';
  const listed = useList(images, { all: true });
  const hidden = useQuery({
    queryKey: ['image', 'list', 'hidden'],
    queryFn: ({ signal }) => hiddenImages(signal),
    enabled: view === 'hidden',
  });
  const { error, refetch } = view === 'hidden' ? hidden : listed;
  const data = useMemo(
    () =>
      view === 'hidden'
        ? hidden.data
        : listed.data?.filter((one) => !one.os_hidden && (view === 'all' || one.visibility === view)),
    [view, hidden.data, listed.data],
  );
  const projectName = useProjectName();
  const columns = useImageColumns(projectName);
  const actions = useImageActions();
  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files.toReversed()) open((close) => <AddImageDialog file={file} close={close} />);
    },
    [open],
  );
  const nameOfView = (one: (typeof views)[number]): string =>
    one === 'all' ? t.everything : one === 'hidden' ? t.hidden : t.visibilityName(one);
  return (
    <Page
      title={app.allImages}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <AddImageDialog close={close} />)}>
          {t.add}
        </Button>
      }
    >
      <DropZone label={t.dropHere} drop={add} />
      <UploadsPanel />
      <ResourceTable
        label={app.allImages}
        query={{ data, error, refetch }}
        columns={columns}
        nameOf={({ name, id }) => name || id}
        linkOf={({ id }) => `/images/${id}`}
        actions={actions}
        tools={
          <Select
            aria-label={t.show}
            allowDeselect={false}
            w={180}
            data={views.map((one) => ({ value: one, label: nameOfView(one) }))}
            value={view}
            onChange={(next) => setView(next === 'all' ? '' : (next ?? ''))}
          />
        }
      />
    </Page>
  );
}
