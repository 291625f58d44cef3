import { expect, it } from 'vitest';
import { isoMicros, systemClock } from '../clock.ts';
import { openDatabase } from '../db/open.ts';
import { silentLogger } from '../telemetry/log.ts';
import { purgeOperations } from './purge.ts';
import { beginStep, insertOperation, setOperationStatus } from './rows.ts';
import { createOperationTables, extendOperationTables, type OperationTables } from './tables.ts';

it('removes what ended long ago, with its steps, and nothing that is still to be done', async () => {
  const db = await openDatabase<OperationTables>('sqlite://', { log: silentLogger });
  try {
    await db.migrate({
      '0001': { up: (kysely) => createOperationTables(kysely) },
      '0002': { up: (kysely) => extendOperationTables(kysely) },
    });
    const ago = (days: number): string => isoMicros(new Date(Date.now() - days * 86_400_000));
    const add = async (id: string, status: 'running' | 'succeeded' | 'failed', days: number): Promise<void> => {
      const who = { requestId: 'req', projectId: 'p', userId: 'u', resourceId: id };
      await insertOperation(db.query, { ...who, id, kind: 'k', action: 'a', owner: 'o', input: {}, now: ago(days) });
      await beginStep(db.query, id, 0, 'one', ago(days));
      await setOperationStatus(db.query, id, status, null, status === 'running' ? null : ago(days));
    };
    for (let index = 0; index < 1203; index++) await add(`old${index}`, index % 2 ? 'succeeded' : 'failed', 31);
    await add('stuck', 'running', 90);
    await add('young', 'succeeded', 29);
    const deps = { db, clock: systemClock, log: silentLogger };
    expect(await purgeOperations({ ...deps, days: 0 })).toBe(0);
    expect(await purgeOperations({ ...deps, days: 30 })).toBe(1203);
    const left = await db.query.selectFrom('operations').select('id').orderBy('id').execute();
    expect(left.map((row) => row.id)).toEqual(['stuck', 'young']);
    const steps = await db.query.selectFrom('operation_steps').select('operation_id').orderBy('operation_id').execute();
    expect(steps.map((row) => row.operation_id)).toEqual(['stuck', 'young']);
  } finally {
    await db.close();
  }
});
