import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Dialect as KyselyDialect } from 'kysely';
import { StartupError } from '../daemon.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Database } from './database.ts';
import { isConnectionLost } from './errors.ts';
import { KyselyDatabase, type TransactionScope } from './kysely-database.ts';
import { mysqlDialect } from './mysql.ts';
import { postgresqlDialect } from './postgresql.ts';
import { sqliteDialect } from './sqlite/dialect.ts';
import { openSqlite } from './sqlite/open.ts';
import { parseDatabaseUrl, type DatabaseUrl } from './url.ts';

export interface OpenOptions {
  readonly log: Logger;
  /** The most connections to a database server at a time; 10 unless given. */
  readonly poolSize?: number;
  /** How often to try again when the server cannot be reached; -1 for ever, 0 unless given (`[database] max_retries`). */
  readonly maxRetries?: number;
  /** Milliseconds between tries; 10 000 unless given. */
  readonly retryIntervalMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens a service's database and makes sure that it answers.
 * @param url `sqlite:////abs/path`, `sqlite:///relative`, `sqlite://` (in memory), `mysql://…`, `postgresql://…`
 * @throws StartupError saying what is wrong with it and what to do
 */
export async function openDatabase<Tables>(url: string, options: OpenOptions): Promise<Database<Tables>> {
  const parts = parseDatabaseUrl(url);
  const { log, maxRetries = 0, retryIntervalMs = 10_000, signal } = options;
  const scopes = new AsyncLocalStorage<TransactionScope>();
  const kysely = dialectOf(parts, options, scopes);
  const database = new KyselyDatabase<Tables>({ dialect: parts.dialect, kysely, log, scopes, shown: parts.shown });
  for (let attempt = 0; ; attempt++) {
    try {
      await sql`select 1`.execute(database.query);
      return database;
    } catch (error) {
      if (isConnectionLost(error) && (maxRetries < 0 || attempt < maxRetries)) {
        log.warn(`The database ${parts.shown} cannot be reached; trying again in ${retryIntervalMs / 1000} s`, error);
        await sleep(retryIntervalMs, undefined, signal && { signal });
        continue;
      }
      await database.close().catch(() => undefined);
      throw new StartupError(explain(parts, error), { cause: error });
    }
  }
}

function dialectOf(
  parts: DatabaseUrl,
  { log, poolSize = 10 }: OpenOptions,
  scopes: AsyncLocalStorage<TransactionScope>,
): KyselyDialect {
  switch (parts.dialect) {
    case 'sqlite':
      return sqliteDialect(openSqlite(parts.database), scopes);
    case 'mysql':
      return mysqlDialect(parts, poolSize);
    case 'postgresql':
      return postgresqlDialect(parts, poolSize, log);
  }
}

function explain(parts: DatabaseUrl, error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const user = parts.user ?? '';
  const name = parts.database ?? '';
  const why = message === undefined || message === '' ? String(code) : message; // a failed connect to several addresses has no message
  if (
    code === 'ER_ACCESS_DENIED_ERROR' ||
    code === 'ER_DBACCESS_DENIED_ERROR' ||
    code === '28P01' ||
    code === '28000'
  ) {
    return `The database server refuses ${parts.shown}: ${why}. Correct user and password in [database] connection, or grant ${user} access to ${name}.`;
  }
  if (code === 'ER_BAD_DB_ERROR' || code === '3D000') {
    return `There is no database ${name} at ${parts.shown}. Create it (CREATE DATABASE ${name}) and grant ${user} access.`;
  }
  if (isConnectionLost(error) || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `The database ${parts.shown} cannot be reached: ${why}. Start the database server, or correct [database] connection.`;
  }
  return `The database ${parts.shown} cannot be used: ${why}. Correct [database] connection.`;
}
