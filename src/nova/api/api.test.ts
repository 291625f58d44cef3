import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnforcer } from '#common/auth/policy.ts';
import { novaPolicies } from '../policies.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
let serverId: string;
beforeAll(async () => {
  nova = await novaFixture();
  const made = await nova.request('POST', '/v2.1/servers', {
    body: { server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', metadata: { key: 'value' } } },
  });
  serverId = made.body.server.id as string;
  await nova.settled();
});
afterAll(() => nova.close());

/** What everybody with a token may read, and what gives everybody his own. */
const everybodys = new Set([
  ...['servers.list', 'servers.detail', 'flavors.list', 'flavors.detail', 'flavors.show', 'flavors.extra_specs'],
  ...['keypairs.list', 'limits.show', 'extensions.list', 'extensions.show', 'availability_zones.list'],
  ...[
    'server_groups.list',
    'operations.list',
    'images.list',
    'images.detail',
    'images.show',
    'images.metadata',
    'networks.list',
  ],
  ...['tenant_networks.list', 'floating_ips.list', 'floating_ip_pools.list', 'security_groups.list'],
  'quota_sets.defaults',
  'fping.list',
  ...['volumes.list', 'volumes.detail', 'snapshots.list', 'snapshots.detail'],
  ...['certificates.show', 'certificates.create'],
]);

describe('every endpoint', () => {
  it('names a policy that exists, has an id of its own, and both APIs can be described', () => {
    const enforcer = createEnforcer(novaPolicies);
    const ids = new Map<string, number>();
    for (const { point, route } of nova.app.mounted) {
      if (route.policy !== null) expect(enforcer.rules, route.id).toContain(route.policy);
      const key = `${point.prefix} ${route.id}`;
      ids.set(key, (ids.get(key) ?? 0) + 1);
    }
    expect([...ids].filter(([, count]) => count > 1)).toEqual([]);
    expect(nova.app.mounted.length).toBeGreaterThan(300);
  });

  it('answers 401 to who brings no token, and 403, 404 or a refusal of the input to a stranger', async () => {
    const bare: string[] = [];
    const open: string[] = [];
    for (const { point, route } of nova.app.mounted) {
      if (route.policy === null) continue;
      const version = point.api === 'v2.1' ? (route.versions?.max ?? route.versions?.min ?? '2.1') : undefined;
      const path = route.path
        .replace(/^\/servers\/:(id|server_id)/, `/servers/${serverId}`)
        .replace(/^\/flavors\/:id/, '/flavors/1')
        .replace(/^\/images\/:id/, `/images/${nova.imageId}`)
        .replace(/^\/os-quota-sets\/:id|^\/os-simple-tenant-usage\/:tenant_id/, (all) => all.replace(/:\w+$/, 'demo'))
        .replace(/^\/(os-networks|os-tenant-networks)\/:id/, `/$1/${nova.demoNet.id}`)
        .replace(/:key|:tag/, 'key')
        .replace(/:alias/, 'OS-DCF')
        .replace(/:\w+/g, '1');
      const url = point.prefix.replace(':project_id', 'stranger') + path;
      const ask = (token: string | null) =>
        nova.request(route.method, url, {
          token,
          ...(version !== undefined && { version }),
          ...(route.method !== 'GET' && route.method !== 'DELETE' && { body: {} }),
        });
      const anonymous = await ask(null);
      if (anonymous.status !== 401) bare.push(`${route.method} ${url}: ${anonymous.status}`);
      const stranger = await ask('stranger');
      const refused = [400, 403, 404, 410, 501, 503].includes(stranger.status);
      if (!refused && !everybodys.has(route.id)) open.push(`${route.method} ${url} (${route.id}): ${stranger.status}`);
      if (stranger.status === 500) open.push(`${route.method} ${url}: ${JSON.stringify(stranger.body)}`);
    }
    expect(bare).toEqual([]);
    expect(open).toEqual([]);
  });

  it('keeps a stranger from every action of a server', async () => {
    for (const action of ['os-start', 'os-stop', 'pause', 'unpause', 'lock', 'unlock', 'forceDelete']) {
      const answer = await nova.request('POST', `/v2.1/servers/${serverId}/action`, {
        token: 'stranger',
        body: { [action]: null },
      });
      expect([action, answer.status]).toEqual([action, 404]);
    }
    const inputs = {
      reboot: { type: 'HARD' },
      'os-getConsoleOutput': {},
      'os-getVNCConsole': { type: 'novnc' },
      addFloatingIp: { address: '1.2.3.4' },
      addSecurityGroup: { name: 'x' },
    };
    for (const [action, input] of Object.entries(inputs)) {
      const body = { [action]: input };
      const answer = await nova.request('POST', `/v2.1/servers/${serverId}/action`, { token: 'stranger', body });
      expect([action, answer.status]).toEqual([action, 404]);
    }
    const body = { 'os-resetState': { state: 'error' } };
    expect((await nova.request('POST', `/v2.1/servers/${serverId}/action`, { body })).status).toBe(403);
  });

  it('is in the OpenAPI document', async () => {
    const { body } = await nova.request('GET', '/openapi.json', { token: null });
    expect(body.paths['/v2.1/servers/{id}/action'].post['x-policy']).toBe('admin_or_owner');
  });
});

describe('versions', () => {
  it('are listed, and each describes itself', async () => {
    const list = await nova.request('GET', '/', { token: null });
    expect(list.body.versions).toEqual([
      {
        id: 'v2.0',
        status: 'SUPPORTED',
        version: '',
        min_version: '',
        updated: '2011-01-21T11:33:21Z',
        links: [{ rel: 'self', href: 'http://127.0.0.1:8774/v2/' }],
      },
      {
        id: 'v2.1',
        status: 'CURRENT',
        version: '2.93',
        min_version: '2.1',
        updated: '2013-07-23T11:33:21Z',
        links: [{ rel: 'self', href: 'http://127.0.0.1:8774/v2.1/' }],
      },
    ]);
    for (const url of ['/v2.1', '/v2.1/']) {
      const one = await nova.request('GET', url, { token: null });
      expect([one.status, one.headers['openstack-api-version']]).toEqual([200, 'compute 2.1']);
      expect(one.body.version['media-types'][0].type).toBe('application/vnd.openstack.compute+json;version=2.1');
    }
    expect((await nova.request('GET', '/v2/', { token: null })).body.version.id).toBe('v2.0');
  });

  it('beyond ours are refused', async () => {
    const answer = await nova.request('GET', '/v2.1/servers', { version: '2.999' });
    expect(answer.body).toEqual({
      computeFault: {
        code: 406,
        message: 'Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.',
      },
    });
    expect((await nova.request('GET', '/v2.1/images', { version: '2.36' })).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/nosuch')).body).toBe(
      '404 Not Found\n\nThe resource could not be found.\n\n   ',
    );
  });
});

describe('lists of servers', () => {
  it('are filtered, sorted and paged', async () => {
    const made = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 'web', imageRef: nova.imageId, flavorRef: '2', min_count: 4 } },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(202);
    await nova.settled();
    const names = async (query: string, token = 'demo', version = '2.1'): Promise<string[]> => {
      const { body, status } = await nova.request('GET', `/v2.1/servers?${query}`, { token, version });
      expect(status, JSON.stringify(body)).toBe(200);
      return body.servers.map((one: { name: string }) => one.name) as string[];
    };
    expect(await names('')).toEqual(['web-4', 'web-3', 'web-2', 'web-1', 'one']);
    expect(await names('name=WEB-1')).toEqual(['web-1']);
    expect(await names('name=%5Eweb-%5B12%5D%24&sort_dir=asc')).toEqual(['web-1', 'web-2']);
    expect(await names('flavor=1')).toEqual(['one']);
    expect(await names('status=active&limit=2')).toEqual(['web-4', 'web-3']);
    expect(await names('status=ERROR')).toEqual([]);
    expect(await names('status=nonsense')).toEqual([]);
    expect(await names('limit=0')).toEqual([]);
    expect(await names('host=compute1&limit=1', 'demo/admin')).toEqual(['web-4']);
    expect(await names('host=nowhere', 'demo/admin')).toEqual([]);
    // What one may not filter by is ignored.
    expect(await names('host=nowhere')).toHaveLength(5);
    expect(await names('', 'other')).toEqual([]);
    expect(await names('all_tenants=1', 'other/admin')).toHaveLength(5);
    expect(await names('metadata=%7B%22key%22%3A%22value%22%7D')).toEqual(['one']);
    expect(await names('changes-since=2099-01-01T00:00:00Z')).toEqual([]);
    expect(await names('ip=%5E192.168.27.2%24')).toEqual(['one']);

    const first = await nova.request('GET', '/v2.1/servers?limit=2');
    const { href } = first.body.servers_links[0] as { href: string };
    expect(href).toContain(`marker=${first.body.servers[1].id}`);
    const second = await nova.request('GET', href.replace('http://127.0.0.1:8774', ''));
    expect(second.body.servers.map((one: { name: string }) => one.name)).toEqual(['web-2', 'web-1']);
  });

  it.each([
    ['limit=-1', 400],
    ['limit=x', 400],
    ['marker=nope', 400],
    ['sort_key=secret', 400],
    ['sort_dir=up', 400],
    ['changes-since=whenever', 400],
    ['name=%28', 400],
    ['all_tenants=1', 403],
  ])('refuse %s', async (query, status) => {
    expect((await nova.request('GET', `/v2.1/servers?${query}`)).status).toBe(status);
  });
});
