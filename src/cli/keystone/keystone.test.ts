import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminTenant, adminUser, FakeCloud, manual } from '../testing/fake-cloud.ts';
import { keystoneClient } from './client.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(keystoneClient, argv);
const printed = (id: string): string => `${manual[id]?.output}\n`;

const admin = { id: adminTenant, name: 'admin', description: 'Admin Tenant', enabled: true };
const user = {
  id: adminUser,
  name: 'admin',
  username: 'admin',
  email: 'admin@magedu.com',
  enabled: true,
  tenantId: adminTenant,
};
const roles = [
  { id: '9e09bd2e181e4556af2a8c6706c879ff', name: 'admin' },
  { id: '9fe2ff9ee4384b1894a90878d3e92bab', name: '_member_' },
];

describe('keystone', () => {
  it('creates a tenant (M034)', async () => {
    cloud.answers.set('POST /v2.0/tenants', { body: { tenant: admin } });
    const { status, out } = await run('tenant-create', '--name', 'admin', '--description', 'Admin Tenant');
    expect([status, out]).toEqual([0, printed('M034')]);
    expect(cloud.sent('POST')).toEqual({ tenant: { name: 'admin', description: 'Admin Tenant', enabled: true } });
  });

  it('lists tenants, users and roles by name (M035, M039, M037)', async () => {
    cloud.answers.set('GET /v2.0/tenants', { body: { tenants: [admin] } });
    cloud.answers.set('GET /v2.0/users', { body: { users: [user] } });
    cloud.answers.set('GET /v2.0/OS-KSADM/roles', { body: { roles } });
    expect((await run('tenant-list')).out).toBe(printed('M035'));
    expect((await run('user-list')).out).toBe(printed('M039'));
    expect((await run('role-list')).out).toBe(printed('M037'));
  });

  it('creates a user in a tenant given by name (M038), and without one (M054)', async () => {
    cloud.answers.set('GET /v2.0/tenants', { body: { tenants: [admin] } });
    cloud.answers.set('POST /v2.0/users', { body: { user } });
    const { out } = await run(
      ...['user-create', '--name', 'admin', '--pass', 'admin', '--tenant', 'admin', '--email', 'admin@magedu.com'],
    );
    expect(out).toBe(printed('M038'));
    expect(cloud.sent('POST')).toEqual({
      user: { name: 'admin', password: 'admin', email: 'admin@magedu.com', enabled: true, tenantId: adminTenant },
    });
    await run('user-create', '--name=demo', '--pass=demo', '--email=demo@magedu.com');
    expect(cloud.sent('POST')).toEqual({
      user: { name: 'demo', password: 'demo', email: 'demo@magedu.com', enabled: true, tenantId: null },
    });
  });

  it('grants a role silently and lists it (M040, M041)', async () => {
    cloud.answers.set('GET /v2.0/tenants', { body: { tenants: [admin] } });
    cloud.answers.set('GET /v2.0/users', { body: { users: [user] } });
    cloud.answers.set('GET /v2.0/OS-KSADM/roles', { body: { roles } });
    const grant = `/v2.0/tenants/${adminTenant}/users/${adminUser}/roles`;
    cloud.answers.set(`PUT ${grant}/OS-KSADM/${roles[0]?.id}`, { body: { role: roles[0] } });
    cloud.answers.set(`GET ${grant}`, { body: { roles } });
    expect(await run('user-role-add', '--user', 'admin', '--role', 'admin', '--tenant', 'admin')).toEqual({
      status: 0,
      out: '',
      err: '',
    });
    expect((await run('user-role-list', '--user', 'admin', '--tenant', 'admin')).out).toBe(printed('M041'));
    expect((await run('user-role-list')).out).toBe(printed('M041'));
  });

  it('makes service and endpoint with the bootstrap token (M030, M031)', async () => {
    const service = {
      id: '01fa0fe3213d4410a60765f4d35cb5aa',
      name: 'keystone',
      type: 'identity',
      description: 'Keystone Identity Service',
      enabled: true,
    };
    const urls = {
      publicurl: 'http://controller:5000/v2.0',
      internalurl: 'http://controller:5000/v2.0',
      adminurl: 'http://controller:35357/v2.0',
    };
    cloud.answers.set('POST /v2.0/OS-KSADM/services', { body: { 'OS-KSADM:service': service } });
    cloud.answers.set('GET /v2.0/OS-KSADM/services', { body: { 'OS-KSADM:services': [service] } });
    cloud.answers.set('POST /v2.0/endpoints', {
      body: {
        endpoint: {
          ...urls,
          id: 'd3eb1cbfdc5348809c9d557a5f78ef90',
          region: 'regionOne',
          service_id: service.id,
          enabled: true,
        },
      },
    });
    const env = { OS_SERVICE_TOKEN: 'bootstrap', OS_SERVICE_ENDPOINT: `${cloud.url}/v2.0` };
    const made = await cloud.run(
      keystoneClient,
      ['service-create', '--name=keystone', '--type=identity', '--description=Keystone Identity Service'],
      { env },
    );
    expect(made).toEqual({ status: 0, out: printed('M030'), err: '' });
    expect(cloud.seen[0]?.headers['x-auth-token']).toBe('bootstrap');
    const endpoint = await cloud.run(
      keystoneClient,
      [
        ...['endpoint-create', `--service-id=${service.id}`, '--publicurl', urls.publicurl],
        ...['--adminurl', urls.adminurl, '--internalurl', urls.internalurl],
      ],
      { env },
    );
    expect(endpoint.out).toBe(printed('M031'));
    expect(cloud.asked).not.toContain('POST /v2.0/tokens');
  });

  it('says what it deleted or changed, where the real one does', async () => {
    cloud.answers.set('DELETE /v2.0/endpoints/e1', { status: 204 });
    cloud.answers.set('GET /v2.0/users', { body: { users: [user] } });
    cloud.answers.set(`PUT /v2.0/users/${adminUser}`, { body: { user } });
    expect((await run('endpoint-delete', 'e1')).out).toBe('Endpoint has been deleted.\n');
    expect((await run('user-update', '--email', 'x', 'admin')).out).toBe('User has been updated.\n');
    expect((await run('user-update', 'admin')).out).toBe('User not updated, no arguments present.\n');
  });

  it('shows the token and the catalogue', async () => {
    expect((await run('token-get')).out).toContain('| tenant_id | 3b655869dfcd409a9e7649769d5dfa57 |');
    const { out } = await run('catalog', '--service', 'compute');
    expect(
      out
        .split('\n')
        .slice(0, 3)
        .map((line) => line.replace(/-+/g, '-')),
    ).toEqual(['Service: compute', '+-+-+', expect.stringMatching(/^\| +Property +\| +Value +\|$/)]);
  });

  it('prints an empty line for an empty list', async () => {
    cloud.answers.set('GET /v2.0/tenants', { body: { tenants: [] } });
    expect((await run('tenant-list')).out).toBe('\n');
  });

  it('explains a command as the manual shows (M033)', async () => {
    expect((await run('help', 'tenant-create')).out).toBe(printed('M033'));
    expect((await run('tenant-create', '--help')).out).toBe(printed('M033'));
    expect(await run('help', 'nothing')).toMatchObject({ status: 1, err: "'nothing' is not a valid subcommand\n" });
  });

  it('fails in its own words', async () => {
    cloud.answers.set('GET /v2.0/tenants', { body: { tenants: [] } });
    expect(await run('tenant-get', 'x')).toMatchObject({
      status: 1,
      err: "No tenant with a name or ID of 'x' exists.\n",
    });
    cloud.answers.set('POST /v2.0/tenants', {
      status: 409,
      body: {
        error: {
          code: 409,
          title: 'Conflict',
          message: 'Conflict occurred attempting to store project - Duplicate Entry',
        },
      },
    });
    expect(await run('tenant-create', '--name', 'x')).toMatchObject({
      status: 1,
      err: 'Conflict occurred attempting to store project - Duplicate Entry (HTTP 409)\n',
    });
    expect(await run('--os-password', 'wrong', 'tenant-list')).toMatchObject({
      status: 1,
      err: 'Invalid OpenStack Identity credentials.\n',
    });
    expect(await cloud.run(keystoneClient, ['tenant-list'], { env: {} })).toMatchObject({
      status: 1,
      err: 'Expecting an auth URL via either --os-auth-url or env[OS_AUTH_URL]\n',
    });
    expect(await run('tenant-create')).toMatchObject({
      status: 2,
      err: expect.stringContaining('keystone tenant-create: error: argument --name is required') as string,
    });
    const gone = { OS_USERNAME: 'a', OS_PASSWORD: 'b', OS_AUTH_URL: 'http://127.0.0.1:1/v2.0' };
    expect((await cloud.run(keystoneClient, ['tenant-list'], { env: gone })).err).toBe(
      'Unable to establish connection to http://127.0.0.1:1/v2.0/tokens (ECONNREFUSED)\n',
    );
  });

  it('shows requests without secrets', async () => {
    cloud.answers.set('GET /v2.0/tenants', { body: { tenants: [] } });
    const { err } = await run('--debug', 'tenant-list');
    expect(err).toContain(`REQ: curl -i '${cloud.url}/v2.0/tokens' -X POST`);
    expect(err).not.toMatch(/secret|token-1/);
  });
});
