import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { silentLogger } from '../telemetry/log.ts';
import { databaseContract, type ContractTables } from './contract.ts';
import type { Database } from './database.ts';
import { openDatabase } from './open.ts';
import { rowWatchContract } from './row-watch-contract.ts';

const engines = [
  { name: 'mariadb', programs: mariadbPrograms, start: startMariadb },
  { name: 'postgresql', programs: postgresqlPrograms, start: startPostgresql },
] as const;

for (const engine of engines) {
  describe.skipIf(!canRun(...engine.programs))(`${engine.name}`, () => {
    let server: SqlServer;
    const open = (url: string): Promise<Database<ContractTables>> => openDatabase(url, { log: silentLogger });

    beforeAll(async () => {
      server = await engine.start();
    });
    afterAll(() => server.stop());

    databaseContract(`${engine.name} database`, async () => open(await server.createDatabase('contract')));

    let watched = 0;
    rowWatchContract(`a watched ${engine.name} database`, async () =>
      openDatabase(await server.createDatabase(`watched_${watched++}`), { log: silentLogger }),
    );

    it('says what to do about a database or an account that is not there', async () => {
      await expect(open(server.url('nowhere'))).rejects.toThrow(
        /There is no database nowhere.*CREATE DATABASE nowhere/,
      );
      if (engine.name === 'mariadb') {
        const stranger = server.url('contract').replace(server.password, 'wrong');
        await expect(open(stranger)).rejects.toThrow(/refuses.*Correct user and password/);
      }
    });

    it('migrates once when several daemons start together', async () => {
      const url = await server.createDatabase('together');
      const daemons = await Promise.all([1, 2, 3].map(() => open(url)));
      const slow = {
        '001_slow': {
          up: async (db: Database<ContractTables>['query']) => {
            await db.schema.createTable('once').addColumn('id', 'integer').execute();
          },
        },
      };
      const applied = await Promise.all(daemons.map((db) => db.migrate(slow)));
      expect(applied.flat()).toEqual(['001_slow']);
      await Promise.all(daemons.map((db) => db.close()));
    });

    it('finishes a migration that was interrupted half way', async () => {
      const db = await open(await server.createDatabase('interrupted'));
      const migration = (interrupt: boolean) => ({
        '001_t': {
          up: async (m: Database<ContractTables>['query']) => {
            await m.schema.createTable('contract_owner').addColumn('id', 'varchar(36)').execute();
            await m.schema.alterTable('contract_owner').addColumn('name', 'varchar(36)').execute();
            await m.schema.createIndex('by_name').on('contract_owner').column('name').execute();
            if (interrupt) throw new Error('power cut');
          },
        },
      });
      await expect(db.migrate(migration(true))).rejects.toThrow(/power cut/);
      expect(await db.migrate(migration(false))).toEqual(['001_t']);
      await db.query.insertInto('contract_owner').values({ id: '1', name: 'n' }).execute();
      await db.close();
    });

    it('reads, writes and commits again after the server was restarted', async () => {
      const db = await open(await server.createDatabase('restarted'));
      await db.migrate({
        '001_t': {
          up: async (m) =>
            m.schema
              .createTable('contract_owner')
              .addColumn('id', 'varchar(36)')
              .addColumn('name', 'varchar(36)')
              .execute(),
        },
      });
      const insert = (id: string): Promise<void> =>
        db.transaction(async (trx) => {
          await trx.insertInto('contract_owner').values({ id, name: id }).execute();
        });
      await Promise.all(['a', 'b', 'c'].map(insert)); // several connections in the pool
      await server.restart();
      const ids = await db.query.selectFrom('contract_owner').select('id').orderBy('id').execute();
      expect(ids.map((row) => row.id)).toEqual(['a', 'b', 'c']);
      await server.restart('SIGKILL');
      await insert('d');
      expect(await db.query.selectFrom('contract_owner').select('id').where('id', '=', 'd').execute()).toHaveLength(1);
      await db.close();
    });

    it('repeats a transaction whose connection was lost before its commit', async () => {
      const db = await open(server.url('restarted'));
      let attempts = 0;
      await db.transaction(async (trx) => {
        attempts++;
        await trx.insertInto('contract_owner').values({ id: 'e', name: 'e' }).execute();
        if (attempts === 1) {
          const kill =
            engine.name === 'mariadb' ? sql`kill connection_id()` : sql`select pg_terminate_backend(pg_backend_pid())`;
          await kill.execute(trx);
        }
      });
      expect(attempts).toBe(2);
      expect(await db.query.selectFrom('contract_owner').select('id').where('id', '=', 'e').execute()).toHaveLength(1);
      await db.close();
    });
  });
}
