import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Database, Dialect, Migration } from './database.ts';
import { openDatabase } from './open.ts';

interface Shared<Tables> {
  readonly opening: Promise<Database<Tables>>;
  users: number;
}

/** Section `[database]` of a service's configuration. */
interface DatabaseConfig {
  readonly connection: string;
  readonly max_pool_size: number;
  readonly max_retries: number;
  /** Seconds. */
  readonly retry_interval: number;
}

/** Opens a service's database for one of its daemons, with its tables up to date. @throws StartupError */
export type OpenShared<Tables> = (
  conf: { readonly database: DatabaseConfig },
  env: { readonly log: Logger; readonly clock: Clock },
) => Promise<Database<Tables>>;

/**
 * One database for all daemons of a service in this process, closed when the last of them has closed it. Two connections of one
 * process to one SQLite file would wait for each other's transactions inside one event loop, which is for ever.
 */
export function sharedDatabase<Tables>(
  migrationsOf: (dialect: Dialect, clock: Clock) => Readonly<Record<string, Migration>>,
): OpenShared<Tables> {
  const open = new Map<string, Shared<Tables>>();
  return async (conf, { log, clock }) => {
    const { connection, max_pool_size: poolSize, max_retries: maxRetries, retry_interval: seconds } = conf.database;
    let shared = open.get(connection);
    if (!shared) {
      const opening = openDatabase<Tables>(connection, {
        log,
        poolSize,
        maxRetries,
        retryIntervalMs: seconds * 1000,
      }).then(async (db) => {
        await db.migrate(migrationsOf(db.dialect, clock)).catch(async (error: unknown) => {
          await db.close();
          throw error;
        });
        return db;
      });
      shared = { opening, users: 0 };
      open.set(connection, shared);
    }
    const mine = shared;
    mine.users++;
    const leave = async (): Promise<boolean> => {
      mine.users--;
      if (mine.users > 0) return false;
      if (open.get(connection) === mine) open.delete(connection);
      return true;
    };
    let db: Database<Tables>;
    try {
      db = await mine.opening;
    } catch (error) {
      await leave();
      throw error;
    }
    let closed = false;
    return {
      dialect: db.dialect,
      query: db.query,
      transaction: (work) => db.transaction(work),
      migrate: (migrations) => db.migrate(migrations),
      async close() {
        if (closed) return;
        closed = true;
        if (await leave()) await db.close();
      },
    };
  };
}
