import type { AsyncLocalStorage } from 'node:async_hooks';
import {
  CompiledQuery,
  SelectQueryNode,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { TransactionScope } from '../kysely-database.ts';
import { Mutex } from '../mutex.ts';
import type { Statements } from './statements.ts';

export interface SqliteConnections {
  readonly writer: Statements;
  /** A second connection that sees only what is committed; none for a database in memory. */
  readonly reader: Statements | undefined;
}

/**
 * Lets many asynchronous callers share SQLite's one writing connection: a transaction holds it from begin to end, other
 * writes wait their turn, and reads outside a transaction go to the reading connection at once.
 */
export class SqliteDriver implements Driver {
  readonly #connections: SqliteConnections;
  readonly #turn = new Mutex();
  readonly #scopes: AsyncLocalStorage<TransactionScope>;

  /** @param scopes tells whether the running call chain is inside a transaction, to find a wait for oneself */
  constructor(connections: SqliteConnections, scopes: AsyncLocalStorage<TransactionScope>) {
    this.#connections = connections;
    this.#scopes = scopes;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SharedConnection(this.#connections, () => this.#takeTurn());
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SharedConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SharedConnection).end('commit');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SharedConnection).end('rollback');
  }

  async savepoint(
    connection: DatabaseConnection,
    name: string,
    _compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint "${name.replaceAll('"', '""')}"`));
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    _compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to "${name.replaceAll('"', '""')}"`));
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    _compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release "${name.replaceAll('"', '""')}"`));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as SharedConnection).abandon();
  }

  async destroy(): Promise<void> {
    const release = await this.#turn.acquire();
    this.#connections.reader?.close();
    this.#connections.writer.close();
    release();
  }

  async #takeTurn(): Promise<() => void> {
    if (this.#scopes.getStore()?.active) {
      throw new Error(
        'A statement outside the running transaction would wait for that transaction for ever. Pass the transaction on to it.',
      );
    }
    return this.#turn.acquire();
  }
}

/** What Kysely holds while it runs one query or one transaction. */
class SharedConnection implements DatabaseConnection {
  readonly #connections: SqliteConnections;
  readonly #takeTurn: () => Promise<() => void>;
  #release: (() => void) | undefined;

  constructor(connections: SqliteConnections, takeTurn: () => Promise<() => void>) {
    this.#connections = connections;
    this.#takeTurn = takeTurn;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { reader, writer } = this.#connections;
    if (this.#release) return writer.run<R>(query);
    if (reader && SelectQueryNode.is(query.query)) return reader.run<R>(query);
    const release = await this.#takeTurn();
    try {
      return writer.run<R>(query);
    } finally {
      release();
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  async begin(): Promise<void> {
    const release = await this.#takeTurn();
    try {
      // Immediate: a transaction that begins as a reader and then writes would fail when another process wrote meanwhile.
      this.#connections.writer.exec('begin immediate');
    } catch (error) {
      release();
      throw error;
    }
    this.#release = release;
  }

  end(how: 'commit' | 'rollback'): void {
    try {
      this.#connections.writer.exec(how);
    } catch (error) {
      // A full disk makes SQLite roll back by itself: what the caller must hear of is the disk.
      if (how === 'commit' || !/no transaction is active/.test((error as Error).message)) throw error;
    }
    this.#release?.();
    this.#release = undefined;
  }

  /** Given back: a transaction that could not even be rolled back (disk full) must not keep the others waiting. */
  abandon(): void {
    if (!this.#release) return;
    try {
      this.#connections.writer.exec('rollback');
    } catch {
      // SQLite had rolled it back by itself
    }
    this.#release();
    this.#release = undefined;
  }
}
