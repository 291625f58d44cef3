import { isoMicros, type Clock } from '#common/clock.ts';
import type { Dialect, Migration } from '#common/db/database.ts';
import { initial } from './0001-initial.ts';
import { operationsApi } from './0002-operations-api.ts';

/** Cinder's migrations in order; a name is never changed once released. */
export const cinderMigrations = (dialect: Dialect, clock: Clock): Readonly<Record<string, Migration>> => ({
  '0001-initial': initial(dialect, () => isoMicros(clock.now())),
  '0002-operations-api': operationsApi,
});
