/** What a Database does on every engine: run against SQLite beside the code, against the servers in the integration test. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoId, columns, required, withDefault } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { isDuplicateKey, isForeignKeyViolation } from './errors.ts';
import { paginate, type SortKey } from './pagination.ts';

export interface ContractTables {
  contract_owner: { id: string; name: string };
  contract_thing: {
    id: string;
    owner_id: string | null;
    name: string | null;
    size: number;
    big: number;
    flag: number;
    notes: string | null;
    raw: Uint8Array | null;
  };
  contract_event: { id?: number; what: string };
}

const migrations: Record<string, Migration> = {
  '001_contract': {
    up: async (db) => {
      await db.schema
        .createTable('contract_owner')
        .ifNotExists()
        .addColumn('id', columns.uuid, (c) => c.primaryKey())
        .addColumn('name', columns.name, required)
        .addUniqueConstraint('contract_owner_name', ['name'])
        .execute();
      await db.schema
        .createTable('contract_thing')
        .ifNotExists()
        .addColumn('id', columns.uuid, (c) => c.primaryKey())
        .addColumn('owner_id', columns.uuid)
        .addColumn('name', columns.name)
        .addColumn('size', columns.integer, required)
        .addColumn('big', columns.bigint, withDefault(0))
        .addColumn('flag', columns.flag, withDefault(1))
        .addColumn('notes', columns.text)
        .addColumn('raw', columns.bytes)
        .addForeignKeyConstraint('contract_thing_owner', ['owner_id'], 'contract_owner', ['id'])
        .execute();
    },
  },
  '002_events': {
    up: async (db) => {
      await db.schema
        .createTable('contract_event')
        .ifNotExists()
        .addColumn('id', columns.integer, autoId)
        .addColumn('what', columns.name, required)
        .execute();
    },
  },
};

const thing = (id: string, over: Partial<ContractTables['contract_thing']> = {}): ContractTables['contract_thing'] => ({
  id,
  owner_id: null,
  name: id,
  size: 1,
  big: 0,
  flag: 1,
  notes: null,
  raw: null,
  ...over,
});

/** @param open makes (or opens again) the same empty database */
export function databaseContract(name: string, open: () => Promise<Database<ContractTables>>): void {
  describe(name, () => {
    let db: Database<ContractTables>;

    beforeAll(async () => {
      db = await open();
    });
    afterAll(async () => {
      await db.close();
    });

    it('migrates once, and says what it applied', async () => {
      expect(await db.migrate({ '001_contract': migrations['001_contract']! })).toEqual(['001_contract']);
      expect(await db.migrate(migrations)).toEqual(['002_events']);
      expect(await db.migrate(migrations)).toEqual([]);
    });

    it('refuses a database of a newer version', async () => {
      await expect(db.migrate({ '001_contract': migrations['001_contract']! })).rejects.toThrow(/newer version/);
    });

    it('tells duplicate keys and broken references from other failures', async () => {
      await db.query.insertInto('contract_owner').values({ id: 'o1', name: 'one' }).execute();
      const insert = (row: ContractTables['contract_owner']): Promise<unknown> =>
        db.query.insertInto('contract_owner').values(row).execute();
      const failure = (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined).catch((e: unknown) => e);
      const [primary, unique] = [
        await failure(insert({ id: 'o1', name: 'x' })),
        await failure(insert({ id: 'o2', name: 'one' })),
      ];
      expect([isDuplicateKey(primary), isDuplicateKey(unique)]).toEqual([true, true]);
      const orphan = await failure(
        db.query
          .insertInto('contract_thing')
          .values(thing('t0', { owner_id: 'nobody' }))
          .execute(),
      );
      expect([isForeignKeyViolation(orphan), isDuplicateKey(orphan)]).toEqual([true, false]);
      await db.query
        .insertInto('contract_thing')
        .values(thing('t1', { owner_id: 'o1' }))
        .execute();
      const held = await failure(db.query.deleteFrom('contract_owner').where('id', '=', 'o1').execute());
      expect(isForeignKeyViolation(held)).toBe(true);
    });

    it('keeps numbers, text without bound, bytes and the case of text', async () => {
      const row = thing('t2', {
        big: 9_007_199_254_740_991,
        notes: '☃ "quoted" \\ '.repeat(20_000),
        name: 'Straße 🐧',
        raw: new Uint8Array([0, 1, 254, 255]),
      });
      await db.query.insertInto('contract_thing').values(row).execute();
      const found = await db.query
        .selectFrom('contract_thing')
        .selectAll()
        .where('id', '=', 't2')
        .executeTakeFirstOrThrow();
      expect({ ...found, raw: new Uint8Array(found.raw!) }).toEqual(row);
      const other = await db.query.selectFrom('contract_thing').select('id').where('id', '=', 'T2').executeTakeFirst();
      expect(other).toBeUndefined();
      const sums = await db.query
        .selectFrom('contract_thing')
        .select((eb) => [eb.fn.countAll<number>().as('n'), eb.fn.sum<number>('size').as('s')])
        .where('id', '=', 't2')
        .executeTakeFirstOrThrow();
      expect(sums).toEqual({ n: 1, s: 1 });
    });

    it('counts the rows that an update met, changed or not (compare and swap)', async () => {
      const set = async (size: number, from: number): Promise<number> => {
        const result = await db.query
          .updateTable('contract_thing')
          .set({ size })
          .where('id', '=', 't2')
          .where('size', '=', from)
          .executeTakeFirst();
        return Number(result.numUpdatedRows);
      };
      expect([await set(1, 1), await set(2, 1), await set(3, 1)]).toEqual([1, 1, 0]);
    });

    it('numbers rows', async () => {
      const first = await db.query.insertInto('contract_event').values({ what: 'a' }).execute();
      expect(first).toHaveLength(1);
      await db.query.insertInto('contract_event').values({ what: 'b' }).execute();
      expect(await db.query.selectFrom('contract_event').select('id').orderBy('id').execute()).toEqual([
        { id: 1 },
        { id: 2 },
      ]);
    });

    it('inserts or changes, and inserts or leaves alone', async () => {
      const upsert = (name: string): Promise<unknown> =>
        db.query
          .insertInto('contract_owner')
          .values({ id: 'u1', name })
          .onConflict((c) => c.column('id').doUpdateSet((eb) => ({ name: eb.ref('excluded.name') })))
          .execute();
      await upsert('first');
      await upsert('second');
      await db.query
        .insertInto('contract_owner')
        .values({ id: 'u1', name: 'third' })
        .onConflict((c) => c.column('id').doNothing())
        .execute();
      const row = await db.query.selectFrom('contract_owner').select('name').where('id', '=', 'u1').executeTakeFirst();
      expect(row).toEqual({ name: 'second' });
    });

    it('undoes a transaction that throws', async () => {
      const attempt = db.transaction(async (trx) => {
        await trx.insertInto('contract_owner').values({ id: 'gone', name: 'gone' }).execute();
        throw new Error('changed my mind');
      });
      await expect(attempt).rejects.toThrow('changed my mind');
      expect(
        await db.query.selectFrom('contract_owner').selectAll().where('id', '=', 'gone').executeTakeFirst(),
      ).toBeUndefined();
    });

    it('shows others only what is committed', async () => {
      let seen: unknown = 'not looked';
      await db.transaction(async (trx) => {
        await trx.insertInto('contract_owner').values({ id: 'later', name: 'later' }).execute();
        if (name !== 'sqlite in memory') {
          seen = await db.query.selectFrom('contract_owner').select('id').where('id', '=', 'later').executeTakeFirst();
        }
      });
      expect(seen).toBe(name === 'sqlite in memory' ? 'not looked' : undefined);
      expect(
        await db.query.selectFrom('contract_owner').select('id').where('id', '=', 'later').executeTakeFirst(),
      ).toEqual({ id: 'later' });
    });

    it('loses no update between concurrent transactions that read, wait and write', async () => {
      await db.query
        .insertInto('contract_thing')
        .values(thing('counter', { size: 0 }))
        .execute();
      const increment = (): Promise<void> =>
        db.transaction(async (trx) => {
          const { size } = await trx
            .selectFrom('contract_thing')
            .select('size')
            .where('id', '=', 'counter')
            .forUpdate()
            .executeTakeFirstOrThrow();
          await turn();
          await trx
            .updateTable('contract_thing')
            .set({ size: size + 1 })
            .where('id', '=', 'counter')
            .execute();
        });
      await Promise.all(Array.from({ length: 20 }, increment));
      const { size } = await db.query
        .selectFrom('contract_thing')
        .select('size')
        .where('id', '=', 'counter')
        .executeTakeFirstOrThrow();
      expect(size).toBe(20);
    });

    it('repeats a transaction that deadlocks with another one', async () => {
      await db.query
        .insertInto('contract_thing')
        .values([thing('left', { size: 0 }), thing('right', { size: 0 })])
        .execute();
      const add = (...order: readonly string[]): Promise<void> =>
        db.transaction(async (trx) => {
          for (const id of order) {
            await trx
              .updateTable('contract_thing')
              .set((eb) => ({ size: eb('size', '+', 1) }))
              .where('id', '=', id)
              .execute();
            await turn();
          }
        });
      await Promise.all(Array.from({ length: 4 }, (_, i) => (i % 2 ? add('left', 'right') : add('right', 'left'))));
      const rows = await db.query
        .selectFrom('contract_thing')
        .select('size')
        .where('id', 'in', ['left', 'right'])
        .execute();
      expect(rows).toEqual([{ size: 4 }, { size: 4 }]);
    });

    it.each<readonly [string, readonly SortKey[]]>([
      ['ascending', [{ column: 'name', direction: 'asc', nullable: true }]],
      ['descending', [{ column: 'contract_thing.name', direction: 'desc', nullable: true }]],
      [
        'mixed',
        [
          { column: 'size', direction: 'desc' },
          { column: 'name', direction: 'asc', nullable: true },
        ],
      ],
    ])('pages by keys with nulls and equals, %s', async (_what, keys) => {
      await db.query.deleteFrom('contract_thing').where('notes', '=', 'page').execute();
      const names = [null, 'b', 'B', 'a', null, 'b', 'ä', 'Z', 'a', null, 'c'];
      const rows = names.map((n, i) =>
        thing(`p${String(i).padStart(2, '0')}`, { name: n, size: i % 3, notes: 'page' }),
      );
      await db.query.insertInto('contract_thing').values(rows).execute();
      const sort: readonly SortKey[] = [...keys, { column: 'id', direction: 'asc' }];
      const query = db.query.selectFrom('contract_thing').select(['id', 'name', 'size']).where('notes', '=', 'page');
      const whole = await paginate(query, { sort }).execute();
      expect(whole.map((r) => [r.name, r.size, r.id])).toEqual(
        [...whole].sort((a, b) => inOrder(a, b, sort)).map((r) => [r.name, r.size, r.id]),
      );
      const paged: typeof whole = [];
      for (;;) {
        const page = await paginate(query, { sort, marker: paged.at(-1), limit: 3 }).execute();
        if (page.length === 0) break;
        paged.push(...page);
      }
      expect(paged).toEqual(whole);
    });
  });
}

type Sorted = Readonly<Record<string, unknown>>;

function inOrder(a: Sorted, b: Sorted, sort: readonly SortKey[]): number {
  for (const { column, direction } of sort) {
    const name = column.replace(/^.*\./, '');
    const sign = direction === 'asc' ? 1 : -1;
    const [x, y] = [a[name] as string | number | null, b[name] as string | number | null];
    if (x === y) continue;
    if (x === null) return -sign;
    if (y === null) return sign;
    return x < y ? -sign : sign;
  }
  return 0;
}
