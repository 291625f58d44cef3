import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '#common/api/http.ts';
import { eventually } from '../fixtures/cloud.ts';
import { mariadbPrograms } from '../fixtures/mariadb.ts';
import { canRun } from '../fixtures/programs.ts';
import { rabbitmqPrograms } from '../fixtures/rabbitmq.ts';
import { startSplitCloud, type SplitCloud } from '../fixtures/split-cloud.ts';

interface Shown {
  server: { id: string; status: string; fault?: { message: string } };
}

// The manual's way: each daemon its own process with the manual's configuration, MariaDB, RabbitMQ; the fake hypervisor.
describe.skipIf(!canRun(...mariadbPrograms, ...rabbitmqPrograms))('daemons as separate processes', () => {
  let cloud: SplitCloud;
  let token: string;
  let image: string;
  let network: string;
  const transport = createHttpTransport();

  const call = async <T>(method: string, port: keyof SplitCloud['ports'], path: string, body?: unknown): Promise<T> => {
    const answer = await transport.request({
      method,
      url: `http://127.0.0.1:${cloud.ports[port]}${path}`,
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const boot = async (name: string): Promise<string> =>
    (
      await call<Shown>('POST', 'nova', '/v2.1/servers', {
        server: { name, flavorRef: '1', imageRef: image, networks: [{ uuid: network }] },
      })
    ).server.id;
  const active = (id: string): Promise<true> =>
    eventually(
      `${id} is ACTIVE`,
      async () => {
        const { server } = await call<Shown>('GET', 'nova', `/v2.1/servers/${id}`);
        if (server.status === 'ERROR') throw new Error(server.fault?.message);
        return server.status === 'ACTIVE';
      },
      90_000,
    );

  beforeAll(async () => {
    cloud = await startSplitCloud();
    token = cloud.adminToken;
    await furnish();
  }, 180_000);
  afterAll(() => cloud?.stop());

  /** Accounts and catalogue as the manual's chapters 1 to 4 make them, then an image and a network. */
  async function furnish(): Promise<void> {
    const v2 = <T>(path: string, body: unknown): Promise<T> => call('POST', 'admin', `/v2.0${path}`, body);
    const make = async (kind: 'tenant' | 'user', name: string, more = {}): Promise<string> =>
      (await v2<Record<string, { id: string }>>(`/${kind}s`, { [kind]: { name, enabled: true, ...more } }))[kind]
        ?.id as string;
    const { role } = await v2<{ role: { id: string } }>('/OS-KSADM/roles', { role: { name: 'admin' } });
    const tenants = { admin: await make('tenant', 'admin'), service: await make('tenant', 'service') };
    for (const name of ['admin', 'glance', 'nova', 'neutron']) {
      const user = await make('user', name, { password: name });
      const tenant = name === 'admin' ? tenants.admin : tenants.service;
      await call('PUT', 'admin', `/v2.0/tenants/${tenant}/users/${user}/roles/OS-KSADM/${role.id}`);
    }
    const { ports } = cloud;
    for (const [name, type, url] of [
      ['keystone', 'identity', `http://127.0.0.1:${ports.keystone}/v2.0`],
      ['glance', 'image', `http://127.0.0.1:${ports.glance}`],
      ['nova', 'compute', `http://127.0.0.1:${ports.nova}/v2/%(tenant_id)s`],
      ['neutron', 'network', `http://127.0.0.1:${ports.neutron}`],
    ] as const) {
      const made = await v2<{ 'OS-KSADM:service': { id: string } }>('/OS-KSADM/services', {
        'OS-KSADM:service': { name, type, description: name },
      });
      await v2('/endpoints', {
        endpoint: {
          region: 'regionOne',
          service_id: made['OS-KSADM:service'].id,
          publicurl: url,
          internalurl: url,
          adminurl: url,
        },
      });
    }
    const signedIn = await call<{ access: { token: { id: string } } }>('POST', 'keystone', '/v2.0/tokens', {
      auth: { tenantName: 'admin', passwordCredentials: { username: 'admin', password: 'admin' } },
    });
    token = signedIn.access.token.id;
    const made = await call<{ id: string }>('POST', 'glance', '/v2/images', {
      name: 'empty',
      disk_format: 'raw',
      container_format: 'bare',
    });
    image = made.id;
    await transport.request({
      method: 'PUT',
      url: `http://127.0.0.1:${ports.glance}/v2/images/${image}/file`,
      headers: { 'x-auth-token': token, 'content-type': 'application/octet-stream' },
      body: Buffer.alloc(1024),
    });
    network = (
      await call<{ network: { id: string } }>('POST', 'neutron', '/v2.0/networks', { network: { name: 'net' } })
    ).network.id;
    await call('POST', 'neutron', '/v2.0/subnets', {
      subnet: { network_id: network, ip_version: 4, cidr: '10.5.0.0/24' },
    });
    await eventually('nova-compute has reported', async () => {
      const { hypervisors } = await call<{ hypervisors: unknown[] }>('GET', 'nova', '/v2.1/os-hypervisors');
      return hypervisors.length > 0;
    });
  }

  it('boot a server', async () => {
    await active(await boot('first'));
  });

  it('lose nothing but time when RabbitMQ stops in the middle and comes back', async () => {
    const ids = [await boot('before-1'), await boot('before-2')];
    await cloud.broker.down();
    const during = boot('during').catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await cloud.broker.up();
    const third = await during;
    for (const id of [...ids, ...(third ? [third] : [])]) await active(id);
    await active(await boot('after'));
  }, 180_000);

  it('lose nothing when the conductor is killed in the middle', async () => {
    const id = await boot('orphan');
    await cloud.restart('nova-conductor');
    await active(id);
  }, 120_000);

  it('delete them all', async () => {
    const { servers } = await call<{ servers: { id: string }[] }>('GET', 'nova', '/v2.1/servers');
    for (const { id } of servers) await call('DELETE', 'nova', `/v2.1/servers/${id}`);
    await eventually(
      'all gone',
      async () => (await call<{ servers: unknown[] }>('GET', 'nova', '/v2.1/servers')).servers.length === 0,
    );
    const { ports } = await call<{ ports: { device_owner: string }[] }>('GET', 'neutron', '/v2.0/ports');
    expect(ports.filter((port) => port.device_owner.startsWith('compute:'))).toEqual([]);
  }, 90_000);
});
