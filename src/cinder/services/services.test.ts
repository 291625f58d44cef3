import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const admin = 'demo/admin';
const ask = (method: string, url: string, body?: object, token = admin, version = '3.70') =>
  cinder.request(method, url, { body, token, version });

describe('the volume service', () => {
  it('lists its daemons', async () => {
    expect((await ask('GET', '/os-services', undefined, 'demo')).status).toBe(403);
    const { services } = (await ask('GET', '/os-services?binary=cinder-volume&host=stor1')).body;
    expect(services).toEqual([
      {
        binary: 'cinder-volume',
        host: 'stor1@lvm',
        zone: 'nova',
        status: 'enabled',
        state: 'up',
        updated_at: expect.any(String),
        backend_state: 'up',
        cluster: null,
        disabled_reason: null,
        replication_status: 'disabled',
        active_backend_id: null,
        frozen: false,
      },
    ]);
    const [scheduler] = (await ask('GET', '/os-services?binary=cinder-scheduler')).body.services;
    expect(Object.keys(scheduler)).toEqual([
      ...['binary', 'host', 'zone', 'status', 'state', 'updated_at', 'cluster', 'disabled_reason'],
    ]);
  });

  it('turns them on and off, freezes and thaws them', async () => {
    const which = { host: 'stor1@lvm', binary: 'cinder-volume' };
    const put = (what: string, body: object) => ask('PUT', `/os-services/${what}`, body);
    expect((await put('disable-log-reason', { ...which, disabled_reason: 'repair' })).body).toEqual({
      ...which,
      service: '',
      disabled: true,
      status: 'disabled',
      disabled_reason: 'repair',
    });
    expect((await ask('GET', '/os-services?host=stor1@lvm')).body.services[0]).toMatchObject({
      status: 'disabled',
      disabled_reason: 'repair',
    });
    expect((await put('disable-log-reason', { ...which, disabled_reason: null })).status).toBe(400);
    expect((await put('enable', which)).body.status).toBe('enabled');
    expect((await put('enable', { ...which, host: 'nosuch' })).status).toBe(404);
    expect((await put('disable', { ...which, binary: 'nosuch' })).status).toBe(404);
    expect((await put('freeze', { host: 'stor1@lvm' })).status).toBe(200);
    expect((await ask('GET', '/os-services?host=stor1@lvm')).body.services[0].frozen).toBe(true);
    expect((await put('thaw', { host: 'stor1@lvm' })).status).toBe(200);
    for (const what of ['freeze', 'thaw']) expect((await put(what, { host: 'nosuch' })).status).toBe(400);
  });

  it('shows hosts, pools, capabilities and zones', async () => {
    await cinder.volume({ size: 2 });
    expect((await ask('GET', '/os-hosts')).body.hosts).toHaveLength(4);
    expect((await ask('GET', '/os-hosts/stor1@lvm')).body.host).toMatchObject([
      { resource: { project: '(total)', volume_count: '1', total_volume_gb: '2', snapshot_count: '0' } },
      { resource: { project: 'demo', volume_count: '1' } },
    ]);
    expect((await ask('GET', '/os-hosts/nosuch')).status).toBe(404);
    expect((await ask('GET', '/scheduler-stats/get_pools')).body.pools).toEqual([
      { name: 'stor1@lvm#lvm' },
      { name: 'stor2@lvm#lvm' },
    ]);
    const [pool] = (await ask('GET', '/scheduler-stats/get_pools?detail=True&name=stor1@lvm%23lvm')).body.pools;
    expect(pool.capabilities).toMatchObject({ volume_backend_name: 'lvm', storage_protocol: 'iSCSI' });
    expect((await ask('GET', `/capabilities/${encodeURIComponent('stor1@lvm#lvm')}`)).body).toMatchObject({
      namespace: 'OS::Storage::Capabilities::stor1@lvm',
      volume_backend_name: 'lvm',
    });
    expect((await ask('GET', '/capabilities/x')).body.itemNotFound.message).toBe("Can't find service: x");
    expect((await ask('GET', '/os-availability-zone', undefined, 'demo')).body).toEqual({
      availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }],
    });
    expect((await ask('GET', '/clusters')).body).toEqual({ clusters: [] });
    expect((await ask('GET', '/resource_filters?resource=pool')).body).toEqual({
      resource_filters: [{ resource: 'pool', filters: ['name', 'volume_type'] }],
    });
  });

  it('tells projects why nothing came about', async () => {
    await ask('POST', '/types', { volume_type: { name: 'odd', extra_specs: { vendor_name: 'nobody' } } });
    const { id } = await cinder.volume({ volume_type: 'odd' });
    const [message] = (await ask('GET', '/messages', undefined, 'demo')).body.messages;
    expect(message).toMatchObject({
      resource_uuid: id,
      resource_type: 'VOLUME',
      event_id: 'VOLUME_VOLUME_001_003',
      user_message: 'schedule allocate volume:Could not find any available weighted backend.',
      message_level: 'ERROR',
    });
    const url = `/messages/${message.id}`;
    expect(
      (await ask('GET', `/messages?event_id=VOLUME_VOLUME_001_003`, undefined, 'demo')).body.messages,
    ).toHaveLength(1);
    expect((await ask('GET', url, undefined, 'other')).status).toBe(404);
    expect((await ask('DELETE', url, undefined, 'demo')).status).toBe(204);
    expect((await ask('GET', url, undefined, 'demo')).status).toBe(404);
  });

  it('says which versions it speaks', async () => {
    const root = await cinder.request('GET', '/', { token: null });
    expect(root.status).toBe(300);
    expect(root.body.versions.map((one: { id: string }) => one.id)).toEqual(['v1.0', 'v2.0', 'v3.0']);
    const third = await cinder.request('GET', '/v3/', { token: null });
    expect(third.body).toEqual({
      versions: [
        {
          id: 'v3.0',
          status: 'CURRENT',
          version: '3.70',
          min_version: '3.0',
          updated: '2022-08-31T00:00:00Z',
          links: [
            { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
            { rel: 'self', href: 'http://127.0.0.1:8776/v3/' },
          ],
          'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
        },
      ],
    });
    expect(third.headers).toMatchObject({ 'openstack-api-version': 'volume 3.0' });
    const { extensions } = (await ask('GET', '/extensions')).body;
    expect(extensions[0]).toEqual({
      name: 'VolumeImageMetadata',
      alias: 'os-vol-image-meta',
      description: 'Show image metadata associated with the volume.',
      updated: '2012-12-07T00:00:00+00:00',
      links: [],
    });
    expect((await ask('GET', '/nosuch')).body).toContain('The resource could not be found.');
    expect((await cinder.request('GET', '/volumes', { version: '3.71' })).status).toBe(406);
  });

  it('names a policy for every route, and lets nobody in without a token', async () => {
    const { rules } = cinder.services.kit.enforcer;
    const seen = new Set<string>();
    for (const { point, route } of cinder.app.mounted) {
      if (route.policy === null) continue;
      expect(rules.has(route.policy), route.id).toBe(true);
      const key = `${point.prefix} ${route.id}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
      const url = (point.prefix + route.path).replace(/:\w+/g, 'x');
      const answer = await cinder.request(route.method, url, {
        token: null,
        version: '3.70',
        ...(route.method !== 'GET' && { body: {} }),
      });
      expect([url, answer.status]).toEqual([url, 401]);
    }
  });
});
