import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCloud, projectRoot, type Cloud } from '../fixtures/cloud.ts';

interface OpenApi {
  paths: Record<string, Record<string, { security?: unknown; operationId: string }>>;
}

const OFFSET = 12_000;
const services = { keystone: 5000, glance: 9292, nova: 8774, neutron: 9696, cinder: 8776, events: 8790 } as const;
const url = (service: keyof typeof services, path: string): string =>
  `http://127.0.0.1:${services[service] + OFFSET}${path}`;

// A whole cloud in one process with simulated guests and networks: what an unprivileged user gets.
describe('a cloud with fake drivers', () => {
  let cloud: Cloud;
  const documents = new Map<string, OpenApi>();

  beforeAll(async () => {
    cloud = await makeCloud(['--virt', 'fake', '--network', 'fake', '--port-offset', String(OFFSET)]);
    const { stdout } = await cloud.up();
    expect(stdout).toMatch(/ready in \d+\.\d s/);
    for (const service of Object.keys(services) as (keyof typeof services)[])
      documents.set(service, (await (await fetch(url(service, '/openapi.json'))).json()) as OpenApi);
  });
  afterAll(async () => {
    await cloud.igloo('destroy', '--yes');
    expect(existsSync(cloud.stateDir)).toBe(false);
  });

  it.each(Object.keys(services))('has the OpenAPI document of %s that is committed', (service) => {
    const path = join(projectRoot, 'openapi', `${service}.json`);
    const text =
      JSON.stringify(documents.get(service), null, 1).replaceAll(
        String(services[service as 'nova'] + OFFSET),
        String(services[service as 'nova']),
      ) + '\n';
    if (process.env['UPDATE_OPENAPI']) {
      mkdirSync(join(projectRoot, 'openapi'), { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path) && readFileSync(path, 'utf8') === text, 'run: npm run openapi').toBe(true);
  });

  it.each(Object.keys(services) as (keyof typeof services)[])(
    'lets nobody without a token into %s',
    async (service) => {
      const open: string[] = [];
      for (const [path, methods] of Object.entries(documents.get(service)?.paths ?? {}))
        for (const [method, operation] of Object.entries(methods)) {
          if (!operation.security) continue;
          const target = url(service, path.replace(/\{\w+\}/g, 'x'));
          const answer = await fetch(target, {
            method: method.toUpperCase(),
            ...(method === 'get' || method === 'head'
              ? {}
              : { body: '{}', headers: { 'content-type': 'application/json' } }),
          });
          if (answer.status !== 401) open.push(`${method} ${path}: ${answer.status}`);
          await answer.arrayBuffer();
        }
      expect(open).toEqual([]);
    },
  );

  it('boots a server, goes down, comes up again, and still has it', async () => {
    await cloud.openstack(
      'demo',
      'server',
      'create',
      '--image',
      'cirros',
      '--flavor',
      'm1.tiny',
      '--network',
      'demo-net',
      '--wait',
      'kept',
    );
    const before = await cloud.json<{ id: string; status: string }>('demo', 'server', 'show', 'kept');
    expect(before.status).toBe('ACTIVE');
    await cloud.igloo('down');
    await cloud.up();
    const after = await cloud.json<{ id: string; status: string }>('demo', 'server', 'show', 'kept');
    expect([after.id, after.status]).toEqual([before.id, 'ACTIVE']);
  });

  it('says every host’s reason when a launch cannot fit', async () => {
    await cloud.openstack('admin', 'flavor', 'create', '--ram', '99999999', '--vcpus', '1', '--disk', '1', 'huge');
    await cloud.openstack('admin', 'quota', 'set', '--ram', '-1', 'demo');
    await cloud
      .openstack(
        'demo',
        'server',
        'create',
        '--image',
        'cirros',
        '--flavor',
        'huge',
        '--network',
        'demo-net',
        '--wait',
        'big',
      )
      .catch(() => '');
    const shown = await cloud.json<{ status: string; fault: { message: string; details?: string } }>(
      'admin',
      'server',
      'show',
      (await cloud.json<{ id: string }>('demo', 'server', 'show', 'big')).id,
    );
    expect(shown.status).toBe('ERROR');
    expect(shown.fault.message).toContain('No valid host was found');
    expect(JSON.stringify(shown.fault)).toMatch(/RamFilter.*99999999/);
  });

  it('tells a tenant what was done, what fits and what a guest uses, and nothing of hosts', async () => {
    const { id: token } = await cloud.json<{ id: string }>('demo', 'token', 'issue');
    const ask = async (service: 'nova' | 'cinder', path: string, body?: object) => {
      const answer = await fetch(url(service, path), {
        headers: { 'x-auth-token': token, 'content-type': 'application/json' },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      expect(text).not.toContain(`"${hostname()}"`);
      return JSON.parse(text) as unknown;
    };
    expect(await ask('nova', '/v2.1/os-operations?status=failed')).toMatchObject({
      operations: [
        {
          resource_name: 'big',
          failure: { details: [{ host: 'host 1', filter: 'RamFilter', reason: expect.stringMatching(/99999999/) }] },
        },
      ],
    });
    expect(await ask('nova', '/v2.1/os-server-fit', { server_fit: { flavors: ['1'] } })).toMatchObject({
      fits: [{ fits: true, hosts: 1, host_verdicts: [{ host: 'host 1', passed: true }] }],
    });
    const [server] = await cloud.json<{ ID: string }[]>('demo', 'server', 'list', '--status', 'ACTIVE');
    expect(await ask('nova', `/v2.1/servers/${server?.ID}/os-metrics`)).toMatchObject({
      metrics: { state: 'running', disks: [{ device: 'vda' }] },
    });
    await ask('cinder', '/v3/os-operations');
  });
});
