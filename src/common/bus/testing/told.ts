import type { Database, Migration } from '../../db/database.ts';
import { openDatabase } from '../../db/open.ts';
import { silentLogger } from '../../telemetry/log.ts';
import type { Notification } from '../bus.ts';
import { createMemoryBus } from '../memory.ts';
import { tellRowChanges, type TableEvents } from '../row-events.ts';

/** What a notification says, as tests compare it. */
export type Said = readonly [type: string, projectId: string | undefined, payload: Notification['payload']];

/** A service's database in memory, whose changes are told as its tables say. */
export async function toldDatabase<Tables>(
  migrations: Readonly<Record<string, Migration>>,
  tables: Readonly<Partial<Record<keyof Tables & string, TableEvents>>>,
) {
  const plain = await openDatabase<Tables>('sqlite://', { log: silentLogger });
  await plain.migrate(migrations);
  const bus = createMemoryBus();
  const said: Said[] = [];
  await bus.subscribe('', ({ eventType, projectId, payload }) => said.push([eventType, projectId, payload]));
  const db: Database<Tables> = tellRowChanges(plain, tables, { bus, publisher: 'test.host', log: silentLogger });
  return {
    db,
    /** What was told since one last asked. */
    async told(): Promise<readonly Said[]> {
      await Promise.resolve();
      return said.splice(0);
    },
    async close() {
      await bus.close();
      await db.close();
    },
  };
}
