import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpHost } from '#common/api/http.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '#common/api/transport.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { isoMicros, systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { StartupError, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { daemons } from './daemons.ts';
import { openNovaDatabase } from './database.ts';
import { novaOptions, type NovaConfig } from './config.ts';
import { ownerOf } from './operations/journal.ts';
import { novaManage, syncDatabase } from './manage.ts';
import { FakeCompute } from './testing/fake-compute.ts';
import { FakeImages } from './testing/fake-image.ts';
import { FakeNetwork } from './testing/fake-network.ts';
import { computeRpc, conductorRpc } from './rpc.ts';
import { Readable } from 'node:stream';
import { freePort } from '#test/fixtures/ports.ts';

/** Keystone, Glance and Neutron behind one transport, enough for one boot without a network. */
function cloudAround(): HttpTransport {
  const images = new FakeImages();
  const image = images.add('cirros');
  const network = new FakeNetwork();
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
    status,
    headers,
    text: async () => JSON.stringify(body),
    json: async <T>() => body as T,
    stream: Readable.from([]),
  });
  const token = {
    token: {
      expires_at: '2099-01-01T00:00:00Z',
      user: { id: 'u', name: 'u' },
      project: { id: 'demo', name: 'demo' },
      roles: [{ name: 'admin' }],
      catalog: [],
    },
  };
  return {
    async request({ method, url }: HttpRequest) {
      const { pathname } = new URL(url);
      if (pathname === '/v3/auth/tokens')
        return answer(method === 'POST' ? 201 : 200, token, { 'x-subject-token': 't' });
      if (pathname === `/v2/images/${image.id}`) return answer(200, image);
      if (pathname === '/v2.0/networks') return answer(200, { networks: [...network.networks.values()] });
      if (pathname === '/v2.0/ports') return answer(200, { ports: [] });
      return answer(404, { message: `${method} ${url}` });
    },
  };
}

let folder: string;
let running: RunningDaemon[];
let env: (options?: Record<string, string | number>) => DaemonEnv;
const conf = (): NovaConfig => loadConfig(novaOptions, env().config);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nova-daemons-'));
  running = [];
  const bus = createMemoryBus();
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
  const transport = cloudAround();
  env = (options = {}) => ({
    config: fromObject(
      {
        DEFAULT: {
          state_path: folder,
          osapi_compute_listen: '127.0.0.1',
          osapi_compute_listen_port: ports[0],
          metadata_listen: '127.0.0.1',
          metadata_listen_port: ports[1],
          ec2_listen: '127.0.0.1',
          ec2_listen_port: ports[3],
          novncproxy_host: '127.0.0.1',
          novncproxy_port: ports[2],
          ...options,
        },
        database: { connection: `sqlite:///${join(folder, 'nova.sqlite')}` },
        keystone_authtoken: { auth_protocol: 'http', admin_user: 'nova', admin_password: 'x' },
      },
      'test',
    ),
    bus,
    http: createHttpHost(),
    transport,
    log: silentLogger,
    run: () => Promise.reject(new Error('Nothing is to be run here')),
    clock: systemClock,
    ids: randomIds,
    host: 'controller',
  });
});
afterEach(async () => {
  await Promise.all(running.reverse().map((daemon) => daemon.stop()));
  await env().bus.close();
  rmSync(folder, { recursive: true });
});

const start = async (name: string, options?: Record<string, string | number>): Promise<RunningDaemon> => {
  const daemon = await (await daemons[name]!()).start(env(options));
  running.push(daemon);
  return daemon;
};
const manage = async (...argv: string[]): Promise<string[]> => {
  const lines: string[] = [];
  expect(await novaManage(argv, { ...env(), print: (line) => lines.push(line) })).toBe(0);
  return lines;
};
const call = async (path: string, method = 'GET', body?: unknown) => {
  const answer = await fetch(`http://127.0.0.1:${conf().DEFAULT.osapi_compute_listen_port}${path}`, {
    method,
    headers: { 'x-auth-token': 't', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
};

describe('the daemons of Nova', () => {
  it('start together, boot a server, and stop', async () => {
    expect((await syncDatabase(env()))[0]).toBe('0001-initial');
    for (const name of ['nova-conductor', 'nova-scheduler', 'nova-consoleauth', 'nova-novncproxy', 'nova-api'])
      await start(name);
    const { bus, host } = env();
    const compute = new FakeCompute(host);
    await bus.serve(computeRpc, host, compute.handlers());
    const conductor = bus.client(conductorRpc);
    await conductor.cast('reportService', { binary: 'nova-compute', host, topic: 'compute', interval: 10 });
    await conductor.cast('reportResources', { host, resources: FakeCompute.resources() });

    await expect
      .poll(async () =>
        (await manage('service', 'list'))
          .slice(1)
          .sort()
          .map((line) => line.replace(/ \S+$/, '')),
      )
      .toEqual(
        ['nova-compute', 'nova-conductor', 'nova-consoleauth', 'nova-scheduler'].map(
          (name) =>
            `${name.padEnd(16)} ${'controller'.padEnd(36)} ${(name === 'nova-compute' ? 'nova' : 'internal').padEnd(16)} enabled    :-)  `,
        ),
      );
    expect(await manage('service', 'disable', host, 'nova-scheduler')).toEqual([
      'Service nova-scheduler on host controller disabled.',
    ]);
    expect(await novaManage(['service', 'disable', 'x', 'y'], { ...env(), print: () => undefined })).toBe(2);
    await expect(manage('nonsense')).rejects.toThrow(/db sync, db version/);
    expect(await manage('db_sync')).toEqual([]);
    for (const daemon of running) expect((await daemon.health()).ok).toBe(true);
    expect((await call('/healthcheck')).body).toContain('database: reachable');
    const server = { name: 's', imageRef: '84e34943-40ac-47ef-959e-000000000001', flavorRef: '1' };
    const made = await call('/v2.1/servers', 'POST', { server });
    expect(made.status, JSON.stringify(made.body)).toBe(202);
    await expect
      .poll(async () => (await call(`/v2.1/servers/${made.body.server.id}`)).body.server.status)
      .toBe('ACTIVE');
    expect(compute.guests.size).toBe(1);
    const metadata = await fetch(`http://127.0.0.1:${conf().DEFAULT.metadata_listen_port}/`);
    expect(await metadata.text()).toContain('2009-04-04');
  });

  it('say in one line what is wrong with their configuration', async () => {
    await expect(start('nova-scheduler', { scheduler_default_filters: 'NoSuchFilter' })).rejects.toThrow(StartupError);
    await expect(start('nova-api', { auth_strategy: 'noauth' })).rejects.toThrow(/Set auth_strategy = keystone/);
    await start('nova-novncproxy');
    await expect(start('nova-novncproxy')).rejects.toThrow(/Port \d+ on 127.0.0.1 is taken/);
  });

  it('take over what a conductor has left that never comes back', async () => {
    const db = await openNovaDatabase(conf(), env());
    const now = isoMicros(systemClock.now());
    await db.query
      .insertInto('operations')
      .values({
        id: 'op',
        kind: 'server.delete',
        action: 'delete',
        resource_id: 'gone',
        owner: ownerOf('dead-host'),
        request_id: 'req-1',
        project_id: null,
        user_id: null,
        input: '{"serverId":"gone"}',
        state: '{}',
        status: 'running',
        failure: null,
        started_at: now,
        finished_at: null,
      })
      .execute();
    await start('nova-conductor');
    await expect
      .poll(async () => db.query.selectFrom('operations').select(['owner', 'status']).execute())
      .toEqual([{ owner: ownerOf('controller'), status: 'succeeded' }]);
    await db.close();
  });
});
