import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../db/open.ts';
import { withLogScope, silentLogger } from '../telemetry/log.ts';
import type { Bus, Notification } from './bus.ts';
import { Liveness } from './liveness.ts';
import { createMemoryBus } from './memory.ts';
import { tellRowChanges } from './row-events.ts';
import type { WatchedDatabase } from '../db/row-watch.ts';

interface Tables {
  limits: { project_id: string; resource: string; value: number };
  daemons: { host: string; seen: string };
}

describe('telling of changed rows', () => {
  let bus: Bus;
  let db: WatchedDatabase<Tables>;
  let heard: Notification[];

  beforeEach(async () => {
    const plain = await openDatabase<Tables>('sqlite://', { log: silentLogger });
    for (const [table, columns] of [
      ['limits', ['project_id', 'resource', 'value']],
      ['daemons', ['host', 'seen']],
    ] as const) {
      let make = plain.query.schema.createTable(table);
      for (const column of columns) make = make.addColumn(column, 'text');
      await make.execute();
    }
    bus = createMemoryBus();
    heard = [];
    await bus.subscribe('', (one) => heard.push(one));
    db = tellRowChanges(
      plain,
      {
        limits: {
          key: ['project_id', 'resource'],
          remember: [],
          tell: ['value'],
          events: ({ row }) => [
            { type: 'quota.update', projectId: String(row['project_id']), payload: { project_id: row['project_id'] } },
          ],
        },
        daemons: { key: ['host'], remember: ['seen'], tell: [], events: () => [] },
      },
      { bus, publisher: 'compute.h', log: silentLogger },
    );
  });
  afterEach(async () => {
    await bus.close();
    await db.close();
  });

  it('says once what several rows of a transaction mean, whose request it was, and whose things they are', async () => {
    await withLogScope({ requestId: 'req-1' }, () =>
      db.query
        .insertInto('limits')
        .values(['a', 'b', 'c'].map((resource) => ({ project_id: 'p', resource, value: 1 })))
        .execute(),
    );
    await Promise.resolve();
    expect(heard).toMatchObject([
      { eventType: 'quota.update', publisherId: 'compute.h', priority: 'INFO', projectId: 'p', requestId: 'req-1' },
    ]);
    expect(heard).toHaveLength(1);
  });

  it('does not fail a request when the bus does', async () => {
    const broken = tellRowChanges(
      db,
      {
        limits: {
          key: ['project_id'],
          remember: [],
          tell: [],
          events: () => [{ type: 'x', projectId: null, payload: {} }],
        },
      },
      { bus: { ...bus, notify: () => Promise.reject(new Error('no broker')) }, publisher: 'x', log: silentLogger },
    );
    await broken.query.insertInto('limits').values({ project_id: 'p', resource: 'a', value: 1 }).execute();
    expect(await db.query.selectFrom('limits').selectAll().execute()).toHaveLength(1);
  });

  it('tells of a daemon that falls silent, and of its coming back', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const liveness = new Liveness(
      {
        daemons: db.remembered('daemons'),
        seen: 'seen',
        downSeconds: 60,
        clock: { now: () => new Date(now) },
        event: (row, up) => ({ type: 'service.update', projectId: null, payload: { host: row['host'], up } }),
      },
      { bus, publisher: 'compute.h', log: silentLogger },
    );
    const beat = () => new Date(now).toISOString().replace('Z', '000');
    await db.query.insertInto('daemons').values({ host: 'h1', seen: beat() }).execute();
    liveness.look();
    now += 61_000;
    liveness.look();
    liveness.look();
    await db.query.updateTable('daemons').set({ seen: beat() }).where('host', '=', 'h1').execute();
    liveness.look();
    await Promise.resolve();
    expect(heard.map(({ payload }) => payload)).toEqual([
      { host: 'h1', up: false },
      { host: 'h1', up: true },
    ]);
    liveness.stop();
  });
});
