import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open.ts';
import { randomIds } from '../ids.ts';
import { silentLogger } from '../telemetry/log.ts';
import { anyOperation, type OperationDefinition } from './operation.ts';
import { operationsOf } from './rows.ts';
import { createOperationRunner, type OperationRunner } from './runner.ts';
import { createOperationTables, extendOperationTables, type OperationTables } from './tables.ts';

interface World {
  readonly made: Set<string>;
  final: string | undefined;
  runs: number;
}
interface Input {
  readonly fail?: string;
  readonly transientFailures?: number;
}

const open: Database<OperationTables>[] = [];
afterEach(async () => {
  for (const db of open.splice(0)) await db.close();
});

async function database(): Promise<Database<OperationTables>> {
  const db = await openDatabase<OperationTables>('sqlite://', { log: silentLogger });
  open.push(db);
  await db.migrate({
    '0001': { up: (kysely) => createOperationTables(kysely) },
    '0002': { up: (kysely) => extendOperationTables(kysely) },
  });
  return db;
}

/** Three steps that make "a", "b", "c" in the world; `crashAt` never returns from the n-th effect (the process "dies"). */
function definition(world: World, crashAt = Infinity): OperationDefinition<Input, { made: string }> {
  let effects = 0;
  const effect = async (change: () => void): Promise<void> => {
    if (++effects === crashAt) return new Promise(() => undefined);
    change();
    if (++effects === crashAt) return new Promise(() => undefined);
  };
  let failures = 0;
  const step = (name: string) => ({
    name,
    run: async ({ input }: { input: Input }) => {
      world.runs++;
      if (name === 'b' && failures < (input.transientFailures ?? 0)) {
        failures++;
        throw Object.assign(new Error('away'), { passing: true });
      }
      await effect(() => world.made.add(name));
      if (input.fail === name) throw Object.assign(new Error(`${name} broke`), { status: 409, details: { why: name } });
      return { made: name };
    },
    undo: async () => effect(() => world.made.delete(name)),
    transient: (error: unknown) => (error as { passing?: boolean }).passing === true,
  });
  return {
    kind: 'thing.make',
    action: 'make',
    steps: [step('a'), step('b'), step('c')],
    succeeded: async () => effect(() => (world.final = 'ACTIVE')),
    failed: async (_op, failure) => effect(() => (world.final = `ERROR: ${failure.message}`)),
  };
}

const runner = (
  db: Database<OperationTables>,
  ...definitions: OperationDefinition<Input, { made: string }>[]
): OperationRunner =>
  createOperationRunner({
    db,
    owner: 'tester@here',
    definitions: definitions.map(anyOperation),
    clock: systemClock,
    ids: randomIds,
    log: silentLogger,
  });
const start = (input: Input, resourceId = 'thing-1') => ({
  input,
  resourceId,
  requestId: 'req-1',
  projectId: 'p1',
  userId: 'u1',
});
const world = (): World => ({ made: new Set(), final: undefined, runs: 0 });

describe('an operation', () => {
  it('runs its steps in order and keeps a journal', async () => {
    const [db, w] = [await database(), world()];
    const r = runner(db, definition(w));
    await r.start('thing.make', start({}));
    await r.idle();
    expect([w.final, [...w.made]]).toEqual(['ACTIVE', ['a', 'b', 'c']]);
    const [record] = await operationsOf(db.query, 'thing-1');
    expect(record).toMatchObject({ action: 'make', status: 'succeeded', requestId: 'req-1', failure: null });
    expect(record?.steps.map((step) => [step.name, step.status])).toEqual([
      ['a', 'succeeded'],
      ['b', 'succeeded'],
      ['c', 'succeeded'],
    ]);
  });

  it('undoes what has begun when a step fails, and keeps the reason', async () => {
    const [db, w] = [await database(), world()];
    const r = runner(db, definition(w));
    await r.start('thing.make', start({ fail: 'b' }));
    await r.idle();
    expect([w.final, [...w.made]]).toEqual(['ERROR: b broke', []]);
    const [record] = await operationsOf(db.query, 'thing-1');
    expect(record?.failure).toEqual({ step: 'b', code: 409, message: 'b broke', details: { why: 'b' } });
    expect(record?.steps.map((step) => step.status)).toEqual(['undone', 'undone']);
  });

  it('tries a passing failure again', async () => {
    const [db, w] = [await database(), world()];
    const r = runner(db, definition(w));
    await r.start('thing.make', start({ transientFailures: 2 }));
    await r.idle();
    expect([w.final, w.runs]).toEqual(['ACTIVE', 5]);
  });

  it('waits for the one before it on the same resource', async () => {
    const [db, w] = [await database(), world()];
    const r = runner(db, definition(w));
    await Promise.all([r.start('thing.make', start({})), r.start('thing.make', start({}))]);
    await r.idle();
    const records = await operationsOf(db.query, 'thing-1');
    expect(records.map((record) => record.status)).toEqual(['succeeded', 'succeeded']);
    const [second, first] = records;
    expect(String(second?.steps[0]?.startedAt) >= String(first?.finishedAt)).toBe(true);
  });

  it('unwinds when it is cancelled', async () => {
    const [db, w] = [await database(), world()];
    const stuck: OperationDefinition<Input, { made: string }> = {
      ...definition(w),
      steps: [
        ...definition(w).steps.slice(0, 1),
        {
          name: 'wait',
          run: ({ signal }) =>
            new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
        },
      ],
    };
    const r = runner(db, stuck);
    await r.start('thing.make', start({}));
    while (w.made.size === 0) await new Promise(setImmediate);
    r.cancel('thing-1', 'not wanted any more');
    await r.idle();
    expect([w.final, [...w.made]]).toEqual(['ERROR: not wanted any more', []]);
  });
});

describe('a crash', () => {
  // Every effect of a step, an undo or an ending is a moment before it and a moment after it.
  it.each([
    ['a success', {}, 8, 'ACTIVE', ['a', 'b', 'c']],
    ['a failure', { fail: 'b' }, 10, 'ERROR: b broke', []],
  ] as const)('at every moment of %s is finished by the next start', async (_name, input, moments, final, made) => {
    for (let crashAt = 1; crashAt <= moments; crashAt++) {
      const [db, w] = [await database(), world()];
      const doomed = runner(db, definition(w, crashAt));
      await doomed.start('thing.make', start(input));
      // The process "dies" hanging in an effect: nothing of it moves any more, only its database remains.
      for (let quiet = 0; quiet < 20; quiet++) {
        const before = w.runs;
        await new Promise(setImmediate);
        if (w.runs !== before) quiet = 0;
      }
      const next = runner(db, definition(w));
      await next.resume();
      await next.idle();
      expect([crashAt, w.final, [...w.made].sort()]).toEqual([crashAt, final, made]);
    }
  });

  it('stop interrupts, the next start goes on', async () => {
    const [db, w] = [await database(), world()];
    const r = runner(db, {
      ...definition(w),
      steps: [
        {
          name: 'wait',
          run: ({ signal }) =>
            new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
        },
      ],
    });
    await r.start('thing.make', start({}));
    await new Promise(setImmediate);
    await r.stop();
    expect(w.final).toBeUndefined();
    const next = runner(db, definition(w));
    expect(await next.resume()).toBe(1);
    await next.idle();
    expect(w.final).toBe('ACTIVE');
  });
});
