import { tellRowChanges } from '#common/bus/row-events.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { WatchedDatabase } from '#common/db/row-watch.ts';
import { sharedDatabase } from '#common/db/shared.ts';
import { novaMigrations } from './migrations/index.ts';
import { novaRowEvents } from './row-events.ts';
import type { NovaTables } from './tables.ts';

const openShared = sharedDatabase<NovaTables>(novaMigrations);

/**
 * Opens Nova's database, brings its tables up to date, and gives it to every daemon of the process that asks for it; what they
 * change in it is told on the bus. @throws StartupError
 */
export async function openNovaDatabase(
  conf: Parameters<typeof openShared>[0],
  env: Pick<DaemonEnv, 'bus' | 'host' | 'log' | 'clock'>,
): Promise<WatchedDatabase<NovaTables>> {
  const publisher = `compute.${env.host}`;
  return tellRowChanges(await openShared(conf, env), novaRowEvents, { bus: env.bus, publisher, log: env.log });
}
