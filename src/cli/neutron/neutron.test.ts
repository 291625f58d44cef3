import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminTenant, FakeCloud, manual } from '../testing/fake-cloud.ts';
import { neutronClient } from './client.ts';
import { attributesOf } from './unknown-options.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(neutronClient, argv);
const printed = (id: string): string => `${manual[id]?.output}\n`;

const ext = '8a26872a-3135-43ec-9946-b13b58015124';
const demo = '066090a7-285a-4d2c-9f9a-981f4edc1014';
const extSubnet = '2cee43ae-d1e8-4fdb-8523-e0f01c593a91';
const demoSubnet = '4f742d27-948d-452f-b467-783968b6ee34';
const router = '62230691-4147-4126-a5bd-1570f1737b43';
const network = (id: string, name: string, key: number, more: object = {}) => ({
  admin_state_up: true,
  id,
  name,
  'provider:network_type': 'gre',
  'provider:physical_network': null,
  'provider:segmentation_id': key,
  shared: false,
  status: 'ACTIVE',
  subnets: [] as string[],
  tenant_id: adminTenant,
  // What a newer service has besides, and the manual's does not print.
  'router:external': false,
  project_id: adminTenant,
  mtu: 1454,
  ...more,
});
const byName = (kind: string, items: Record<string, string>): void => {
  cloud.answers.set(`GET /network/v2.0/${kind}`, ({ url }) => {
    const id = items[new URL(url, 'http://x').searchParams.get('name') ?? ''];
    return { body: { [kind]: id === undefined ? [] : [{ id }] } };
  });
};

describe('neutron', () => {
  it('creates networks, passing on what it does not know (M358, M361)', async () => {
    cloud.answers.set('POST /network/v2.0/networks', {
      body: { network: network(ext, 'ext-net', 1, { shared: true, 'router:external': true }) },
    });
    expect((await run('net-create', 'ext-net', '--shared', '--router:external=True')).out).toBe(printed('M358'));
    expect(cloud.sent('POST')).toEqual({
      network: { name: 'ext-net', admin_state_up: true, shared: true, 'router:external': 'True' },
    });
    cloud.answers.set('POST /network/v2.0/networks', { body: { network: network(demo, 'demo-net', 2) } });
    expect((await run('net-create', 'demo-net')).out).toBe(printed('M361'));
    expect(cloud.sent('POST')).toEqual({ network: { name: 'demo-net', admin_state_up: true } });
  });

  it('creates a subnet of a network given by name (M360)', async () => {
    byName('networks', { 'ext-net': ext });
    cloud.answers.set('POST /network/v2.0/subnets', {
      body: {
        subnet: {
          allocation_pools: [{ start: '172.16.200.151', end: '172.16.200.180' }],
          cidr: '172.16.0.0/16',
          dns_nameservers: [],
          enable_dhcp: false,
          gateway_ip: '172.16.0.1',
          host_routes: [],
          id: extSubnet,
          ip_version: 4,
          name: 'ext-subnet',
          network_id: ext,
          tenant_id: adminTenant,
        },
      },
    });
    const { out } = await run(
      ...[
        'subnet-create',
        'ext-net',
        '--name',
        'ext-subnet',
        '--allocation-pool',
        'start=172.16.200.151,end=172.16.200.180',
      ],
      ...['--disable-dhcp', '--gateway', '172.16.0.1', '172.16.0.0/16'],
    );
    expect(out).toBe(printed('M360'));
    expect(cloud.sent('POST')).toEqual({
      subnet: {
        network_id: ext,
        cidr: '172.16.0.0/16',
        ip_version: 4,
        name: 'ext-subnet',
        gateway_ip: '172.16.0.1',
        allocation_pools: [{ start: '172.16.200.151', end: '172.16.200.180' }],
        enable_dhcp: false,
      },
    });
    expect(cloud.asked[0]).toBe('GET /network/v2.0/networks?fields=id&name=ext-net');
  });

  it('makes and wires a router (M364, M365, M366)', async () => {
    byName('routers', { 'demo-router': router });
    byName('subnets', { 'demo-subnet': demoSubnet });
    byName('networks', { 'ext-net': ext });
    cloud.answers.set('POST /network/v2.0/routers', {
      body: {
        router: {
          admin_state_up: true,
          external_gateway_info: null,
          id: router,
          name: 'demo-router',
          status: 'ACTIVE',
          tenant_id: adminTenant,
        },
      },
    });
    const path = `/network/v2.0/routers/${router}`;
    cloud.answers.set(`PUT ${path}/add_router_interface`, {
      body: { port_id: '8a32211d-5cb3-47cc-b5e3-00a7da9ccac9' },
    });
    cloud.answers.set(`PUT ${path}/remove_router_interface`, { body: {} });
    cloud.answers.set(`PUT ${path}`, { body: { router: {} } });
    expect((await run('router-create', 'demo-router')).out).toBe(printed('M364'));
    expect((await run('router-interface-add', 'demo-router', 'demo-subnet')).out).toBe(printed('M365'));
    expect(cloud.sent('PUT')).toEqual({ subnet_id: demoSubnet });
    expect((await run('router-gateway-set', 'demo-router', 'ext-net')).out).toBe(printed('M366'));
    expect(cloud.sent('PUT')).toEqual({ router: { external_gateway_info: { network_id: ext } } });
    expect((await run('router-gateway-clear', 'demo-router')).out).toBe('Removed gateway from router demo-router\n');
    expect((await run('router-interface-delete', 'demo-router', 'subnet=demo-subnet')).out).toBe(
      'Removed interface from router demo-router.\n',
    );
  });

  it('lists networks with the CIDRs of their subnets (M367)', async () => {
    cloud.answers.set('GET /network/v2.0/networks', {
      body: {
        networks: [
          network(ext, 'ext-net', 1, { subnets: [extSubnet] }),
          network(demo, 'demo-net', 2, { subnets: [demoSubnet] }),
        ],
      },
    });
    cloud.answers.set('GET /network/v2.0/subnets', {
      body: {
        subnets: [
          { id: extSubnet, cidr: '172.16.0.0/16' },
          { id: demoSubnet, cidr: '192.168.27.0/24' },
        ],
      },
    });
    expect((await run('net-list')).out).toBe(printed('M367'));
    expect((await run('net-list', '-f', 'value', '-c', 'name')).out).toBe('ext-net\ndemo-net\n');
    expect((await run('net-list', '-f', 'csv', '-c', 'name')).out).toBe('"name"\n"ext-net"\n"demo-net"\n');
    cloud.answers.set('GET /network/v2.0/networks', { body: { networks: [{ id: 'a', name: 'x' }] } });
    await run('net-list', '--name', 'x', '-F', 'id', '-F', 'name');
    expect(cloud.asked.at(-1)).toBe('GET /network/v2.0/networks?fields=id&fields=name&name=x');
  });

  it('allocates and moves floating IPs (M399)', async () => {
    byName('networks', { 'ext-net': ext });
    byName('ports', { p: 'port-1' });
    cloud.answers.set('POST /network/v2.0/floatingips', {
      body: {
        floatingip: {
          fixed_ip_address: null,
          floating_ip_address: '172.16.200.152',
          floating_network_id: ext,
          id: '688a1c3c-2c31-451a-8eb8-0da490910160',
          port_id: null,
          router_id: null,
          status: 'DOWN',
          tenant_id: adminTenant,
        },
      },
    });
    cloud.answers.set('PUT /network/v2.0/floatingips/f1', { body: { floatingip: {} } });
    expect((await run('floatingip-create', 'ext-net')).out).toBe(printed('M399'));
    expect((await run('floatingip-associate', 'f1', 'p')).out).toBe('Associated floatingip f1\n');
    expect(cloud.sent('PUT')).toEqual({ floatingip: { port_id: 'port-1' } });
    expect((await run('floatingip-disassociate', 'f1')).out).toBe('Disassociated floatingip f1\n');
  });

  it('updates and deletes, naming things as they were typed', async () => {
    byName('networks', { n: 'id-1' });
    byName('security_groups', {});
    cloud.answers.set('GET /network/v2.0/security-groups', { body: { security_groups: [{ id: 'sg-1' }] } });
    cloud.answers.set('PUT /network/v2.0/networks/id-1', { body: { network: {} } });
    cloud.answers.set('DELETE /network/v2.0/networks/id-1', { status: 204 });
    cloud.answers.set('DELETE /network/v2.0/security-groups/sg-1', { status: 204 });
    expect((await run('net-update', 'n', '--name', 'm', '--admin_state_up', 'type=bool', 'False')).out).toBe(
      'Updated network: n\n',
    );
    expect(cloud.sent('PUT')).toEqual({ network: { name: 'm', admin_state_up: false } });
    expect((await run('net-update', 'n')).err).toBe('Must specify new values to update network\n');
    expect((await run('net-delete', 'n')).out).toBe('Deleted network: n\n');
    expect((await run('security-group-delete', 'web')).out).toBe('Deleted security_group: web\n');
  });

  it('shows one thing in several formats', async () => {
    byName('networks', { n: 'id-1' });
    cloud.answers.set('GET /network/v2.0/networks/id-1', {
      body: { network: { id: 'id-1', subnets: ['a', 'b'], shared: false, 'router:external': true, mtu: 1454 } },
    });
    expect((await run('net-show', 'n')).out).toBe(
      [
        '+-----------------+-------+',
        '| Field           | Value |',
        '+-----------------+-------+',
        '| id              | id-1  |',
        '| router:external | True  |',
        '| shared          | False |',
        '| subnets         | a     |',
        '|                 | b     |',
        '+-----------------+-------+',
        '',
      ].join('\n'),
    );
    expect((await run('net-show', 'n', '-f', 'shell', '-c', 'router:external')).out).toBe('router:external="True"\n');
    expect((await run('net-show', 'n', '-f', 'value', '-c', 'id')).out).toBe('id-1\n');
    expect((await run('net-show', 'n', '-f', 'value', '-c', 'mtu')).out).toBe('1454\n');
    expect((await run('net-show', 'n', '--show-details')).out).toContain('| mtu             | 1454  |');
    expect(JSON.parse((await run('net-show', 'n', '-f', 'json')).out)).toMatchObject({ shared: false });
  });

  it('lists agents, rules and extensions', async () => {
    cloud.answers.set('GET /network/v2.0/agents', {
      body: {
        agents: [
          { id: 'a1', agent_type: 'L3 agent', host: 'n1', alive: true, admin_state_up: true },
          { id: 'a2', agent_type: 'DHCP agent', host: 'n1', alive: false, admin_state_up: true },
        ],
      },
    });
    cloud.answers.set('GET /network/v2.0/security-group-rules', {
      body: {
        security_group_rules: [
          {
            id: 'r1',
            security_group_id: 'g1',
            direction: 'ingress',
            protocol: 'tcp',
            remote_ip_prefix: null,
            remote_group_id: 'g1',
          },
        ],
      },
    });
    cloud.answers.set('GET /network/v2.0/security-groups', {
      body: { security_groups: [{ id: 'g1', name: 'default' }] },
    });
    cloud.answers.set('GET /network/v2.0/extensions', { body: { extensions: [] } });
    const agents = (await run('agent-list')).out;
    expect([agents.includes('| :-)   |'), agents.includes('| xxx   |')]).toEqual([true, true]);
    expect((await run('security-group-rule-list')).out).toContain(
      '| r1 | default        | ingress   | tcp      |                  | default      |',
    );
    expect((await run('ext-list')).out).toBe('\n');
  });

  it('aligns a column of numbers to the right', async () => {
    cloud.answers.set('GET /network/v2.0/quotas', {
      body: {
        quotas: [
          { network: 5, tenant_id: 't' },
          { network: 100, tenant_id: 'u' },
        ],
      },
    });
    expect((await run('quota-list')).out).toContain('|       5 | t         |');
  });

  it('fails in its own words', async () => {
    byName('networks', {});
    expect(await run('net-show', 'x')).toMatchObject({ status: 1, err: "Unable to find network with name 'x'\n" });
    cloud.answers.set('POST /network/v2.0/routers', {
      status: 409,
      body: { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['router']", detail: '' } },
    });
    expect(await run('router-create', 'r')).toMatchObject({
      status: 1,
      out: '',
      err: "Quota exceeded for resources: ['router']\n",
    });
    expect((await run('--os-password', 'x', 'net-list')).err).toBe('Unauthorized: bad credentials.\n');
    expect(await run('nothing')).toMatchObject({ status: 1, err: "Unknown command [u'nothing']\n" });
    expect(await run('net-create')).toMatchObject({
      status: 2,
      err: expect.stringContaining('neutron net-create: error: too few arguments') as string,
    });
  });
});

describe('unknown options', () => {
  it.each([
    [['--a', 'b'], { a: 'b' }],
    [['--a=b=c'], { a: 'b=c' }],
    [['--flag'], { flag: true }],
    [['--provider:network_type', 'gre', '--x-y', '1'], { 'provider:network_type': 'gre', x_y: '1' }],
    [['--list', 'a', 'b'], { list: ['a', 'b'] }],
    [['--one', 'list=true', 'a'], { one: ['a'] }],
    [['--n', 'type=int', '5'], { n: 5 }],
    [['--b', 'type=bool', 'False'], { b: false }],
    [['--d', 'type=dict', 'a=1,b=2'], { d: { a: '1', b: '2' } }],
    [['--d', 'type=dict', 'list=true', 'a=1', 'b=2'], { d: [{ a: '1' }, { b: '2' }] }],
    [['--gone', 'action=clear'], { gone: null }],
  ])('%j', (words, attributes) => {
    expect(attributesOf(words)).toEqual(attributes);
  });

  it.each([[['word']], [['--n', 'type=int', 'x']], [['--d', 'type=dict', 'x']]])('%j is refused', (words) => {
    expect(() => attributesOf(words)).toThrow();
  });
});
