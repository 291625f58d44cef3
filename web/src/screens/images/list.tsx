import { Alert, Button, Group, Select } from '@mantine/core';
import { IconPhoto, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { communityImages, hiddenImages, images, imagesSharedWith } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable } from '#ui/resource-table.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { useImageActions } from './actions.tsx';
import { AddImageDialog } from './add-dialog.tsx';
import { useImageColumns } from './columns.tsx';
import { DropZone } from './drop-zone.tsx';
import { imageTexts } from './texts.ts';
import { UploadsPanel } from './uploads-panel.tsx';

const views = ['all', 'mine', 'public', 'shared', 'community', 'hidden'] as const;
type View = (typeof views)[number];

/** The images that the project can use. */
export function Screen() {
  const t = useText(imageTexts);
  const app = useText(appTexts);
  const open = useDialog();
  const [chosen, setView] = useUrlText('view');
  const view = views.find((one) => one === chosen) ?? 'all';
  const query = useView(view);
  const actions = useImageActions();
  const columns = useImageColumns(undefined, view === 'shared');
  const pending = useShared().data?.filter(({ memberStatus }) => memberStatus === 'pending').length ?? 0;
  // A dialog for each, the first on top.
  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files.toReversed()) open((close) => <AddImageDialog file={file} close={close} />);
    },
    [open],
  );
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <AddImageDialog close={close} />)}>
      {t.add}
    </Button>
  );
  const names: Readonly<Record<View, string>> = {
    ...{ all: t.everything, mine: t.mine, public: t.public },
    ...{ shared: t.sharedWithMe, community: t.community, hidden: t.hidden },
  };
  return (
    <Page title={app.images} actions={button}>
      <DropZone label={t.dropHere} drop={add} />
      <UploadsPanel />
      {pending > 0 && view !== 'shared' && (
        <Alert color="blue" variant="light" p="xs">
          <Group justify="space-between">
            {t.offered(pending)}
            <Button size="compact-sm" variant="default" onClick={() => setView('shared')}>
              {t.lookAtOffers}
            </Button>
          </Group>
        </Alert>
      )}
      {view === 'all' && query.data?.length === 0 ? (
        <EmptyNotice icon={IconPhoto} title={t.emptyTitle} action={button}>
          {t.empty}
        </EmptyNotice>
      ) : (
        <ResourceTable
          label={app.images}
          query={query}
          columns={columns}
          nameOf={({ name, id }) => name || id}
          linkOf={({ id }) => `/images/${id}`}
          actions={actions}
          tools={
            <Select
              aria-label={t.show}
              allowDeselect={false}
              w={220}
              data={views.map((one) => ({ value: one, label: names[one] }))}
              value={view}
              onChange={(next) => setView(next === 'all' ? '' : (next ?? ''))}
            />
          }
        />
      )}
    </Page>
  );
}

/** Also what was offered to the project and not answered. */
function useShared() {
  const project = useSignedIn().project.id;
  return useQuery({
    queryKey: ['image', 'list', 'shared', project],
    queryFn: ({ signal }) => imagesSharedWith(project, signal),
    refetchInterval: 60_000,
  });
}

function useView(view: View) {
  const project = useSignedIn().project.id;
  const listed = useList(images);
  const shared = useShared();
  const other = useQuery({
    queryKey: ['image', 'list', view],
    queryFn: ({ signal }) => (view === 'hidden' ? hiddenImages(signal) : communityImages(signal)),
    enabled: view === 'hidden' || view === 'community',
    refetchInterval: 60_000,
  });
  const data = useMemo(() => {
    if (view === 'shared') return shared.data;
    if (view === 'hidden' || view === 'community') return other.data;
    // One that was just hidden is still in the list that was read before.
    return listed.data?.filter(
      (one) =>
        !one.os_hidden && (view === 'all' || (view === 'mine' ? one.owner === project : one.visibility === 'public')),
    );
  }, [view, listed.data, shared.data, other.data, project]);
  const { error, refetch } = view === 'shared' ? shared : view === 'hidden' || view === 'community' ? other : listed;
  return { data, error, refetch };
}
