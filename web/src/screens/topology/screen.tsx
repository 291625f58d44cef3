import { Button, Center, Group, Loader, SegmentedControl, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowsMaximize, IconSearch, IconStack2 } from '@tabler/icons-react';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { graphOf } from './graph.ts';
import { Makers } from './makers.tsx';
import { topologyTexts } from './texts.ts';
import { TopologyList } from './topology-list.tsx';
import { useCloud } from './use-cloud.ts';
import { WithPanel } from './with-panel.tsx';

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
