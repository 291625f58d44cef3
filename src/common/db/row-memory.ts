import type { Conditions, RowValues } from './written-rows.ts';

/** A table whose changes are told. */
export interface WatchedTable {
  /** Columns that tell one of its things from another. */
  readonly key: readonly string[];
  /** Columns that are kept in memory of the rows that were read or written last, so that a change can say what was before. */
  readonly remember: readonly string[];
  /** Columns whose writing is told; inserting and deleting always is. */
  readonly tell: readonly string[];
}

/** Rows kept per table: some megabytes. */
const mostRows = 20_000;

/** What this process has last seen of a table's rows: a hint, since others may have changed them. */
export class RowMemory {
  readonly table: WatchedTable;
  readonly #rows = new Map<string, RowValues>();
  readonly #columns: readonly string[];

  constructor(table: WatchedTable) {
    this.table = table;
    this.#columns = [...new Set([...table.key, ...table.remember])];
  }

  get rows(): Iterable<RowValues> {
    return this.#rows.values();
  }

  /** Undefined when a part of the key is not there. */
  keyOf(values: RowValues): string | undefined {
    const { key } = this.table;
    if (key.length === 1) {
      const value = values[key[0] as string];
      return value === undefined ? undefined : String(value);
    }
    const parts = key.map((column) => values[column]);
    return parts.includes(undefined) ? undefined : JSON.stringify(parts);
  }

  get(key: string): RowValues | undefined {
    return this.#rows.get(key);
  }

  /** Takes over what is known of a row. Nothing is allocated for one that is known as it is. */
  see(values: RowValues): void {
    const key = this.keyOf(values);
    if (key === undefined) return;
    const known = this.#rows.get(key);
    const columns = this.#columns;
    if (known && columns.every((column) => values[column] === undefined || values[column] === known[column])) return;
    const row: Record<string, unknown> = { ...known };
    for (const column of columns) if (values[column] !== undefined) row[column] = values[column];
    if (!known && this.#rows.size >= mostRows) this.#rows.delete(this.#rows.keys().next().value as string);
    this.#rows.set(key, row);
  }

  forget(key: string): void {
    this.#rows.delete(key);
  }

  /** Keys of the rows that a statement writes, as far as it names them or they are known here. */
  keysOf({ columns, whole }: Conditions): readonly string[] {
    const { key } = this.table;
    const named = key.map((column) => columns.get(column));
    const [first] = named;
    if (key.length === 1 && first) return first.map(String);
    if (named.every((values) => values?.length === 1)) return [JSON.stringify(named.map((values) => values?.[0]))];
    return whole ? this.#matching(columns) : [];
  }

  /** The row that has all of these values; undefined unless it is known. */
  find(values: RowValues): RowValues | undefined {
    const wanted = Object.entries(values).filter(([column]) => this.#columns.includes(column));
    const [key] = this.#matching(new Map(wanted.map(([column, value]) => [column, [value]])));
    return key === undefined || wanted.length === 0 ? undefined : this.#rows.get(key);
  }

  #matching(columns: ReadonlyMap<string, readonly unknown[]>): readonly string[] {
    const asked = [...columns];
    return [...this.#rows]
      .filter(([, row]) => asked.every(([column, values]) => column in row && values.includes(row[column])))
      .map(([key]) => key);
  }
}
