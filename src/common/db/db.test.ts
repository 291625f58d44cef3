import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StartupError } from '../daemon.ts';
import { silentLogger } from '../telemetry/log.ts';
import { databaseContract, type ContractTables } from './contract.ts';
import { Mutex } from './mutex.ts';
import { openDatabase } from './open.ts';
import { parseDatabaseUrl } from './url.ts';

const dir = mkdtempSync(join(tmpdir(), 'igloo-db-'));
afterAll(() => rmSync(dir, { recursive: true }));
const open = <T = ContractTables>(url: string) => openDatabase<T>(url, { log: silentLogger });

databaseContract('sqlite in a file', () => open(`sqlite:///${join(dir, 'folder', 'contract.sqlite')}`));
databaseContract('sqlite in memory', () => open('sqlite://'));

describe('sqlite', () => {
  it('keeps its file from other users', () => {
    expect(statSync(join(dir, 'folder', 'contract.sqlite')).mode & 0o777).toBe(0o600);
  });

  it('says no to a statement that would wait for its own transaction', async () => {
    const db = await open(`sqlite:///${join(dir, 'self.sqlite')}`);
    await db.query.schema.createTable('t').addColumn('id', 'integer').execute();
    const inner = db.transaction(async () => {
      await db.query.schema.createTable('u').addColumn('id', 'integer').execute();
    });
    await expect(inner).rejects.toThrow(/Pass the transaction on/);
    await db.query.schema.createTable('u').addColumn('id', 'integer').execute();
    await db.close();
  });

  it('leaves nothing of a migration that fails', async () => {
    const db = await open<{ half: { id: number } }>(`sqlite:///${join(dir, 'half.sqlite')}`);
    const failing = db.migrate({
      '001_half': {
        up: async (m) => {
          await m.schema.createTable('half').addColumn('id', 'integer').execute();
          throw new Error('power cut');
        },
      },
    });
    await expect(failing).rejects.toThrow(/migration 001_half.*power cut/);
    await expect(db.query.selectFrom('half').selectAll().execute()).rejects.toThrow(/no such table/);
    await db.close();
  });

  it('says what to do when the file is no database or the folder cannot be', async () => {
    // Not a folder in /proc: Node's recursive mkdir never returns from there.
    await expect(open(`sqlite:///${process.execPath}/x`)).rejects.toThrow(StartupError);
    await expect(open(`sqlite:///${process.execPath}/x`)).rejects.toThrow(/Check the folder/);
  });
});

describe('openDatabase', () => {
  it('explains a server that is not there, without the password', async () => {
    const refused = openDatabase('mysql://keystone:s3cret@127.0.0.1:1/keystone', { log: silentLogger });
    await expect(refused).rejects.toThrow(
      /mysql:\/\/keystone@127\.0\.0\.1:1\/keystone cannot be reached: .*Start the database server/,
    );
    await expect(refused).rejects.not.toThrow(/s3cret/);
  });
});

describe('parseDatabaseUrl', () => {
  it.each([
    ['sqlite:////var/lib/x.sqlite', { dialect: 'sqlite', database: '/var/lib/x.sqlite' }],
    ['sqlite:///x.sqlite', { dialect: 'sqlite', database: 'x.sqlite' }],
    ['sqlite://', { dialect: 'sqlite', database: undefined }],
    [
      'mysql://nova:no:v@a%2F@controller/nova?charset=utf8',
      { dialect: 'mysql', user: 'nova', password: 'no:v@a/', host: 'controller', port: undefined, database: 'nova' },
    ],
    ['mysql+pymysql://u:p@h:3307/d', { dialect: 'mysql', port: 3307, shown: 'mysql://u@h:3307/d' }],
    ['postgresql+psycopg2://u@[::1]:5433/d', { dialect: 'postgresql', host: '::1', port: 5433, password: undefined }],
  ])('reads %s', (url, parts) => {
    expect(parseDatabaseUrl(url)).toMatchObject(parts);
  });

  it.each(['', 'oracle://x', 'sqlite://host/x', 'keystone.db'])('refuses %j', (url) => {
    expect(() => parseDatabaseUrl(url)).toThrow(StartupError);
  });
});

describe('Mutex', () => {
  it('serves in the order of asking', async () => {
    const mutex = new Mutex();
    const order: number[] = [];
    const hold = async (n: number): Promise<void> => {
      const release = await mutex.acquire();
      order.push(n);
      await Promise.resolve();
      release();
      release();
    };
    await Promise.all([1, 2, 3, 4].map(hold));
    expect(order).toEqual([1, 2, 3, 4]);
  });
});
