import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { KeystoneConfig } from './config.ts';
import { currentGeneration, databaseVersion } from './generation-rows.ts';
import { keystoneMigrations } from './migrations/index.ts';
import type { KeystoneTables } from './tables.ts';

/** The database of the configuration. @throws StartupError */
export function openKeystoneDatabase(config: KeystoneConfig, log: Logger): Promise<Database<KeystoneTables>> {
  const { connection, max_pool_size, max_retries, retry_interval } = config.database;
  return openDatabase<KeystoneTables>(connection, {
    log: log.child('db'),
    poolSize: max_pool_size,
    maxRetries: max_retries,
    retryIntervalMs: retry_interval * 1000,
  });
}

/** @throws StartupError when db_sync has not been run */
export async function requireTables(db: Database<KeystoneTables>): Promise<void> {
  try {
    await currentGeneration(db.query);
  } catch (cause) {
    throw new StartupError(
      'Keystone\'s database has no tables yet, or older ones. Run "keystone-manage db_sync" first.',
      { cause },
    );
  }
}

/** @throws StartupError when db_sync has not been run since an upgrade */
export async function requireCurrent(db: Database<KeystoneTables>): Promise<void> {
  const [at, newest] = [await databaseVersion(db.query), Object.keys(keystoneMigrations).length];
  if (at < newest)
    throw new StartupError(
      `Keystone's database is at version ${at}, this program needs ${newest}. Run "keystone-manage db_sync" first.`,
    );
}
