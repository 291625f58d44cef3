import { tellRowChanges } from '#common/bus/row-events.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { WatchedDatabase } from '#common/db/row-watch.ts';
import { sharedDatabase } from '#common/db/shared.ts';
import { cinderMigrations } from './migrations/index.ts';
import { cinderRowEvents } from './row-events.ts';
import type { CinderTables } from './tables.ts';

const openShared = sharedDatabase<CinderTables>(cinderMigrations);

/**
 * Opens Cinder's database, brings its tables up to date, and gives it to every daemon of the process that asks for it; what they
 * change in it is told on the bus. @throws StartupError
 */
export async function openCinderDatabase(
  conf: Parameters<typeof openShared>[0],
  env: Pick<DaemonEnv, 'bus' | 'host' | 'log' | 'clock'>,
): Promise<WatchedDatabase<CinderTables>> {
  const publisher = `volume.${env.host}`;
  return tellRowChanges(await openShared(conf, env), cinderRowEvents, { bus: env.bus, publisher, log: env.log });
}
