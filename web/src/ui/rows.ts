/** A column of a table: what it shows, filters and sorts by. */
export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** What is filtered and sorted by; also what is shown when there is no `cell`. */
  readonly value: (item: T) => string | number | null;
  readonly cell?: (item: T) => React.ReactNode;
  /** A grid track: `minmax(6rem, 1fr)` unless given. */
  readonly width?: string;
}

export interface Sort {
  readonly column: string;
  readonly down: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Items in whose columns (or id) every word of `text` is found. */
export function filterRows<T extends { readonly id: string }>(
  items: readonly T[],
  columns: readonly Column<T>[],
  text: string,
): readonly T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter((item) => {
    const shown = `${columns.map((column) => column.value(item) ?? '').join('\n')}\n${item.id}`.toLowerCase();
    return words.every((word) => shown.includes(word));
  });
}

/** Numbers by size, texts as people sort them (`web-2` before `web-10`), nothing last. */
export function sortRows<T>(items: readonly T[], columns: readonly Column<T>[], sort: Sort | null): readonly T[] {
  const column = sort && columns.find(({ id }) => id === sort.column);
  if (!column) return items;
  const sign = sort.down ? -1 : 1;
  return items.toSorted((a, b) => {
    const x = column.value(a);
    const y = column.value(b);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y)));
  });
}
