import type { Database } from '#common/db/database.ts';
import type { Health } from '#common/telemetry/health.ts';
import { usageOf } from './images/rows.ts';
import type { GlanceTables } from './tables.ts';

/** Whether the database answers. */
export const databaseHealth =
  (db: Database<GlanceTables>): (() => Promise<Health>) =>
  async () => {
    try {
      await usageOf(db.query, '');
      return { ok: true, detail: ['database: reachable'] };
    } catch (error) {
      return { ok: false, detail: [`database: ${(error as Error).message}`] };
    }
  };
