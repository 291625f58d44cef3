import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { CinderConfig } from './config.ts';
import { cinderMigrations } from './migrations/index.ts';
import type { CinderTables } from './tables.ts';

interface Shared {
  readonly opening: Promise<Database<CinderTables>>;
  users: number;
}

/**
 * Databases that daemons of this process have open. Two connections of one process to one SQLite file would wait for each
 * other's transactions inside one event loop, which is for ever; so daemons of one process share.
 */
const open = new Map<string, Shared>();

/**
 * Opens Cinder's database, brings its tables up to date, and gives it to every daemon of the process that asks for it.
 * It is closed when the last of them has closed it.
 * @throws StartupError
 */
export async function openCinderDatabase(
  conf: Pick<CinderConfig, 'database'>,
  { log, clock }: { readonly log: Logger; readonly clock: Clock },
): Promise<Database<CinderTables>> {
  const { connection, max_pool_size: poolSize, max_retries: maxRetries, retry_interval: seconds } = conf.database;
  let shared = open.get(connection);
  if (!shared) {
    const opening = openDatabase<CinderTables>(connection, {
      log,
      poolSize,
      maxRetries,
      retryIntervalMs: seconds * 1000,
    }).then(async (db) => {
      await db.migrate(cinderMigrations(db.dialect, clock)).catch(async (error: unknown) => {
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
  let db: Database<CinderTables>;
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
}
