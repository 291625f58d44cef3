import { existsSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { mariadbPrograms, startMariadb } from '#test/fixtures/mariadb.ts';
import { answers } from '#test/fixtures/ports.ts';
import { postgresqlPrograms, startPostgresql } from '#test/fixtures/postgresql.ts';
import { canRun } from '#test/fixtures/programs.ts';

type Query = (url: string, sql: string) => Promise<void>;
const inMariadb: Query = async (url, sql) => {
  const connection = await createConnection(url);
  await connection.query(sql);
  await connection.end();
};
const inPostgresql: Query = async (url, sql) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
};

describe.each([
  ['MariaDB', mariadbPrograms, startMariadb, inMariadb],
  ['PostgreSQL', postgresqlPrograms, startPostgresql, inPostgresql],
] as const)('the %s fixture', (_name, programs, start, query) => {
  it.skipIf(!canRun(...programs))('keeps data and port over a restart, and leaves nothing behind', async () => {
    const server = await start();
    const first = server.pid;
    const url = await server.createDatabase('one');
    await query(url, 'CREATE TABLE t (n int)');
    await server.restart();
    expect(server.pid).not.toBe(first);
    await query(url, 'INSERT INTO t VALUES (1)');
    await server.createDatabase('one');
    await query(url, 'CREATE TABLE t (n int)'); // a fresh one has no such table
    await server.stop();
    expect(await answers(server.port)).toBe(false);
    expect(existsSync(server.dir)).toBe(false);
  });
});
