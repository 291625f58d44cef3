import type { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, type Dialect as KyselyDialect, type Transaction } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { StartupError } from '../daemon.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Database, Dialect } from './database.ts';
import { isDiskFull, isConnectionLost, isTransient } from './errors.ts';

/** A transaction is tried this often; with the pauses between that is some seconds of bad luck. */
const maxAttempts = 12;

const pauseMs = (attempt: number): number => Math.random() * Math.min(1000, 10 * 2 ** attempt);

/** The transaction that a call chain runs in; `active` until it has ended. */
export interface TransactionScope {
  active: boolean;
}

export interface KyselyDatabaseDeps {
  readonly dialect: Dialect;
  readonly kysely: KyselyDialect;
  readonly log: Logger;
  readonly scopes: AsyncLocalStorage<TransactionScope>;
  /** The URL without its password, for messages. */
  readonly shown: string;
}

/** A Database over one of Kysely's dialects. */
export class KyselyDatabase<Tables> implements Database<Tables> {
  readonly dialect: Dialect;
  readonly query: Kysely<Tables>;
  readonly #log: Logger;
  readonly #scopes: AsyncLocalStorage<TransactionScope>;
  readonly #shown: string;

  constructor(deps: KyselyDatabaseDeps) {
    this.dialect = deps.dialect;
    this.query = new Kysely<Tables>({ dialect: deps.kysely });
    this.#log = deps.log;
    this.#scopes = deps.scopes;
    this.#shown = deps.shown;
  }

  async transaction<R>(work: (trx: Transaction<Tables>) => Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      let ended = false;
      const scope = { active: true };
      try {
        return await this.query.transaction().execute(async (trx) => {
          const result = await this.#scopes.run(scope, () => work(trx));
          ended = true;
          return result;
        });
      } catch (error) {
        // A connection lost during the commit leaves open whether it happened: repeating could do the work twice.
        const again = isTransient(error) || (isConnectionLost(error) && !ended);
        if (!again || attempt >= maxAttempts) throw error;
        this.#log.debug('Repeating a transaction', { attempt, reason: (error as Error).message });
        await sleep(pauseMs(attempt));
      } finally {
        scope.active = false;
      }
    }
  }

  async migrate(migrations: Readonly<Record<string, Migration>>): Promise<readonly string[]> {
    const migrator = new Migrator({
      db: this.query,
      provider: { getMigrations: async () => ({ ...migrations }) },
      migrationTableName: 'igloo_migration',
      migrationLockTableName: 'igloo_migration_lock',
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error) {
      const failed = results.find((result) => result.status === 'Error')?.migrationName;
      throw new StartupError(
        `The database ${this.#shown} could not be brought up to date${failed ? ` (migration ${failed})` : ''}: ` +
          `${error instanceof Error ? error.message : JSON.stringify(error)}. ` +
          (isDiskFull(error)
            ? 'Make room on its disk and start again.'
            : 'Was it made by a newer version, or may this user not create tables?'),
        { cause: error },
      );
    }
    return results.filter((result) => result.status === 'Success').map((result) => result.migrationName);
  }

  async close(): Promise<void> {
    await this.query.destroy();
  }
}
