import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

const hex32 = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, `/v2.0${path}`, body, { token: adminToken, port: 'admin' });
const signIn = (auth: unknown): Promise<Answer> => cloud.call('POST', '/v2.0/tokens', { auth });
const adminSignIn = { passwordCredentials: { username: 'admin', password: 'adminpass' }, tenantName: 'admin' };

describe('v2.0 tokens', () => {
  it('have the shape that Icehouse clients read', async () => {
    const answer = await signIn(adminSignIn);
    const { projects, users, roles } = cloud.ids;
    const { token } = answer.body.access as { token: { id: string } };
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        access: {
          token: {
            issued_at: '2026-11-23T01:03:16.000000',
            expires: '2026-11-23T02:03:16Z',
            id: hex32,
            tenant: { description: 'Admin Tenant', enabled: true, id: projects['admin'], name: 'admin' },
            audit_ids: [expect.any(String)],
          },
          serviceCatalog: [
            {
              endpoints: [
                {
                  adminURL: 'http://controller:35357/v3',
                  region: 'RegionOne',
                  internalURL: 'http://controller:5000/v3',
                  id: hex32,
                  publicURL: 'http://controller:5000/v3',
                },
              ],
              endpoints_links: [],
              type: 'identity',
              name: 'keystone',
            },
            {
              endpoints: [
                {
                  adminURL: `http://controller:8774/v2/${projects['admin']}`,
                  region: 'RegionOne',
                  id: hex32,
                  publicURL: `http://controller:8774/v2/${projects['admin']}`,
                },
              ],
              endpoints_links: [],
              type: 'compute',
              name: 'nova',
            },
          ],
          user: {
            username: 'admin',
            roles_links: [],
            id: users['admin'],
            roles: [{ name: 'admin' }, { name: 'member' }, { name: 'reader' }],
            name: 'admin',
          },
          metadata: { is_admin: 0, roles: [roles['admin'], roles['member'], roles['reader']] },
        },
      },
    ]);
    const v3 = await cloud.call('GET', '/v3/auth/tokens', undefined, { token: adminToken, subject: token.id });
    expect(v3.body.token.project.name).toBe('admin');
  });

  it('are validated, checked, listed and revoked on the admin port', async () => {
    const id = (await signIn(adminSignIn)).body.access.token.id as string;
    expect((await admin('GET', `/tokens/${id}`)).body.access.token.id).toBe(id);
    expect((await admin('HEAD', `/tokens/${id}`)).status).toBe(200);
    expect((await admin('GET', `/tokens/${id}?belongsTo=${cloud.ids.projects['admin']}`)).status).toBe(200);
    expect((await admin('GET', `/tokens/${id}?belongsTo=other`)).status).toBe(401);
    const { endpoints } = (await admin('GET', `/tokens/${id}/endpoints`)).body as { endpoints: unknown[] };
    expect(endpoints).toHaveLength(2);
    expect((await admin('DELETE', `/tokens/${id}`)).status).toBe(204);
    expect((await admin('GET', `/tokens/${id}`)).body.error.message).toBe(`Could not find token: ${id}.`);
  });

  it('are given without a tenant, then exchanged for one', async () => {
    const { token, serviceCatalog } = (await signIn({ passwordCredentials: adminSignIn.passwordCredentials })).body
      .access as { token: { id: string; tenant?: unknown }; serviceCatalog: unknown[] };
    expect([token.tenant, serviceCatalog]).toEqual([undefined, []]);
    const scoped = await signIn({ token: { id: token.id }, tenantId: cloud.ids.projects['admin'] });
    expect(scoped.body.access.token.tenant.name).toBe('admin');
  });

  it('are refused with 400 for no body, 401 for wrong credentials', async () => {
    expect((await signIn({})).status).toBe(400);
    expect((await signIn({ passwordCredentials: { username: 'admin' } })).status).toBe(400);
    const wrong = await signIn({ ...adminSignIn, passwordCredentials: { username: 'admin', password: 'x' } });
    expect(wrong.body).toEqual({
      error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
    });
    expect(wrong.headers['www-authenticate']).toBe('Keystone uri="http://controller:5000/v2.0"');
  });
});

describe("the manual's commands (M027 to M056)", () => {
  it('register a service and its endpoint', async () => {
    const service = await admin('POST', '/OS-KSADM/services', {
      'OS-KSADM:service': { name: 'glance', type: 'image', description: 'OpenStack Image Service' },
    });
    expect([service.status, service.body]).toEqual([
      200,
      {
        'OS-KSADM:service': {
          description: 'OpenStack Image Service',
          enabled: true,
          id: hex32,
          name: 'glance',
          type: 'image',
        },
      },
    ]);
    const { id } = service.body['OS-KSADM:service'] as { id: string };
    const url = 'http://controller:9292';
    const urls = { publicurl: url, internalurl: url, adminurl: url };
    const wanted = { service_id: id, region: 'regionOne', ...urls };
    const made = await admin('POST', '/endpoints', { endpoint: wanted });
    expect(made.body).toEqual({ endpoint: { ...wanted, id: hex32 } });
    const endpoint = made.body.endpoint as { id: string };
    expect((await admin('GET', '/endpoints')).body.endpoints).toContainEqual({ ...endpoint, enabled: true });
    expect(
      (await cloud.call('GET', `/v3/endpoints?service_id=${id}`, undefined, { token: adminToken })).body.endpoints,
    ).toHaveLength(3);
    expect((await admin('DELETE', `/endpoints/${endpoint.id}`)).status).toBe(204);
    expect((await admin('DELETE', `/endpoints/${endpoint.id}`)).status).toBe(404);
    expect((await admin('DELETE', `/OS-KSADM/services/${id}`)).status).toBe(204);
  });

  it('make a tenant, a role and a user, who then signs in', async () => {
    const tenant = (
      await admin('POST', '/tenants', { tenant: { name: 'test', description: 'Test Tenant', enabled: true } })
    ).body.tenant as { id: string };
    expect(tenant).toEqual({ description: 'Test Tenant', enabled: true, id: hex32, name: 'test' });
    const role = (await admin('POST', '/OS-KSADM/roles', { role: { name: 'operator' } })).body.role as { id: string };
    expect(role).toEqual({ id: hex32, name: 'operator' });
    const made = await admin('POST', '/users', {
      user: { name: 'carl', password: 'carlpass', email: 'carl@magedu.com', tenantId: tenant.id, enabled: true },
    });
    expect(made.body.user).toEqual({
      email: 'carl@magedu.com',
      enabled: true,
      id: hex32,
      name: 'carl',
      tenantId: tenant.id,
      username: 'carl',
    });
    const { id } = made.body.user as { id: string };
    const roles = `/tenants/${tenant.id}/users/${id}/roles`;
    const granted = await admin('PUT', `${roles}/OS-KSADM/${role.id}`);
    expect([granted.status, granted.body]).toEqual([200, { role }]);
    expect((await admin('GET', roles)).body.roles).toEqual([
      { id: '9fe2ff9ee4384b1894a90878d3e92bab', name: '_member_' },
      { id: role.id, name: 'operator' },
    ]);
    expect((await admin('GET', `/tenants/${tenant.id}/users`)).body.users).toMatchObject([{ name: 'carl' }]);
    expect((await admin('GET', '/users?name=carl')).body.user.id).toBe(id);
    expect((await admin('GET', '/tenants?name=test')).body.tenant.id).toBe(tenant.id);

    const auth = { passwordCredentials: { username: 'carl', password: 'carlpass' }, tenantName: 'test' };
    const token = (await signIn(auth)).body.access.token.id as string;
    const own = await cloud.call('GET', '/v2.0/tenants', undefined, { token });
    expect(own.body).toEqual({ tenants: [tenant], tenants_links: [] });
    expect((await cloud.call('GET', '/v2.0/users', undefined, { token, port: 'admin' })).status).toBe(403);

    const changed = await cloud.call(
      'PATCH',
      `/v2.0/OS-KSCRUD/users/${id}`,
      { user: { password: 'new', original_password: 'carlpass' } },
      { token },
    );
    expect([changed.status, changed.body.access.token.id]).toEqual([200, hex32]);
    expect((await cloud.call('GET', '/v2.0/tenants', undefined, { token })).status).toBe(401);

    const moved = await admin('PUT', `/users/${id}`, { user: { tenantId: cloud.ids.projects['demo'] } });
    expect(moved.body.user.tenantId).toBe(cloud.ids.projects['demo']);
    expect((await admin('GET', roles)).body.roles).toEqual([{ id: role.id, name: 'operator' }]);
    expect((await admin('PUT', `/users/${id}/OS-KSADM/enabled`, { user: { enabled: false } })).body.user.enabled).toBe(
      false,
    );
    expect((await signIn({ ...auth, passwordCredentials: { username: 'carl', password: 'new' } })).status).toBe(401);
    expect((await admin('DELETE', `${roles}/OS-KSADM/${role.id}`)).status).toBe(204);
    expect((await admin('POST', `/tenants/${tenant.id}`, { tenant: { enabled: false } })).body.tenant.enabled).toBe(
      false,
    );
    for (const path of [`/users/${id}`, `/tenants/${tenant.id}`, `/OS-KSADM/roles/${role.id}`])
      expect((await admin('DELETE', path)).status).toBe(204);
  });

  it('refuse what cannot be', async () => {
    expect((await admin('POST', '/tenants', { tenant: { name: '' } })).status).toBe(400);
    expect((await admin('POST', '/tenants', { tenant: { name: 'demo' } })).status).toBe(409);
    expect((await admin('POST', '/users', { user: { name: 'x', tenantId: 'nope' } })).status).toBe(404);
    expect((await admin('POST', '/users', { user: { name: 'x', enabled: 'yes' } })).status).toBe(400);
    expect((await cloud.call('GET', '/v2.0/tenants', undefined, { port: 'admin' })).status).toBe(401);
    // Administration is not on the public port.
    expect((await cloud.call('GET', '/v2.0/users', undefined, { token: adminToken })).status).toBe(404);
  });

  it('page tenants, tell of a role that is had already, and of what was given up', async () => {
    const page = async (query: string, port: 'public' | 'admin' = 'admin'): Promise<Answer> =>
      cloud.call('GET', `/v2.0/tenants${query}`, undefined, { token: adminToken, port });
    for (const port of ['public', 'admin'] as const) {
      const first = (await page('?limit=1', port)).body.tenants as { id: string; name: string }[];
      expect(first.map((one) => one.name)).toEqual(['admin']);
      const next = await page(`?limit=1&marker=${first[0]?.id}`, port);
      expect(next.body.tenants).toMatchObject([{ name: 'demo' }]);
      const lost = await page('?marker=nope', port);
      expect([lost.status, lost.body.error.message]).toEqual([400, 'Marker could not be found']);
    }
    const { projects, users, roles } = cloud.ids;
    const role = `/tenants/${projects['demo']}/users/${users['demo']}/roles/OS-KSADM/${roles['member']}`;
    expect((await admin('PUT', role)).status).toBe(409);
    const without = await admin('GET', `/users/${users['demo']}/roles`);
    expect([without.status, without.body.error.message]).toEqual([501, 'User roles not supported: tenant ID required']);
    expect((await admin('PUT', `/users/${users['demo']}/enabled`, { user: { enabled: true } })).status).toBe(200);
  });

  it('show three endpoints of v3 as one, and delete them as one', async () => {
    const as = (method: string, path: string, body?: unknown) =>
      cloud.call(method, `/v3${path}`, body, { token: adminToken });
    const service = (await as('POST', '/services', { service: { type: 'volume', name: 'cinder' } })).body.service
      .id as string;
    for (const face of ['admin', 'public', 'internal'])
      await as('POST', '/endpoints', {
        endpoint: { interface: face, service_id: service, url: `http://${face}:$(public_port)s`, region: 'one' },
      });
    const list = (await admin('GET', '/endpoints')).body.endpoints as { id: string; service_id: string }[];
    const [shown, ...others] = list.filter((one) => one.service_id === service);
    expect(others).toEqual([]);
    expect(shown).toMatchObject({
      publicurl: 'http://public:$(public_port)s',
      internalurl: 'http://internal:$(public_port)s',
      adminurl: 'http://admin:$(public_port)s',
      region: 'one',
    });
    const { serviceCatalog } = (await signIn(adminSignIn)).body.access as { serviceCatalog: { name: string }[] };
    expect(serviceCatalog.find((one) => one.name === 'cinder')).toMatchObject({
      endpoints: [{ publicURL: 'http://public:5000', adminURL: 'http://admin:5000' }],
    });
    expect((await admin('DELETE', `/endpoints/${shown?.id}`)).status).toBe(204);
    expect((await as('GET', `/endpoints?service_id=${service}`)).body.endpoints).toEqual([]);
    await admin('DELETE', `/OS-KSADM/services/${service}`);
  });

  it('name the extensions of each port', async () => {
    const aliases = async (port: 'public' | 'admin') =>
      (
        (await cloud.call('GET', '/v2.0/extensions', undefined, { port })).body.extensions.values as { alias: string }[]
      ).map((e) => e.alias);
    expect(await aliases('public')).toEqual(['OS-KSCRUD', 'OS-EC2', 'OS-SIMPLE-CERT']);
    expect(await aliases('admin')).toEqual(['OS-KSADM', 'OS-KSCRUD', 'OS-EC2', 's3tokens', 'OS-SIMPLE-CERT']);
    expect((await cloud.call('GET', '/v2.0/extensions/OS-KSADM', undefined, { port: 'admin' })).status).toBe(200);
    expect((await cloud.call('GET', '/v2.0/extensions/none')).status).toBe(404);
  });
});
