import { tellRowChanges } from '#common/bus/row-events.ts';
import { tellsChanges } from '#common/config/common-options.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { glanceMigrations } from './migrations/index.ts';
import { glanceRowEvents } from './row-events.ts';
import type { GlanceTables } from './tables.ts';

interface DatabaseConfig {
  readonly DEFAULT: { readonly notification_driver: readonly string[] };
  readonly database: {
    readonly connection: string;
    readonly max_pool_size: number;
    readonly max_retries: number;
    /** Seconds. */
    readonly retry_interval: number;
  };
}

/**
 * Opens the database of the configuration with its tables up to date. What is changed in it is told on the bus if
 * `notification_driver` says so. @throws StartupError
 */
export async function openGlanceDatabase(
  { DEFAULT, database: conf }: DatabaseConfig,
  { bus, host, log }: Pick<DaemonEnv, 'bus' | 'host' | 'log'>,
): Promise<Database<GlanceTables>> {
  const db = await openDatabase<GlanceTables>(conf.connection, {
    log,
    poolSize: conf.max_pool_size,
    maxRetries: conf.max_retries,
    retryIntervalMs: conf.retry_interval * 1000,
  });
  await db.migrate(glanceMigrations);
  if (!tellsChanges(DEFAULT)) return db;
  return tellRowChanges(db, glanceRowEvents, { bus, publisher: `image.${host}`, log });
}
