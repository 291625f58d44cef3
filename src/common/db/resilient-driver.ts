import { setTimeout as sleep } from 'node:timers/promises';
import {
  SelectQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { isConnectionLost } from './errors.ts';

/** Milliseconds to wait before each further attempt to reach a server that restarts. */
const pauses: readonly number[] = [0, 50, 150, 400, 900];

export interface ResilientOptions {
  /** Whether a failed statement did nothing that was not done before: then it has succeeded. */
  readonly harmless?: (error: unknown, query: CompiledQuery) => boolean;
}

/**
 * Over a driver with a pool: a connection that was lost is replaced by a new one. What may be repeated without harm (making
 * the connection, beginning, a read outside a transaction) is repeated here; whole transactions are by `transaction`.
 */
export class ResilientDriver implements Driver {
  readonly #inner: Driver;
  readonly #options: ResilientOptions;
  /** Until the server has been reached once, who opens the database decides whether to wait for it. */
  #reached = false;

  constructor(inner: Driver, options: ResilientOptions = {}) {
    this.#inner = inner;
    this.#options = options;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const acquire = (): Promise<DatabaseConnection> => this.#inner.acquireConnection();
    const connection = await (this.#reached ? retryLost(acquire) : acquire());
    this.#reached = true;
    return new ReplaceableConnection(this.#inner, connection, this.#options);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await (connection as ReplaceableConnection).release();
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await (connection as ReplaceableConnection).begin(settings);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#inner.commitTransaction((connection as ReplaceableConnection).inner);
    (connection as ReplaceableConnection).inTransaction = false;
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const replaceable = connection as ReplaceableConnection;
    replaceable.inTransaction = false;
    try {
      await this.#inner.rollbackTransaction(replaceable.inner);
    } catch (error) {
      // The server has rolled back what it lost the connection of; the first error is the one to hear.
      if (!isConnectionLost(error)) throw error;
    }
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await this.#inner.savepoint?.((connection as ReplaceableConnection).inner, name, compile);
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await this.#inner.rollbackToSavepoint?.((connection as ReplaceableConnection).inner, name, compile);
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await this.#inner.releaseSavepoint?.((connection as ReplaceableConnection).inner, name, compile);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

class ReplaceableConnection implements DatabaseConnection {
  readonly #driver: Driver;
  readonly #options: ResilientOptions;
  #inner: DatabaseConnection | undefined;
  inTransaction = false;

  constructor(driver: Driver, inner: DatabaseConnection, options: ResilientOptions) {
    this.#driver = driver;
    this.#inner = inner;
    this.#options = options;
  }

  get inner(): DatabaseConnection {
    if (!this.#inner) throw new Error('The connection to the database is lost.');
    return this.#inner;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.inTransaction && SelectQueryNode.is(query.query))
      return this.#repeat((connection) => connection.executeQuery<R>(query));
    try {
      return await this.inner.executeQuery<R>(query);
    } catch (error) {
      if (this.#options.harmless?.(error, query)) return { rows: [] };
      throw error;
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }

  async begin(settings: TransactionSettings): Promise<void> {
    await this.#repeat((connection) => this.#driver.beginTransaction(connection, settings));
    this.inTransaction = true;
  }

  async release(): Promise<void> {
    const inner = this.#inner;
    this.#inner = undefined;
    if (inner) await this.#driver.releaseConnection(inner);
  }

  #repeat<T>(work: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    return retryLost(async () => {
      this.#inner ??= await this.#driver.acquireConnection();
      try {
        return await work(this.#inner);
      } catch (error) {
        if (isConnectionLost(error)) await this.release(); // the pool throws a dead one away
        throw error;
      }
    });
  }
}

async function retryLost<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await sleep(pause);
    }
  }
  return work();
}
