import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';

/** How many prepared statements one connection keeps. A service has a few hundred different ones. */
const kept = 500;

interface Prepared {
  readonly statement: StatementSync;
  /** Whether it answers rows (select, returning, pragma). */
  readonly reads: boolean;
}

/** One SQLite connection that prepares each statement once. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #cache = new Map<string, Prepared>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run<R>(query: CompiledQuery): QueryResult<R> {
    const { statement, reads } = this.#prepare(query.sql);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (reads) return { rows: statement.all(...parameters) as R[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  close(): void {
    this.#cache.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): Prepared {
    const found = this.#cache.get(sql);
    if (found) {
      this.#cache.delete(sql); // the least recently used is the first in the map
      this.#cache.set(sql, found);
      return found;
    }
    const statement = this.#db.prepare(sql);
    const prepared = { statement, reads: statement.columns().length > 0 };
    if (this.#cache.size >= kept) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
    this.#cache.set(sql, prepared);
    return prepared;
  }
}
