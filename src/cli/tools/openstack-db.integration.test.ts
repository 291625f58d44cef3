import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#common/host/run.ts';
import { mariadbPrograms, startMariadb, type SqlServer } from '#test/fixtures/mariadb.ts';
import { projectRoot } from '#test/fixtures/cloud.ts';

const missing = [...mariadbPrograms, '/usr/bin/mysql'].filter((program) => !existsSync(program));
if (missing.length > 0 && process.env['CI'] === undefined)
  console.warn(`openstack-db over MariaDB: skipped, ${missing.join(' and ')} missing`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('openstack-db over MariaDB', () => {
  let server: SqlServer;
  beforeAll(async () => {
    server = await startMariadb();
  }, 60_000);
  afterAll(() => server.stop());

  const openstackDb = (argv: readonly string[], input: string) =>
    run([join(projectRoot, 'bin/openstack-db'), ...argv], {
      input,
      env: { MYSQL_UNIX_PORT: join(server.dir, 'sock') },
      ok: [0, 1],
    });

  it('makes tables that the service’s own account can use, refuses twice, and drops all of it', async () => {
    const made = await openstackDb(['--init', '--service', 'nova', '--password', "it's"], '\n');
    expect([made.status, made.stderr]).toEqual([0, "Creating 'nova' database.\n"]);
    expect(made.stdout).toMatch(/Verified connectivity to MySQL\.\nInitializing the nova .*\nComplete!\n$/);
    const socketPath = join(server.dir, 'sock');
    const own = await createConnection({ socketPath, user: 'nova', password: "it's", database: 'nova' });
    const [tables] = await own.query('show tables');
    expect((tables as unknown[]).length).toBeGreaterThan(10);
    await own.end();
    const again = await openstackDb(['--init', '--service', 'nova'], '\n');
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("Database 'nova' already exists.")]);
    expect((await openstackDb(['--drop', '--service', 'nova', '--yes'], '\n')).status).toBe(0);
    expect((await openstackDb(['--init', '--service', 'glance', '--rootpw', ''], '')).status).toBe(0);
  }, 120_000);
});
