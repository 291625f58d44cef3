import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ListeningApp } from '#common/api/http-host.ts';
import { createHttpTransport } from '#common/api/http.ts';
import { createSession } from '#common/auth/session.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { StartupError, type DaemonEnv } from '#common/daemon.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { bootstrapIdentity, syncIdentity } from './bootstrap.ts';
import { keystoneOptions } from './config.ts';
import { daemons } from './daemons.ts';
import { openKeystoneDatabase } from './database.ts';
import { keystoneManage, type ManageEnv } from './manage.ts';
import { plan } from './testing/cloud.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-keystone-'));
afterAll(() => rmSync(folder, { recursive: true }));

const configFor = (name: string) =>
  fromObject(
    {
      DEFAULT: { public_port: 0, admin_port: 0, public_bind_host: '127.0.0.1', admin_bind_host: '127.0.0.1' },
      database: { connection: `sqlite:///${join(folder, `${name}.sqlite`)}` },
      identity: { password_hash_rounds: 4 },
      token: { provider: 'uuid' },
      fernet_tokens: { key_repository: join(folder, 'fernet') },
    },
    'test',
  );
const deps = { log: silentLogger, clock: systemClock, ids: randomIds };

describe('keystone-manage', () => {
  const printed: string[] = [];
  const env: ManageEnv = {
    ...deps,
    config: configFor('manage'),
    env: {},
    print: (line) => printed.push(line),
    warn: (line) => printed.push(line),
  };

  it('prepares everything that a daemon needs', async () => {
    expect(await keystoneManage(['db_sync'], env)).toBe(0);
    expect(await keystoneManage(['fernet_setup'], env)).toBe(0);
    expect(await keystoneManage(['fernet_rotate'], env)).toBe(0);
    const bootstrap = ['bootstrap', '--bootstrap-password', 'p', '--bootstrap-public-url', 'http://c:5000/v3'];
    expect(await keystoneManage(bootstrap, env)).toBe(0);
    expect(await keystoneManage(bootstrap, env)).toBe(0);
    expect(await keystoneManage(['token_flush'], env)).toBe(0);
    expect(printed.at(-1)).toBe('Removed 0 tokens that had ended.');
    for (const command of ['credential_setup', 'credential_rotate', 'credential_migrate'])
      expect(await keystoneManage([command], env)).toBe(0);
    expect(printed.at(-1)).toBe('Encrypted 0 credentials anew.');
  });

  it('brings a database to a version, and never back', async () => {
    const own = { ...env, config: configFor('versions') };
    const version = async (): Promise<string | undefined> => {
      expect(await keystoneManage(['db_version'], own)).toBe(0);
      return printed.at(-1);
    };
    expect(await version()).toBe('0');
    await keystoneManage(['db_sync', '1'], own);
    expect(await version()).toBe('1');
    await expect(keystoneManage(['token_flush'], own)).rejects.toThrow(/at version 1.*db_sync/);
    await keystoneManage(['db_sync'], own);
    expect(await version()).toBe('2');
    await expect(keystoneManage(['db_sync', '1'], own)).rejects.toThrow(/at version 2.*cannot go back to 1/);
    await expect(keystoneManage(['db_sync', '99'], own)).rejects.toThrow(/no version 99/);
  });

  it('makes certificates by openssl, for signing and for TLS', async () => {
    const ran: (readonly string[])[] = [];
    const run: NonNullable<ManageEnv['run']> = async (argv) => {
      ran.push(argv);
      if (argv[0] === 'getent') return { status: 0, stdout: `keystone:x:${process.getuid?.() ?? 0}:0:`, stderr: '' };
      writeFileSync(argv[argv.indexOf('-out') + 1] as string, 'made');
      return { status: 0, stdout: '', stderr: 'a line of progress\n' };
    };
    const at = (name: string): string => join(folder, 'ssl', name);
    const files = {
      certfile: at('c/cert.pem'),
      keyfile: at('p/key.pem'),
      ca_certs: at('c/ca.pem'),
      ca_key: at('p/ca.pem'),
    };
    const tls = { certfile: at('c/tls.pem'), keyfile: at('p/tls.pem'), ca_certs: files.ca_certs, ca_key: files.ca_key };
    const config = fromObject({ signing: { ...files, key_size: 1024 }, ssl: tls }, 'test');
    const own = { ...env, config, run };
    expect(await keystoneManage(['pki_setup', '--keystone-user', 'keystone'], own)).toBe(0);
    expect(ran.map(([program, verb]) => `${program} ${verb}`)).toEqual([
      'getent passwd',
      'openssl genrsa',
      'openssl req',
      'openssl genrsa',
      'openssl req',
      'openssl ca',
    ]);
    expect(ran[1]?.at(-1)).toBe('1024');
    expect(printed.at(-1)).toBe('a line of progress');
    ran.length = 0;
    await keystoneManage(['pki_setup'], own);
    expect(ran).toEqual([]);
    await keystoneManage(['pki_setup', '--rebuild'], own);
    expect(ran).toHaveLength(5);
    ran.length = 0;
    // The CA is there; the key, its request and the certificate are others.
    await keystoneManage(['ssl_setup'], own);
    expect(ran.map(([, verb]) => verb)).toEqual(['genrsa', 'req', 'ca']);
  });

  it('says what is wrong with a command', async () => {
    await expect(keystoneManage(['nonsense'], env)).rejects.toThrow(/no command "nonsense".*db_sync/);
    await expect(keystoneManage(['bootstrap'], env)).rejects.toThrow(/--bootstrap-password/);
    await expect(keystoneManage(['bootstrap', '--wrong'], env)).rejects.toThrow(StartupError);
    expect(await keystoneManage([], env)).toBe(1);
    expect(printed.at(-1)).toContain('usage: keystone-manage');
  });
});

describe('bootstrapIdentity', () => {
  it('makes what is missing and nothing twice, also after being interrupted', async () => {
    const config = configFor('bootstrap');
    const { services: _later, ...first } = plan;
    const before = await bootstrapIdentity(first, { ...deps, config });
    const after = await bootstrapIdentity(plan, { ...deps, config });
    expect(after).toMatchObject({ projects: before.projects, users: before.users, roles: before.roles });
    expect(await bootstrapIdentity(plan, { ...deps, config })).toEqual(after);
    const db = await openKeystoneDatabase(loadConfig(keystoneOptions, config), silentLogger);
    const count = async (table: 'user' | 'project' | 'assignment' | 'endpoint' | 'service') =>
      (await db.query.selectFrom(table).selectAll().execute()).length;
    expect([await count('user'), await count('project'), await count('assignment')]).toEqual([3, 4, 4]);
    expect([await count('service'), await count('endpoint')]).toEqual([2, 5]);
    await db.close();
  });

  it('changes the URL of an endpoint that moved', async () => {
    const config = configFor('bootstrap');
    const service = { name: 'nova', type: 'compute', urls: { public: 'http://moved/%(tenant_id)s' } };
    const { services } = await bootstrapIdentity({ region: 'RegionOne', services: [service] }, { ...deps, config });
    const db = await openKeystoneDatabase(loadConfig(keystoneOptions, config), silentLogger);
    const rows = await db.query
      .selectFrom('endpoint')
      .select(['interface', 'url'])
      .where('service_id', '=', services['nova'] as string)
      .orderBy('interface')
      .execute();
    expect(rows.map((row) => row.url)).toEqual([
      'http://controller:8774/v2/$(tenant_id)s',
      'http://moved/%(tenant_id)s',
    ]);
    await db.close();
  });
});

describe('keystone-all', () => {
  const start = async (config: ReturnType<typeof configFor>, apps: ListeningApp[]) => {
    const daemon = await (daemons['keystone-all'] as (typeof daemons)[string])();
    const http: DaemonEnv['http'] = {
      listen: async (app, address) => {
        apps.push(app);
        return { ...address, close: () => app.fastify.close() };
      },
    };
    return daemon.start({ ...deps, config, http } as DaemonEnv);
  };

  it('asks for db_sync when there are older tables, and refuses TLS, which it does not speak', async () => {
    const config = configFor('older');
    await keystoneManage(['db_sync', '1'], { ...deps, config, env: {}, print: () => undefined, warn: () => undefined });
    await expect(start(config, [])).rejects.toThrow(/version 1, this program needs 2.*db_sync/);
    const tls = { values: [...config.values, ...fromObject({ ssl: { enable: true } }, 'test').values] };
    await expect(start(tls, [])).rejects.toThrow(/\[ssl\] enable/);
  });

  it('asks for db_sync when there are no tables', async () => {
    await expect(start(configFor('empty'), [])).rejects.toThrow(/keystone-manage db_sync/);
  });

  it('serves both ports, and the session that every service uses', async () => {
    const config = configFor('daemon');
    expect(await syncIdentity({ config, log: silentLogger })).toEqual(['0001-identity', '0002-delegation']);
    await bootstrapIdentity(plan, { ...deps, config });
    const apps: ListeningApp[] = [];
    const running = await start(config, apps);
    expect(await running.health()).toEqual({ ok: true, detail: ['database: reachable'] });
    const [app] = apps as [ListeningApp, ListeningApp];
    const transport = createHttpTransport(new Map([['controller:35357', app]]));
    const session = createSession(
      { authUrl: 'http://controller:35357', username: 'glance', password: 'glancepass', projectName: 'service' },
      { transport, clock: systemClock },
    );
    expect(await session.endpoint('identity')).toBe('http://controller:5000/v3');
    const token = await session.token();
    const checked = await session.request({
      method: 'GET',
      url: 'http://controller:35357/v3/auth/tokens',
      headers: { 'x-subject-token': token },
    });
    expect(checked.status).toBe(200);
    const metrics = await app.fastify.inject('/metrics');
    expect(metrics.payload).toContain('route="/v3/auth/tokens",status="201"} 1');
    await running.stop();
  });
});
