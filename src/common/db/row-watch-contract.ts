import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../telemetry/log.ts';
import type { Database } from './database.ts';
import { watchRows, type RowChange, type WatchedDatabase } from './row-watch.ts';

export interface WatchContractTables {
  things: { id: string; project_id: string; status: string; size: number; seen: string };
  numbered: { num?: number; name: string };
  members: { group_id: string; user_id: string };
}

const tables = {
  things: { key: ['id'], remember: ['project_id', 'status', 'seen'], tell: ['status', 'size'] },
  numbered: { key: ['num'], remember: ['name'], tell: ['name'] },
  members: { key: ['group_id', 'user_id'], remember: [], tell: [] },
};

/** What watching does on every engine. @param open an empty database */
export function rowWatchContract(title: string, open: () => Promise<Database<WatchContractTables>>): void {
  describe(title, () => {
    let plain: Database<WatchContractTables>;
    let db: WatchedDatabase<WatchContractTables>;
    let heard: RowChange[][];

    beforeEach(async () => {
      plain = await open();
      await plain.query.schema
        .createTable('things')
        .addColumn('id', 'varchar(36)', (c) => c.primaryKey())
        .addColumn('project_id', 'text')
        .addColumn('status', 'text')
        .addColumn('size', 'integer')
        .addColumn('seen', 'text')
        .execute();
      await plain.query.schema
        .createTable('numbered')
        .addColumn('num', plain.dialect === 'postgresql' ? 'serial' : 'integer', (c) =>
          plain.dialect === 'postgresql' ? c.primaryKey() : c.primaryKey().autoIncrement(),
        )
        .addColumn('name', 'varchar(36)')
        .execute();
      await plain.query.schema
        .createTable('members')
        .addColumn('group_id', 'varchar(36)')
        .addColumn('user_id', 'varchar(36)')
        .addUniqueConstraint('once', ['group_id', 'user_id'])
        .execute();
      heard = [];
      db = watchRows(plain, { tables, heard: (changes) => heard.push([...changes]), log: silentLogger });
    });
    afterEach(() => db.close());

    const thing = (id: string, status = 'new') => ({ id, project_id: 'p', status, size: 1, seen: 'then' });
    const make = async (...ids: string[]): Promise<void> => {
      await db.query
        .insertInto('things')
        .values(ids.map((id) => thing(id)))
        .execute();
      heard.length = 0;
    };

    it('tells of what is inserted, changed and deleted, with what was before', async () => {
      await db.query.insertInto('things').values(thing('a')).execute();
      await db.query.updateTable('things').set({ status: 'old' }).where('id', '=', 'a').execute();
      await db.query.deleteFrom('things').where('id', '=', 'a').execute();
      expect(heard.map(([change]) => [change?.kind, change?.before?.['status'], change?.row['status']])).toEqual([
        ['insert', undefined, 'new'],
        ['update', 'new', 'old'],
        ['delete', 'old', 'old'],
      ]);
      expect(heard[1]?.[0]).toMatchObject({ table: 'things', written: ['status'], row: { id: 'a', project_id: 'p' } });
    });

    it('says nothing of a statement that changed no row, or columns that nobody asked about', async () => {
      await make('a');
      await db.query.updateTable('things').set({ status: 'x' }).where('id', '=', 'b').execute();
      await db.query.updateTable('things').set({ status: 'x' }).where('id', '=', 'a').where('size', '>', 5).execute();
      await db.query.updateTable('things').set({ seen: 'now' }).where('id', '=', 'a').execute();
      expect(heard).toEqual([]);
      expect(db.remembered('things').get('a')).toMatchObject({ seen: 'now' });
    });

    it('tells of a transaction once, after its commit, one change for each row', async () => {
      await make('a');
      await db.transaction(async (trx) => {
        await trx.updateTable('things').set({ status: 'one' }).where('id', '=', 'a').execute();
        await trx.selectFrom('things').selectAll().execute();
        await trx
          .updateTable('things')
          .set((eb) => ({ size: eb('size', '+', 1) }))
          .where('id', '=', 'a')
          .execute();
        await trx.updateTable('things').set({ status: 'two' }).where('id', '=', 'a').execute();
        await trx.insertInto('things').values(thing('b')).execute();
        await trx.insertInto('things').values(thing('c')).execute();
        await trx.deleteFrom('things').where('id', '=', 'c').execute();
        expect(heard).toEqual([]);
      });
      expect(heard).toHaveLength(1);
      expect(heard[0]).toMatchObject([
        { kind: 'update', before: { status: 'new' }, row: { status: 'two' }, written: ['status', 'size'] },
        { kind: 'insert', row: { id: 'b' } },
      ]);
    });

    it('tells nothing of a transaction that was undone', async () => {
      await make('a');
      await expect(
        db.transaction(async (trx) => {
          await trx.updateTable('things').set({ status: 'x' }).where('id', '=', 'a').execute();
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(heard).toEqual([]);
      expect(db.remembered('things').get('a')).toMatchObject({ status: 'new' });
    });

    it('knows rows that it has only read', async () => {
      await plain.query
        .insertInto('things')
        .values([thing('a'), thing('b')])
        .execute();
      await db.query.selectFrom('things').selectAll().where('id', '=', 'a').execute();
      await db.query.updateTable('things').set({ status: 'x' }).where('id', 'in', ['a', 'b']).execute();
      expect(heard[0]).toMatchObject([
        { before: { status: 'new' }, row: { id: 'a', project_id: 'p' } },
        { before: null, row: { id: 'b', status: 'x' } },
      ]);
    });

    it('finds the rows of a statement that names them by other columns, and passes over what it cannot understand', async () => {
      await make('a', 'b');
      await db.query.updateTable('things').set({ status: 'x' }).where('project_id', '=', 'p').execute();
      expect(heard[0]?.map(({ row }) => row['id'])).toEqual(['a', 'b']);
      heard.length = 0;
      await db.query.updateTable('things').set({ status: 'y' }).where('size', '>', 0).execute();
      expect(heard).toEqual([]);
    });

    it('does not take a sum, a join or a renamed column for a row', async () => {
      await make('a');
      await db.query.selectFrom('things').select(['id', 'size as status']).execute();
      await db.query
        .selectFrom('things')
        .innerJoin('members', 'members.user_id', 'things.id')
        .select(['things.id', 'members.group_id as status'])
        .execute();
      expect(db.remembered('things').get('a')).toMatchObject({ status: 'new' });
    });

    it('learns the number that the database gives to a new row', async () => {
      await db.transaction(async (trx) => {
        await trx.insertInto('numbered').values({ name: 'first' }).execute();
        // PostgreSQL says it only to those who read the row.
        await trx.selectFrom('numbered').selectAll().execute();
      });
      expect(heard[0]?.[0]?.row).toEqual({ num: 1, name: 'first' });
      await db.query.deleteFrom('numbered').where('num', '=', 1).execute();
      expect(heard[1]?.[0]).toMatchObject({ kind: 'delete', row: { name: 'first' } });
    });

    it('tells of an upsert only when it changed something', async () => {
      await make('a');
      const seen = (status: string) =>
        db.query
          .insertInto('things')
          .values({ ...thing('a', status), size: 99 })
          .onConflict((c) =>
            c.column('id').doUpdateSet((eb) => ({ status: eb.ref('excluded.status'), seen: eb.ref('excluded.seen') })),
          )
          .execute();
      await seen('new');
      expect(heard).toEqual([]);
      await seen('back');
      expect(heard[0]).toMatchObject([{ kind: 'update', before: { status: 'new' }, row: { status: 'back' } }]);
      expect(heard[0]?.[0]?.row).not.toHaveProperty('size');
    });

    it('says nothing of an insert that met a row', async () => {
      const join = () =>
        db.query
          .insertInto('members')
          .values({ group_id: 'g', user_id: 'u' })
          .onConflict((c) => c.columns(['group_id', 'user_id']).doNothing())
          .execute();
      await join();
      await join();
      // MySQL counts the row that was there as well: one hint too many.
      expect(heard).toHaveLength(plain.dialect === 'mysql' ? 2 : 1);
      await db.query.deleteFrom('members').where('user_id', '=', 'u').execute();
      expect(heard.at(-1)).toMatchObject([{ kind: 'delete', row: { group_id: 'g', user_id: 'u' } }]);
    });

    it('goes on when a listener fails, and has no memory of tables that it does not watch', async () => {
      const other = watchRows(plain, {
        tables,
        heard: () => {
          throw new Error('deaf');
        },
        log: silentLogger,
      });
      await other.query.insertInto('things').values(thing('z')).execute();
      expect(await plain.query.selectFrom('things').select('id').execute()).toEqual([{ id: 'z' }]);
      expect(() => other.remembered('nothing')).toThrow('not watched');
    });

    it('shares what it remembers with others on the same database', async () => {
      await make('a');
      const other = watchRows(plain, { tables, heard: () => undefined, log: silentLogger });
      await other.query.updateTable('things').set({ status: 'x' }).where('id', '=', 'a').execute();
      await db.query.updateTable('things').set({ status: 'y' }).where('id', '=', 'a').execute();
      expect(heard[0]?.[0]?.before).toMatchObject({ status: 'x' });
    });
  });
}
