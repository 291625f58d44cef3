import {
  Button,
  Center,
  Drawer,
  Group,
  Loader,
  Paper,
  SegmentedControl,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowsMaximize, IconPlus, IconRocket, IconSearch, IconStack2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { CreateNetworkDialog } from '../networks/create-network-dialog.tsx';
import { CreateRouterDialog } from '../routers/router-dialog.tsx';
import { graphOf, type Graph } from './graph.ts';
import { Panel } from './panel.tsx';
import { topologyTexts } from './texts.ts';
import { TopologyList } from './topology-list.tsx';
import { useCloud } from './use-cloud.ts';
import classes from './topology.module.css';

const Canvas = lazy(async () => ({ default: (await import('./canvas.tsx')).Canvas }));

export function Screen() {
  const t = useText(topologyTexts);
  const { cloud, error } = useCloud();
  const [filter, setFilter] = useUrlText('q');
  const wanted = useDeferredValue(filter);
  const [view, setView] = useUrlText('view');
  const [floating, setFloating] = useState(true);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [openId, setOpenId] = useState<string | null>(null);
  const [fits, setFits] = useState(0);
  const phone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const graph = useMemo(() => cloud && graphOf(cloud, wanted, unfolded), [cloud, wanted, unfolded]);
  const asList = phone || view === 'list';
  return (
    <Page title={t.title} actions={<Makers />}>
      <Group gap="md">
        <TextInput
          w={280}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          placeholder={t.filter}
          aria-label={t.filter}
        />
        {!phone && (
          <SegmentedControl
            aria-label={t.view}
            value={asList ? 'list' : 'picture'}
            onChange={(next) => setView(next === 'list' ? 'list' : '')}
            data={[
              { value: 'picture', label: t.picture },
              { value: 'list', label: t.list },
            ]}
          />
        )}
        {!asList && (
          <>
            <Switch
              label={t.showFloating}
              checked={floating}
              onChange={(event) => setFloating(event.currentTarget.checked)}
            />
            <Button
              variant="default"
              leftSection={<IconArrowsMaximize size={16} />}
              onClick={() => setFits((count) => count + 1)}
            >
              {t.fit}
            </Button>
          </>
        )}
        {unfolded.size > 0 && (
          <Button variant="default" leftSection={<IconStack2 size={16} />} onClick={() => setUnfolded(new Set())}>
            {t.fold}
          </Button>
        )}
      </Group>
      {error != null && !cloud && <ErrorNotice error={error} />}
      {!graph && error == null && <Waiting />}
      {graph && graph.bars.length + graph.devices.length === 0 && (
        <Stack gap={4}>
          {wanted === '' ? (
            <>
              <Text fw={600}>{t.emptyTitle}</Text>
              <Text size="sm">{t.emptyText}</Text>
            </>
          ) : (
            <Text size="sm">{t.nothingFits}</Text>
          )}
        </Stack>
      )}
      {graph && graph.bars.length + graph.devices.length > 0 && (
        <WithPanel
          graph={graph}
          phone={phone}
          asList={asList}
          openId={openId}
          close={() => {
            setOpenId(null);
            refocus(openId);
          }}
          unfold={(id) => {
            setUnfolded((old) => new Set([...old, id]));
            setOpenId(null);
          }}
        >
          {asList ? (
            <TopologyList graph={graph} open={setOpenId} />
          ) : (
            <Suspense fallback={<Waiting />}>
              <Canvas graph={graph} floating={floating} openId={openId} open={setOpenId} fits={fits} />
            </Suspense>
          )}
        </WithPanel>
      )}
    </Page>
  );
}

/** The keyboard goes on where it was. */
const refocus = (id: string | null): void => {
  if (id !== null) document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus();
};

const Waiting = () => (
  <Center h={320} role="status" aria-busy style={{ flex: 1 }}>
    <Loader />
  </Center>
);

/** The opened thing beside the picture; over the list, as there is no room beside. */
function WithPanel({
  graph,
  phone,
  asList,
  openId,
  close,
  unfold,
  children,
}: {
  readonly graph: Graph;
  readonly phone: boolean | undefined;
  readonly asList: boolean;
  readonly openId: string | null;
  readonly close: () => void;
  readonly unfold: (id: string) => void;
  readonly children: React.ReactNode;
}) {
  const t = useText(topologyTexts);
  const bar = graph.bars.find(({ id }) => id === openId);
  const name = bar?.network.name ?? graph.devices.find(({ id }) => id === openId)?.name ?? '';
  if (asList)
    return (
      <>
        {children}
        <Drawer
          opened={openId !== null}
          onClose={close}
          position={phone === true ? 'bottom' : 'right'}
          title={t.panel(name)}
          closeButtonProps={{ 'aria-label': t.closePanel }}
        >
          {openId !== null && <Panel graph={graph} id={openId} close={close} unfold={unfold} titled />}
        </Drawer>
      </>
    );
  return (
    <div className={classes['frame']}>
      {children}
      {openId !== null && (
        <Paper
          withBorder
          p="md"
          component="aside"
          aria-label={t.panel(name)}
          className={classes['panel']}
          // Not of a menu that the panel has opened: that lies elsewhere in the page.
          onKeyDown={(event) =>
            event.key === 'Escape' && event.currentTarget.contains(event.target as Element) && close()
          }
        >
          <Panel graph={graph} id={openId} close={close} unfold={unfold} titled={false} />
        </Paper>
      )}
    </div>
  );
}

function Makers() {
  const t = useText(topologyTexts);
  const open = useDialog();
  return (
    <>
      <Button
        variant="default"
        aria-label={t.createNetworkLabel}
        leftSection={<IconPlus size={16} />}
        onClick={() => open((close) => <CreateNetworkDialog close={close} />)}
      >
        {t.createNetwork}
      </Button>
      <Button
        variant="default"
        aria-label={t.createRouterLabel}
        leftSection={<IconPlus size={16} />}
        onClick={() => open((close) => <CreateRouterDialog close={close} />)}
      >
        {t.createRouter}
      </Button>
      <Button
        aria-label={t.launchLabel}
        leftSection={<IconRocket size={16} />}
        renderRoot={(props) => <Link to="/launch" {...props} />}
      >
        {t.launch}
      </Button>
    </>
  );
}
