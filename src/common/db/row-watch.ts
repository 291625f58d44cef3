import type { Kysely } from 'kysely';
import type { Logger } from '../telemetry/log.ts';
import type { Database } from './database.ts';
import { RowMemory, type WatchedTable } from './row-memory.ts';
import { tableRead, writtenBy, type Conditions, type RowValues, type Written } from './written-rows.ts';

export type { WatchedTable } from './row-memory.ts';
export type { RowValues } from './written-rows.ts';

/** A row that was written, after the commit. */
export interface RowChange {
  readonly table: string;
  readonly kind: 'insert' | 'update' | 'delete';
  /** The row as it was when this process last saw it; null when it never did. */
  readonly before: RowValues | null;
  /** What is known of the row now; of a deleted one, what was known of it. */
  readonly row: RowValues;
  /** Columns that were written. */
  readonly written: readonly string[];
}

export interface RowWatchOptions {
  readonly tables: Readonly<Record<string, WatchedTable>>;
  /** Hears the changes of a transaction, or of a single statement, once they are committed. */
  readonly heard: (changes: readonly RowChange[]) => void;
  readonly log: Logger;
}

/** A database that tells of what is written through it, without a query of its own. */
export interface WatchedDatabase<Tables> extends Database<Tables> {
  /** What is remembered of a table's rows. @throws Error for a table that is not watched */
  remembered(table: string): RowMemory;
}

/** One memory for all daemons of a process that share a database. */
const memories = new WeakMap<object, Map<string, RowMemory>>();

/**
 * Watches what goes through a database: every insert, update and delete of the named tables that our rows functions make
 * (`where` by equality) is told after its commit, with the columns that were remembered from reading the row before. It is the
 * one place where all changes of a service pass, so nothing that changes a state can forget to say so.
 */
export function watchRows<Tables>(database: Database<Tables>, options: RowWatchOptions): WatchedDatabase<Tables> {
  const memory = memories.get(database.query) ?? new Map<string, RowMemory>();
  memories.set(database.query, memory);
  for (const [name, table] of Object.entries(options.tables))
    if (!memory.has(name)) memory.set(name, new RowMemory(table));

  const flush = (batch: Batch): void => {
    try {
      const changes = batch.end();
      if (changes.length > 0) options.heard(changes);
    } catch (error) {
      options.log.error('A change in the database was not told', error);
    }
  };
  const alone = pluginOf<Tables>(memory, (drafts) => {
    const batch = new Batch(memory);
    batch.add(drafts);
    flush(batch);
  });
  return {
    dialect: database.dialect,
    query: database.query.withPlugin(alone),
    async transaction(work) {
      let batch = new Batch(memory);
      const result = await database.transaction((trx) => {
        // The transaction may be repeated: what an earlier attempt wrote never happened.
        batch = new Batch(memory);
        const own = batch;
        return work(trx.withPlugin(pluginOf<Tables>(memory, (drafts) => own.add(drafts))));
      });
      flush(batch);
      return result;
    },
    migrate: (migrations) => database.migrate(migrations),
    close: () => database.close(),
    remembered(table) {
      const one = memory.get(table);
      if (!one) throw new Error(`The table ${table} is not watched`);
      return one;
    },
  };
}

type Memory = ReadonlyMap<string, RowMemory>;

interface Draft {
  readonly table: string;
  readonly kind: RowChange['kind'];
  /** Undefined for a new row whose key the database makes. */
  readonly key: string | undefined;
  readonly before: RowValues | null;
  readonly row: RowValues;
  readonly written: readonly string[];
  /** Written whether or not anything differs: told only when something does. */
  readonly upsert: boolean;
}

type Plugin<Tables> = Parameters<Kysely<Tables>['withPlugin']>[0];

function pluginOf<Tables>(memory: Memory, wrote: (drafts: readonly Draft[]) => void): Plugin<Tables> {
  // Between a statement and its answer. What was before is looked up when the statement is made: by the time of the answer others
  // may have read the row as it is now.
  const drafts = new WeakMap<object, readonly Draft[]>();
  const reads = new WeakMap<object, RowMemory>();
  return {
    transformQuery({ node, queryId }) {
      const written = writtenBy(node);
      const watched = memory.get(written?.table ?? tableRead(node) ?? '');
      if (watched && written) drafts.set(queryId, draftsOf(written, watched));
      else if (watched) reads.set(queryId, watched);
      return node;
    },
    async transformResult({ queryId, result }) {
      const read = reads.get(queryId);
      if (read) for (const row of result.rows) read.see(row);
      const made = drafts.get(queryId);
      if (made && (result.numAffectedRows ?? BigInt(result.rows.length)) > 0n)
        wrote(made.map((draft) => withNewKey(draft, memory, made.length === 1 ? result.insertId : undefined)));
      return result;
    },
  };
}

/** A number that the database gave to a new row. PostgreSQL does not say it: there the key shows when the row is read. */
function withNewKey(draft: Draft, memory: Memory, insertId: bigint | undefined): Draft {
  const { key: columns = [] } = memory.get(draft.table)?.table ?? {};
  const [column] = columns;
  if (draft.kind !== 'insert' || draft.key !== undefined || insertId === undefined || columns.length !== 1)
    return draft;
  return { ...draft, key: String(insertId), row: { ...draft.row, [column as string]: Number(insertId) } };
}

function draftsOf(written: Written, memory: RowMemory): readonly Draft[] {
  const { table } = written;
  if (written.kind === 'insert') {
    return written.rows.map((row) => {
      const key = memory.keyOf(row);
      const before = (key === undefined ? undefined : memory.get(key)) ?? null;
      const { upsert } = written;
      if (!upsert || !before)
        return { table, kind: 'insert', key, before: null, row, written: Object.keys(row), upsert: false };
      // Of a row that is there already only the named columns change, to what the new row would have had.
      const change = Object.fromEntries(upsert.columns.map((column) => [column, row[column]]));
      return { table, kind: 'update', key, before, row: change, written: upsert.columns, upsert: true };
    });
  }
  const { where } = written;
  const named = Object.fromEntries(
    [...where.columns].filter(([, values]) => values.length === 1).map(([column, [value]]) => [column, value]),
  );
  const keys = memory.keysOf(where);
  const update = written.kind === 'update' ? written.update : { columns: [], values: {} };
  const draft = (key: string | undefined): Draft => ({
    table,
    kind: written.kind,
    key,
    before: (key === undefined ? undefined : memory.get(key)) ?? null,
    row: { ...keyColumn(memory, where, key), ...named, ...update.values },
    written: update.columns,
    upsert: false,
  });
  if (keys.length > 0) return keys.map(draft);
  // Rows that nobody here has seen: at least what the statement says of them.
  return where.whole ? [draft(undefined)] : [];
}

/** A key of one column names its row where the statement names several. */
function keyColumn({ table }: RowMemory, where: Conditions, key: string | undefined): RowValues {
  const [column] = table.key;
  const value = column === undefined ? undefined : where.columns.get(column)?.find((one) => String(one) === key);
  return table.key.length === 1 && value !== undefined ? { [column as string]: value } : {};
}

/** What a transaction has written so far: one change for each row. */
class Batch {
  readonly #memory: Memory;
  readonly #drafts = new Map<string, Draft>();
  #unnamed = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  add(drafts: readonly Draft[]): void {
    for (const draft of drafts) {
      const name = draft.key === undefined ? `? ${this.#unnamed++}` : `${draft.table} ${draft.key}`;
      const earlier = this.#drafts.get(name);
      const both = earlier ? merged(earlier, draft) : draft;
      if (both) this.#drafts.set(name, both);
      else this.#drafts.delete(name);
    }
  }

  /** Remembers what was written. @returns what is to be told */
  end(): readonly RowChange[] {
    return [...this.#drafts.values()].flatMap((draft) => {
      const memory = this.#memory.get(draft.table) as RowMemory;
      // The key that the database made is known if the row was read since.
      const read = draft.key === undefined && draft.kind === 'insert' ? memory.find(draft.row) : undefined;
      const row = { ...draft.before, ...read, ...draft.row };
      const key = draft.key ?? memory.keyOf(row);
      if (draft.kind !== 'delete') memory.see(row);
      else if (key !== undefined) memory.forget(key);
      const { table, kind, before, written } = draft;
      return isTold(draft, memory.table) ? [{ table, kind, before, row, written }] : [];
    });
  }
}

function isTold({ kind, before, row, written, upsert }: Draft, { tell }: WatchedTable): boolean {
  if (kind !== 'update') return true;
  const columns = written.filter((column) => tell.includes(column));
  return upsert ? columns.some((column) => before?.[column] !== row[column]) : columns.length > 0;
}

/** Two changes of one row in one transaction; null when nothing is left of them. */
function merged(first: Draft, second: Draft): Draft | null {
  if (second.kind === 'delete') return first.kind === 'insert' ? null : { ...second, before: first.before };
  const written = [...new Set([...first.written, ...second.written])];
  const row = { ...first.row, ...second.row };
  if (first.kind === 'delete') return { ...second, kind: 'update', before: first.before, written, row, upsert: false };
  return { ...first, written, row, upsert: first.upsert && second.upsert };
}
