import type { Bus } from '#common/bus/bus.ts';
import type { Database } from '#common/db/database.ts';
import { healthOf, type Health } from '#common/telemetry/health.ts';
import { usageOf } from './images/rows.ts';
import type { GlanceTables } from './tables.ts';

/** What a daemon of Glance depends on. */
export const glanceHealth =
  (db: Database<GlanceTables>, bus: Bus): (() => Promise<Health>) =>
  () =>
    healthOf({ database: () => usageOf(db.query, ''), bus });
