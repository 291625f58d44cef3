import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, type Ref } from 'react';
import classes from './log.module.css';

export interface LogViewHandle {
  /** Brings a line into view. */
  readonly show: (line: number) => void;
  readonly toEnd: () => void;
}

const LINE = 18;
/** So near to the end counts as at the end, px. */
const NEAR = 30;

/** Lines of a log, however many; at the end it stays at the end, elsewhere it stays where the reader is. */
export function LogView({
  lines,
  label,
  hits,
  current,
  ref,
}: {
  readonly lines: readonly string[];
  readonly label: string;
  /** Lines that are found. */
  readonly hits: readonly number[];
  readonly current: number | null;
  readonly ref: Ref<LogViewHandle>;
}) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 30,
  });
  const found = useMemo(() => new Set(hits), [hits]);
  const toEnd = (): void => {
    atEnd.current = true;
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useImperativeHandle(ref, () => ({
    show(line) {
      atEnd.current = false;
      virtual.scrollToIndex(line, { align: 'center' });
    },
    toEnd,
  }));
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [lines]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);
  const items = virtual.getVirtualItems();
  return (
    <div ref={box} className={classes['view']} tabIndex={0} role="region" aria-label={label}>
      <div className={classes['sheet']} style={{ height: virtual.getTotalSize() }}>
        <div className={classes['window']} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
          {items.map(({ index, key }) => (
            <div
              key={key}
              className={`${classes['line']} ${found.has(index) ? classes['hit'] : ''} ${index === current ? classes['current'] : ''}`}
            >
              {lines[index]}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
