import { Paper } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { CloudEvent } from '#api/events.ts';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from '#ui/texts.ts';
import { useProjectName } from '../project-name.ts';
import { EventCells } from './event-row.tsx';
import classes from './events.module.css';
import { eventTexts } from './texts.ts';

const PAGE = 12;
const rowId = (id: string): string => `event-${id}`;

/** Events, of which only those in sight are drawn. Who reads further down is not pushed away by new ones. */
export function EventList({
  rows,
  open,
  pause,
}: {
  readonly rows: readonly CloudEvent[];
  readonly open: (event: CloudEvent) => void;
  readonly pause: () => void;
}) {
  const t = useText(eventTexts);
  const ui = useText(uiTexts);
  const projectName = useProjectName();
  const wide = useMediaQuery('(min-width: 62em)', true);
  const height = wide ? 36 : 56;
  // The titles stay in sight; a phone has none.
  const head = wide ? 34 : 0;
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: head,
    scrollPaddingStart: head,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  useLayoutEffect(() => virtual.measure(), [virtual, height]);

  // What is in sight stays where it is when others come before it.
  const top = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    const element = scroll.current;
    const before = top.current;
    if (element && before !== undefined && element.scrollTop > 0) {
      const added = rows.findIndex(({ id }) => id === before);
      if (added > 0) element.scrollTop += added * height;
    }
    top.current = rows[0]?.id;
  }, [rows, height]);

  const keys = (event: KeyboardEvent): void => {
    const at = rows.findIndex(({ id }) => id === active);
    const to: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: Math.max(0, at - 1),
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: rows.length - 1,
    };
    const wanted = to[event.key];
    if (wanted !== undefined) {
      const next = Math.max(0, Math.min(rows.length - 1, wanted));
      setActive(rows[next]?.id ?? null);
      virtual.scrollToIndex(next);
    } else if (event.key === 'Enter' && rows[at]) open(rows[at]);
    else if (event.key === 'p' && !event.ctrlKey && !event.metaKey) pause();
    else return;
    event.preventDefault();
  };

  const items = virtual.getVirtualItems();
  const inSight = active !== null && items.some(({ key }) => key === active);
  const titles = [t.when, t.priority, t.type, t.what, t.state, ui.project];
  return (
    <Paper withBorder className={classes['frame']}>
      <div
        role="grid"
        aria-label={t.list}
        aria-description={t.keys}
        aria-rowcount={rows.length + 1}
        aria-readonly
        tabIndex={0}
        ref={scroll}
        className={classes['scroll']}
        onKeyDown={keys}
        {...(inSight && { 'aria-activedescendant': rowId(active) })}
      >
        <div role="row" aria-rowindex={1} className={`${classes['row']} ${classes['head']}`}>
          {titles.map((title) => (
            <div key={title} role="columnheader">
              {title}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={classes['body']} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start, key }) => {
            const event = rows[index];
            return (
              event && (
                <div
                  key={key}
                  id={rowId(event.id)}
                  role="row"
                  aria-rowindex={index + 2}
                  aria-selected={event.id === active}
                  className={classes['row']}
                  style={{ height, transform: `translateY(${start - head}px)` }}
                  onClick={() => {
                    setActive(event.id);
                    open(event);
                  }}
                >
                  <EventCells event={event} project={projectName(event.project_id)} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </Paper>
  );
}
