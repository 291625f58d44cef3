import { Drawer, Paper } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '#i18n/catalogue.ts';
import type { Graph } from './graph.ts';
import { Panel } from './panel.tsx';
import { topologyTexts } from './texts.ts';
import classes from './topology.module.css';

/** The opened thing beside the picture; over the list, as there is no room beside. */
export function WithPanel({
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
  readonly children: ReactNode;
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
