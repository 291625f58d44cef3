import { Alert, Button, Checkbox, Group, Loader, Paper, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useText } from '#i18n/catalogue.ts';
import { ActionButton, ActionMenu, offered, type Action } from './action.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { filterRows, sortRows, type Column, type Sort } from './rows.ts';
import { uiTexts } from './texts.ts';
import { useUrlText } from './use-url-text.ts';
import classes from './resource-table.module.css';

export type { Column } from './rows.ts';

export interface ResourceTableProps<T extends { readonly id: string }> {
  /** What the rows are, for screen readers: `Instances`. */
  readonly label: string;
  /** A query's answer: `useList(…)`. */
  readonly query: {
    readonly data: readonly T[] | undefined;
    readonly error: unknown;
    readonly refetch?: () => unknown;
  };
  readonly columns: readonly Column<T>[];
  readonly nameOf: (item: T) => string;
  /** The page of one; its first column is then a link. */
  readonly linkOf?: (item: T) => string | null;
  readonly actions?: readonly Action<T>[];
  /** Shown when there are none at all: what these things are for, and a button that makes the first. */
  readonly empty?: ReactNode;
  /** More filters, beside the text. */
  readonly tools?: ReactNode;
  readonly initialSort?: Sort;
  /** Another name for the filter in the address when a screen has two tables. */
  readonly urlName?: string;
}

const ROW = 44;

/** A live list: filtered as one types, sorted, selected, acted upon; ten thousand rows scroll like ten. */
export function ResourceTable<T extends { readonly id: string }>(props: ResourceTableProps<T>) {
  const { label, query, columns, nameOf, linkOf, actions = [], empty, tools, initialSort, urlName = 'q' } = props;
  const t = useText(uiTexts);
  const [text, setText] = useUrlText(urlName);
  const wanted = useDeferredValue(text);
  const [sort, setSort] = useState<Sort | null>(initialSort ?? null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const all = query.data;
  const rows = useMemo(
    () => sortRows(filterRows(all ?? [], columns, wanted), columns, sort),
    [all, columns, wanted, sort],
  );
  const chosen = useMemo(() => (all ?? []).filter(({ id }) => selected.has(id)), [all, selected]);
  const bulk = actions.filter((action) => action.many);
  const input = useRef<HTMLInputElement>(null);
  useSlash(input);

  const toggle = useCallback(
    (id: string) =>
      setSelected((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  if (query.error != null && !all)
    return <ErrorNotice error={query.error} {...(query.refetch && { retry: query.refetch })} />;
  if (!all)
    return (
      <Group role="status">
        <Loader size="sm" />
        <Text>{t.loading}</Text>
      </Group>
    );
  if (all.length === 0 && empty !== undefined && tools === undefined) return <>{empty}</>;
  return (
    <Stack gap="xs">
      {query.error != null && <ErrorNotice error={query.error} />}
      <Group gap="xs" className={classes['bar']}>
        <TextInput
          ref={input}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          placeholder={t.filterHint}
          aria-label={t.filter}
          w={280}
        />
        {tools}
        <Text size="sm" c="dimmed" role="status">
          {t.shown(rows.length, all.length)}
        </Text>
        {chosen.length > 0 && (
          <Group gap="xs" role="toolbar" aria-label={t.selected(chosen.length)}>
            <Text size="sm" fw={600}>
              {t.selected(chosen.length)}
            </Text>
            {offered(bulk, chosen).map((action) => (
              <ActionButton key={action.id} action={action} items={chosen} />
            ))}
          </Group>
        )}
      </Group>
      {rows.length === 0 ? (
        <Alert color="gray" variant="light">
          <Group>
            <Text size="sm">{all.length === 0 ? t.nothing : t.nothingFits}</Text>
            {text !== '' && (
              <Button size="compact-sm" variant="default" onClick={() => setText('')}>
                {t.clearFilter}
              </Button>
            )}
          </Group>
        </Alert>
      ) : (
        <Rows
          label={label}
          rows={rows}
          columns={columns}
          nameOf={nameOf}
          linkOf={linkOf}
          actions={actions}
          selectable={bulk.length > 0}
          selected={selected}
          toggle={toggle}
          toggleAll={(on) => setSelected(on ? new Set(rows.map(({ id }) => id)) : new Set())}
          sort={sort}
          setSort={setSort}
        />
      )}
    </Stack>
  );
}

interface RowsProps<T extends { readonly id: string }> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly nameOf: (item: T) => string;
  readonly linkOf: ((item: T) => string | null) | undefined;
  readonly actions: readonly Action<T>[];
  readonly selectable: boolean;
  readonly selected: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
  readonly toggleAll: (on: boolean) => void;
  readonly sort: Sort | null;
  readonly setSort: (sort: Sort | null) => void;
}

function Rows<T extends { readonly id: string }>(props: RowsProps<T>) {
  const { label, rows, columns, nameOf, actions, selectable, selected, toggleAll, sort, setSort } = props;
  const t = useText(uiTexts);
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(body.current?.offsetTop ?? 0), [rows.length === 0]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW,
    overscan: 12,
    // The rows beyond the edges bridge a frame: a scroll need not wait until new ones are drawn.
    useFlushSync: false,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const tracks = [
    ...(selectable ? ['2.25rem'] : []),
    ...columns.map(({ width = 'minmax(6rem, 1fr)' }) => width),
    ...(actions.length > 0 ? ['2.5rem'] : []),
  ].join(' ');

  /** Up and down go from name to name, also to rows that are not drawn yet. */
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (step === undefined || !row || !(event.target as Element).matches('[data-row-name]')) return;
    const next = Number(row.dataset['index']) + step;
    if (next < 0 || next >= rows.length) return;
    event.preventDefault();
    virtual.scrollToIndex(next);
    requestAnimationFrame(() =>
      body.current
        ?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row-name]`)
        ?.focus({ preventScroll: true }),
    );
  };

  return (
    <Paper withBorder className={classes['frame']}>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        className={classes['table']}
        style={{ '--tracks': tracks } as React.CSSProperties}
        onKeyDown={move}
      >
        <div role="row" aria-rowindex={1} className={`${classes['row']} ${classes['head']}`}>
          {selectable && (
            <div role="columnheader">
              <Checkbox
                size="xs"
                aria-label={t.selectAll}
                checked={rows.length > 0 && rows.every(({ id }) => selected.has(id))}
                indeterminate={selected.size > 0 && !rows.every(({ id }) => selected.has(id))}
                onChange={(event) => toggleAll(event.currentTarget.checked)}
              />
            </div>
          )}
          {columns.map((column) => (
            <HeadCell key={column.id} column={column} sort={sort} setSort={setSort} />
          ))}
          {actions.length > 0 && (
            <div role="columnheader">
              <span className="visually-hidden">{t.actions}</span>
            </div>
          )}
        </div>
        <div role="rowgroup" ref={body} className={classes['body']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const item = rows[index];
            if (!item) return null;
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={selectable ? selected.has(item.id) : undefined}
                data-index={index}
                ref={virtual.measureElement}
                className={classes['row']}
                style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
              >
                <Row item={item} {...props} name={nameOf(item)} chosen={selected.has(item.id)} />
              </div>
            );
          })}
        </div>
      </div>
    </Paper>
  );
}

function HeadCell<T>({
  column,
  sort,
  setSort,
}: {
  readonly column: Column<T>;
  readonly sort: Sort | null;
  readonly setSort: (sort: Sort | null) => void;
}) {
  const t = useText(uiTexts);
  const mine = sort?.column === column.id ? sort : null;
  const next: Sort | null = !mine
    ? { column: column.id, down: false }
    : mine.down
      ? null
      : { column: column.id, down: true };
  return (
    <div role="columnheader" aria-sort={mine ? (mine.down ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton className={classes['sort']} onClick={() => setSort(next)} title={t.sortBy(column.title)}>
        {column.title}
        {mine && (mine.down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
      </UnstyledButton>
    </div>
  );
}

/** Drawn again only when the item itself has changed. */
const Row = memo(function Row<T extends { readonly id: string }>({
  item,
  columns,
  name,
  linkOf,
  actions,
  selectable,
  toggle,
  chosen,
}: RowsProps<T> & { readonly item: T; readonly name: string; readonly chosen: boolean }) {
  const t = useText(uiTexts);
  const to = linkOf?.(item) ?? null;
  return (
    <>
      {selectable && (
        <div role="cell">
          <Checkbox size="xs" aria-label={t.selectRow(name)} checked={chosen} onChange={() => toggle(item.id)} />
        </div>
      )}
      {columns.map((column, at) => {
        const content = column.cell ? column.cell(item) : (column.value(item) ?? '–');
        return (
          <div role="cell" key={column.id} data-title={column.title} className={classes['cell']}>
            {at > 0 ? (
              content
            ) : to !== null ? (
              <Link to={to} data-row-name className={classes['name'] ?? ''}>
                {content}
              </Link>
            ) : (
              <span data-row-name tabIndex={-1} className={classes['name']}>
                {content}
              </span>
            )}
          </div>
        );
      })}
      {actions.length > 0 && (
        <div role="cell" className={classes['menu']}>
          <ActionMenu actions={actions} items={[item]} label={name} />
        </div>
      )}
    </>
  );
}, sameRow) as <T extends { readonly id: string }>(
  props: RowsProps<T> & { readonly item: T; readonly name: string; readonly chosen: boolean },
) => ReactNode;

function sameRow(
  a: { readonly item: unknown; readonly chosen: boolean; readonly columns: unknown; readonly actions: unknown },
  b: { readonly item: unknown; readonly chosen: boolean; readonly columns: unknown; readonly actions: unknown },
): boolean {
  return a.item === b.item && a.chosen === b.chosen && a.columns === b.columns && a.actions === b.actions;
}

/** `/` goes to the filter. */
function useSlash(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent): void => {
      const at = event.target as HTMLElement;
      if (
        event.key !== '/' ||
        event.ctrlKey ||
        event.metaKey ||
        at.matches('input, textarea, select, [contenteditable]')
      )
        return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [input]);
}
