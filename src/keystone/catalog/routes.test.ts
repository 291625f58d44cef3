import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';
import { fillIn } from './urls.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());
const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v3${path}`, body, { token: adminToken });
const host = 'http://controller:5000';

describe('the catalogue', () => {
  it('has regions', async () => {
    const region = {
      id: 'RegionOne',
      description: '',
      parent_region_id: null,
      links: { self: `${host}/v3/regions/RegionOne` },
    };
    expect((await call('GET', '/regions')).body.regions).toEqual([region]);
    const made = await call('POST', '/regions', { region: { id: 'West', parent_region_id: 'RegionOne' } });
    expect([made.status, made.body.region.parent_region_id]).toEqual([201, 'RegionOne']);
    expect((await call('POST', '/regions', { region: { id: 'West' } })).body.error.message).toBe(
      'Conflict occurred attempting to store region - Duplicate ID, West.',
    );
    expect((await call('DELETE', '/regions/RegionOne')).status).toBe(403);
    expect((await call('PATCH', '/regions/West', { region: { description: 'Far' } })).body.region.description).toBe(
      'Far',
    );
    expect((await call('DELETE', '/regions/West')).status).toBe(204);
    const put = await call('PUT', '/regions/East', { region: { description: 'given id' } });
    expect([put.status, put.body.region.id]).toEqual([201, 'East']);
    expect((await call('PUT', '/regions/North', { region: { id: 'South' } })).status).toBe(400);
    await call('DELETE', '/regions/East');
  });

  it('has services', async () => {
    const made = await call('POST', '/services', { service: { type: 'image', name: 'glance' } });
    const { id } = made.body.service as { id: string };
    expect([made.status, made.body]).toEqual([
      201,
      {
        service: {
          name: 'glance',
          id,
          type: 'image',
          enabled: true,
          links: { self: `${host}/v3/services/${id}` },
        },
      },
    ]);
    expect((await call('GET', '/services?type=image')).body.services).toHaveLength(1);
    const changed = await call('PATCH', `/services/${id}`, { service: { description: 'Images' } });
    expect(changed.body.service.description).toBe('Images');
    expect((await call('DELETE', `/services/${id}`)).status).toBe(204);
    expect((await call('GET', `/services/${id}`)).body.error.message).toBe(`Could not find service: ${id}.`);
  });

  it('has endpoints, whose URLs are checked', async () => {
    const service_id = cloud.ids.services['nova'];
    const wanted = { interface: 'internal', service_id, region_id: 'South', url: 'http://x/%(project_id)s' };
    const made = await call('POST', '/endpoints', { endpoint: wanted });
    const { id } = made.body.endpoint as { id: string };
    expect([made.status, made.body.endpoint]).toEqual([
      201,
      { ...wanted, id, enabled: true, region: 'South', links: { self: `${host}/v3/endpoints/${id}` } },
    ]);
    expect((await call('GET', '/regions/South')).status).toBe(200);
    expect((await call('GET', `/endpoints?service_id=${service_id}&interface=internal`)).body.endpoints).toHaveLength(
      1,
    );
    const bad = await call('PATCH', `/endpoints/${id}`, { endpoint: { url: 'http://x/%(nonsense)s' } });
    expect([bad.status, bad.body.error.message]).toEqual([400, expect.stringContaining('Malformed endpoint URL')]);
    expect((await call('POST', '/endpoints', { endpoint: { ...wanted, interface: 'secret' } })).status).toBe(400);
    expect((await call('POST', '/endpoints', { endpoint: { ...wanted, service_id: 'nope' } })).status).toBe(404);
    expect((await call('PATCH', `/endpoints/${id}`, { endpoint: { enabled: false } })).body.endpoint.enabled).toBe(
      false,
    );
    expect((await call('DELETE', `/endpoints/${id}`)).status).toBe(204);
  });

  it('fills in what a URL refers to', () => {
    const values = { projectId: 'p', userId: 'u' };
    expect(fillIn('http://h/v2/$(tenant_id)s/%(user_id)s', values)).toBe('http://h/v2/p/u');
    expect(fillIn('http://h/%(tenant_id)s', { projectId: null, userId: 'u' })).toBeNull();
    expect(fillIn('http://h/%(toString)s', values)).toBeNull();
    expect(fillIn('http://h/100%', values)).toBe('http://h/100%');
  });
});

describe('versions', () => {
  it('are told to anybody', async () => {
    const root = await cloud.call('GET', '/');
    expect([root.status, root.headers['location']]).toEqual([300, `${host}/v3/`]);
    const v3 = {
      id: 'v3.14',
      status: 'stable',
      updated: '2020-04-07T00:00:00Z',
      links: [{ rel: 'self', href: `${host}/v3/` }],
      'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
    };
    expect(root.body.versions.values[0]).toEqual(v3);
    expect(root.body.versions.values[1]).toMatchObject({ id: 'v2.0', links: [{ href: `${host}/v2.0/` }, {}] });
    for (const path of ['/v3', '/v3/']) expect((await cloud.call('GET', path)).body).toEqual({ version: v3 });
    for (const path of ['/v2.0', '/v2.0/']) expect((await cloud.call('GET', path)).body.version.id).toBe('v2.0');
    const none = await cloud.call('GET', '/v3/nosuch');
    expect([none.status, none.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  });
});

describe('credentials', () => {
  it('are their users own', async () => {
    const token = await cloud.token('demo');
    const own = (method: string, path: string, body?: unknown) => cloud.call(method, `/v3${path}`, body, { token });
    const { demo, admin } = cloud.ids.users as { demo: string; admin: string };
    const made = await own('POST', '/credentials', { credential: { type: 'totp', blob: 'secret' } });
    expect(made.body.credential).toMatchObject({ user_id: demo, project_id: null, type: 'totp', blob: 'secret' });
    const { id } = made.body.credential as { id: string };
    const other = await own('POST', '/credentials', { credential: { type: 'x', blob: 'y', user_id: admin } });
    expect(other.status).toBe(403);
    const ofAdmin = await call('POST', '/credentials', { credential: { type: 'x', blob: 'y', user_id: admin } });
    expect((await own('GET', `/credentials/${ofAdmin.body.credential.id}`)).status).toBe(403);
    expect((await own('GET', '/credentials')).body.credentials).toHaveLength(1);
    expect((await call('GET', '/credentials')).body.credentials).toHaveLength(2);
    expect((await own('PATCH', `/credentials/${id}`, { credential: { user_id: admin } })).status).toBe(403);
    expect((await own('PATCH', `/credentials/${id}`, { credential: { blob: 'new' } })).body.credential.blob).toBe(
      'new',
    );
    expect((await own('DELETE', `/credentials/${id}`)).status).toBe(204);
  });

  it('are EC2 key pairs too', async () => {
    const token = await cloud.token('demo');
    const { demo, admin } = cloud.ids.users as { demo: string; admin: string };
    const base = `/v3/users/${demo}/credentials/OS-EC2`;
    const made = await cloud.call('POST', base, { tenant_id: cloud.ids.projects['demo'] }, { token });
    const { access } = made.body.credential as { access: string };
    expect([made.status, made.body.credential]).toMatchObject([
      201,
      { user_id: demo, tenant_id: cloud.ids.projects['demo'], trust_id: null },
    ]);
    expect((await cloud.call('GET', base, undefined, { token })).body.credentials).toHaveLength(1);
    const wrongUser = `/v3/users/${admin}/credentials/OS-EC2/${access}`;
    expect((await cloud.call('GET', wrongUser, undefined, { token })).status).toBe(403);
    expect((await cloud.call('GET', wrongUser, undefined, { token: adminToken })).status).toBe(404);
    expect((await cloud.call('DELETE', `${base}/${access}`, undefined, { token })).status).toBe(204);
  });
});
