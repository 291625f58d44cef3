import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cinderClient } from '../cinder/client.ts';
import { glanceClient } from '../glance/client.ts';
import { keystoneClient } from '../keystone/client.ts';
import { neutronClient } from '../neutron/client.ts';
import { novaClient } from '../nova/client.ts';
import { FakeCloud } from '../testing/fake-cloud.ts';
import type { Client } from './client.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());

const all = {
  OS_AUTH_URL: 'http://127.0.0.1:1/v2.0',
  OS_USERNAME: 'u',
  OS_PASSWORD: 'p',
  OS_TENANT_NAME: 't',
};
const without = (name: keyof typeof all): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));

const cases: readonly (readonly [Client<never>, string, keyof typeof all, string])[] = [
  [keystoneClient, 'tenant-list', 'OS_AUTH_URL', 'Expecting an auth URL via either --os-auth-url or env[OS_AUTH_URL]'],
  [keystoneClient, 'tenant-list', 'OS_USERNAME', 'Expecting authentication method via\n  either a service token'],
  [keystoneClient, 'tenant-list', 'OS_PASSWORD', 'Expecting a password via either --os-password, env[OS_PASSWORD]'],
  [
    glanceClient,
    'image-list',
    'OS_USERNAME',
    'You must provide a username via either --os-username or env[OS_USERNAME]',
  ],
  [
    glanceClient,
    'image-list',
    'OS_PASSWORD',
    'You must provide a password via either --os-password or env[OS_PASSWORD]',
  ],
  [glanceClient, 'image-list', 'OS_TENANT_NAME', 'You must provide a tenant_id via either --os-tenant-id or via env'],
  [glanceClient, 'image-list', 'OS_AUTH_URL', 'You must provide an auth url via either --os-auth-url or via env'],
  [
    novaClient,
    'list',
    'OS_USERNAME',
    'ERROR: You must provide a username via either --os-username or env[OS_USERNAME]',
  ],
  [novaClient, 'list', 'OS_TENANT_NAME', 'ERROR: You must provide a tenant name or tenant id via --os-tenant-name,'],
  [
    novaClient,
    'list',
    'OS_AUTH_URL',
    'ERROR: You must provide an auth url via either --os-auth-url or env[OS_AUTH_URL]',
  ],
  [novaClient, 'list', 'OS_PASSWORD', 'ERROR: Expecting a password provided via either --os-password'],
  [
    neutronClient,
    'net-list',
    'OS_USERNAME',
    'You must provide a username via either --os-username or env[OS_USERNAME]',
  ],
  [neutronClient, 'net-list', 'OS_TENANT_NAME', 'You must provide a tenant_name or tenant_id via  --os-tenant-name'],
  [cinderClient, 'list', 'OS_PASSWORD', 'ERROR: You must provide a password via either --os-password or via env'],
  [cinderClient, 'list', 'OS_TENANT_NAME', 'ERROR: You must provide a tenant_id via either --os-tenant-id or env'],
].map(([client, ...rest]) => [client as unknown as Client<never>, ...rest] as never);

describe('settings', () => {
  it.each(cases.map(([client, ...rest]) => [client.name, ...rest, client] as const))(
    '%s %s without %s: %s',
    async (_name, command, variable, words, client) => {
      const { status, err } = await cloud.run(client, [command], { env: without(variable) });
      expect([status, err]).toEqual([1, expect.stringContaining(words)]);
    },
  );

  it('come from options before the environment, in either spelling', async () => {
    cloud.answers.set('GET /compute/servers/detail', { body: { servers: [] } });
    const argv = ['--os_auth_url', `${cloud.url}/v2.0`, '--os-password=secret', '--os_tenant_id', 'x', 'list'];
    expect((await cloud.run(novaClient, argv, { env: all })).status).toBe(0);
    expect(cloud.seen[0]?.body).toEqual({
      auth: { passwordCredentials: { username: 'u', password: 'secret' }, tenantId: 'x' },
    });
  });

  it('ask for a password at a terminal', async () => {
    cloud.answers.set('GET /compute/servers/detail', { body: { servers: [] } });
    const env = { ...without('OS_PASSWORD'), OS_AUTH_URL: cloud.url };
    expect((await cloud.run(novaClient, ['list'], { env, secrets: ['secret'] })).status).toBe(0);
  });

  it('show requests with --debug, without secrets', async () => {
    cloud.answers.set('GET /compute/servers/detail', { body: { servers: [] } });
    const { err } = await cloud.run(novaClient, ['--debug', 'list']);
    expect(err).toContain(`REQ: curl -i '${cloud.url}/v2.0/tokens' -X POST`);
    expect(err).toContain('RESP: [200]');
    expect(err).toContain('RESP BODY: {"servers":[]}');
    expect(err).not.toMatch(/secret|token-1/);
  });

  it('print the times of requests with --timings', async () => {
    cloud.answers.set('GET /compute/servers/detail', { body: { servers: [] } });
    const { out } = await cloud.run(novaClient, ['--timings', 'list']);
    expect(out).toMatch(
      /\| url +\| seconds \|\n.*\n\| POST \/v2\.0\/tokens +\| 0 +\|\n\| GET \/compute\/servers\/detail \| 0 +\|\n\| Total/,
    );
  });

  it('choose the region and the kind of endpoint', async () => {
    const { err } = await cloud.run(novaClient, ['--os-region-name', 'elsewhere', 'list']);
    expect(err).toContain('ERROR: The service catalog has no publicURL of type "compute" in region "elsewhere".');
    expect((await cloud.run(novaClient, ['--endpoint-type', 'otherURL', 'list'])).err).toContain('has no otherURL');
  });

  it('print versions where argparse does', async () => {
    const versions = [keystoneClient, glanceClient, novaClient, neutronClient, cinderClient].map(
      async (client) => (await cloud.run(client as unknown as Client<never>, ['--version'])).err,
    );
    expect(await Promise.all(versions)).toEqual(['0.9.0\n', '0.12.0\n', '2.17.0\n', '2.3.4\n', '1.0.8\n']);
  });
});
