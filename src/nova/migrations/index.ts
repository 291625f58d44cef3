import { isoMicros, type Clock } from '#common/clock.ts';
import type { Dialect, Migration } from '#common/db/database.ts';
import { initial } from './0001-initial.ts';
import { blockDevices } from './0002-block-devices.ts';
import { moves } from './0003-moves.ts';
import { otherApis } from './0004-other-apis.ts';
import { operationsApi } from './0005-operations-api.ts';

/** Nova's migrations in order; a name is never changed once released. */
export const novaMigrations = (dialect: Dialect, clock: Clock): Readonly<Record<string, Migration>> => ({
  '0001-initial': initial(dialect, () => isoMicros(clock.now())),
  '0002-block-devices': blockDevices,
  '0003-moves': moves(dialect),
  '0004-other-apis': otherApis(dialect),
  '0005-operations-api': operationsApi,
});
