import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminTenant, adminUser, FakeCloud, manual } from '../testing/fake-cloud.ts';
import { novaClient } from './client.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(novaClient, argv);
const printed = (id: string): string => `${manual[id]?.output}\n`;
const silent = { status: 0, out: '', err: '' };

const flavor = (id: string, name: string, ram: number, disk: number, vcpus: number) => ({
  id,
  name,
  ram,
  disk,
  vcpus,
  swap: '',
  rxtx_factor: 1,
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'OS-FLV-DISABLED:disabled': false,
  'os-flavor-access:is_public': true,
  links: [],
});
const flavors = [
  flavor('1', 'm1.tiny', 512, 1, 1),
  flavor('2', 'm1.small', 2048, 20, 1),
  flavor('3', 'm1.medium', 4096, 40, 2),
  flavor('4', 'm1.large', 8192, 80, 4),
  flavor('5', 'm1.xlarge', 16384, 160, 8),
];
const cirros = flavor('6', 'm1.cirros', 256, 1, 1);
const images = [
  { id: 'b6c92772-f3d0-480d-ba90-0ad8c3669ea8', name: 'cirros-0.3.3-x86_64', status: 'ACTIVE', metadata: {} },
  { id: '86f16760-0616-4c2e-899f-a1182260705a', name: 'cirros-0.3.3-i386', status: 'ACTIVE', metadata: {} },
];
const id = '70af5516-b0ce-4908-823b-fdb5ee0ce22b';
const building = {
  'OS-DCF:diskConfig': 'MANUAL',
  'OS-EXT-AZ:availability_zone': 'nova',
  'OS-EXT-SRV-ATTR:host': null,
  'OS-EXT-SRV-ATTR:hypervisor_hostname': null,
  'OS-EXT-SRV-ATTR:instance_name': 'instance-00000003',
  'OS-EXT-STS:power_state': 0,
  'OS-EXT-STS:task_state': 'scheduling' as string | null,
  'OS-EXT-STS:vm_state': 'building',
  'OS-SRV-USG:launched_at': null,
  'OS-SRV-USG:terminated_at': null,
  accessIPv4: '',
  accessIPv6: '',
  addresses: {},
  config_drive: '',
  created: '2014-10-19T06:50:29Z',
  flavor: { id: '6', links: [] },
  hostId: '',
  id,
  image: { id: images[1]?.id, links: [] },
  key_name: 'demokey',
  links: [],
  metadata: {},
  name: 'demo-i1',
  'os-extended-volumes:volumes_attached': [],
  progress: 0,
  security_groups: [{ name: 'default' }],
  status: 'BUILD',
  tenant_id: adminTenant,
  updated: '2014-10-19T06:50:29Z',
  user_id: adminUser,
};
const address = (addr: string) => ({ addr, version: 4 });
const active = {
  ...building,
  'OS-EXT-SRV-ATTR:host': 'compute1.magedu.com',
  'OS-EXT-SRV-ATTR:hypervisor_hostname': 'compute1.magedu.com',
  'OS-EXT-STS:power_state': 1,
  'OS-EXT-STS:task_state': null,
  'OS-EXT-STS:vm_state': 'active',
  'OS-SRV-USG:launched_at': '2014-10-19T06:51:08.000000',
  addresses: { 'demo-net': [address('192.168.27.2')] },
  hostId: '6f4f425f4f6a095d295e17dc5a5fe374c3efce2657400eb894afa9d5',
  status: 'ACTIVE',
  updated: '2014-10-19T06:51:09Z',
};
const known = (): void => {
  cloud.answers.set('GET /compute/flavors/6', { body: { flavor: cirros } });
  cloud.answers.set('GET /compute/flavors/detail', { body: { flavors: [...flavors, cirros] } });
  cloud.answers.set('GET /compute/images/detail', { body: { images } });
  cloud.answers.set(`GET /compute/images/${images[1]?.id}`, { body: { image: images[1] } });
  cloud.answers.set('GET /compute/servers', { body: { servers: [{ id, name: 'demo-i1' }] } });
  cloud.answers.set(`GET /compute/servers/${id}`, { body: { server: active } });
};

describe('nova', () => {
  it('adds and lists key pairs (M380, M381)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igloo-cli-nova-'));
    const file = join(folder, 'id_rsa.pub');
    await writeFile(file, 'ssh-rsa AAAA me\n');
    const keypair = { name: 'demokey', fingerprint: '3b:df:f0:57:d0:ba:7d:02:f4:32:47:00:d3:53:e8:1f' };
    cloud.answers.set('POST /compute/os-keypairs', { body: { keypair: { ...keypair, private_key: 'PRIVATE' } } });
    cloud.answers.set('GET /compute/os-keypairs', { body: { keypairs: [{ keypair }] } });
    expect(await run('keypair-add', '--pub-key', file, 'demokey')).toEqual(silent);
    expect(cloud.sent('POST')).toEqual({ keypair: { name: 'demokey', public_key: 'ssh-rsa AAAA me\n' } });
    await rm(folder, { recursive: true });
    expect((await run('keypair-add', 'other')).out).toBe('PRIVATE\n');
    expect((await run('keypair-list')).out).toBe(printed('M381'));
    expect((await run('keypair-add', '--pub-key', file, 'x')).err).toContain(`ERROR: Can't open or read '${file}'`);
  });

  it('lists and creates flavors (M382, M383, M384)', async () => {
    cloud.answers.set('GET /compute/flavors/detail', { body: { flavors } });
    cloud.answers.set('POST /compute/flavors', { body: { flavor: cirros } });
    expect((await run('flavor-list')).out).toBe(printed('M382'));
    expect((await run('flavor-create', '--is-public', 'true', 'm1.cirros', '6', '256', '1', '1')).out).toBe(
      printed('M383'),
    );
    expect(cloud.sent('POST')).toEqual({
      flavor: {
        name: 'm1.cirros',
        ram: 256,
        vcpus: 1,
        disk: 1,
        id: '6',
        swap: 0,
        'OS-FLV-EXT-DATA:ephemeral': 0,
        rxtx_factor: 1,
        'os-flavor-access:is_public': true,
      },
    });
    known();
    expect((await run('flavor-list')).out).toBe(printed('M384'));
  });

  it('lists images by name (M154, M385)', async () => {
    known();
    expect((await run('image-list')).out).toBe(printed('M154'));
    expect((await run('image-list')).out).toBe(printed('M385'));
  });

  it('boots a server from names (M388)', async () => {
    known();
    cloud.answers.set('POST /compute/servers', {
      status: 202,
      body: { server: { id, adminPass: 'ThuRUGhU2H2s', links: [] } },
    });
    const argv = [
      ...['boot', '--flavor', 'm1.cirros', '--image', 'cirros-0.3.3-i386'],
      ...['--nic', 'net-id=066090a7-285a-4d2c-9f9a-981f4edc1014'],
      ...['--security-groups', 'default', '--key-name', 'demokey', 'demo-i1'],
    ];
    // However far the server is when its details are asked for, it is shown as it was accepted.
    const { security_groups: _groups, ...early } = building;
    for (const server of [early, active]) {
      cloud.answers.set(`GET /compute/servers/${id}`, { body: { server } });
      const { err, out } = await run(...argv);
      expect([err, out]).toEqual(['', printed('M388')]);
    }
    cloud.answers.set(`GET /compute/servers/${id}`, { body: { server: { ...building, status: 'ERROR' } } });
    expect((await run(...argv)).out).toMatch(/\| status +\| ERROR /);
    expect(cloud.sent('POST')).toEqual({
      server: {
        name: 'demo-i1',
        imageRef: images[1]?.id,
        flavorRef: '6',
        min_count: 1,
        max_count: 1,
        key_name: 'demokey',
        security_groups: [{ name: 'default' }],
        networks: [{ uuid: '066090a7-285a-4d2c-9f9a-981f4edc1014' }],
      },
    });
  });

  it('shows operations, and what would fit', async () => {
    known();
    const failure = {
      step: 'scheduler_select_host',
      message: 'No valid host was found.',
      details: [{ host: 'host 1', passed: false, filter: 'RamFilter', reason: 'needs 2048 MB' }],
    };
    const operation = {
      ...{
        id: 'op-1',
        action: 'create',
        resource_id: id,
        resource_name: 'demo-i1',
        request_id: 'req-1',
        user_id: null,
      },
      ...{ status: 'failed', step: null, progress: { done: 0, total: 6 }, failure },
      ...{ started_at: '2014-10-19T06:50:29.123456Z', finished_at: '2014-10-19T06:50:30.000000Z' },
    };
    const step = { name: failure.step, status: 'undone', message: null, started_at: operation.started_at };
    cloud.answers.set('GET /compute/os-operations?limit=50&all_projects=1&status=failed', {
      body: { operations: [operation] },
    });
    cloud.answers.set('GET /compute/os-operations/op-1', {
      body: { operation: { ...operation, steps: [{ ...step, finished_at: null }] } },
    });
    const list = await run('operation-list', '--status', 'failed', '--all-tenants');
    expect([list.err, list.out]).toEqual([
      '',
      expect.stringMatching(/\| op-1 \| create \| demo-i1 {2}\| failed \| - +\| 0\/6 +\| 2014-10-19T06:50:29Z \|/),
    ]);
    const shown = (await run('operation-show', 'op-1')).out;
    expect(shown).toContain('scheduler_select_host: No valid host was found.');
    expect(shown).toMatch(/\| host 1 \| RamFilter \| needs 2048 MB \|/);
    cloud.answers.set('POST /compute/os-server-fit', {
      body: { fits: [{ flavor_id: '6', fits: false, hosts: 0, reasons: [{ message: 'There is no compute host.' }] }] },
    });
    cloud.answers.set('GET /compute/flavors?is_public=None', { body: { flavors: [cirros] } });
    const fit = await run('fit', '--flavor', 'm1.cirros', '--count', '2');
    expect(fit.out).toMatch(/\| m1.cirros \| no {3}\| 0 {5}\| There is no compute host. \|/);
    expect(cloud.sent('POST')).toEqual({ server_fit: { flavors: ['6'], count: 2 } });
  });

  it('boots from a volume, and refuses what makes no sense', async () => {
    known();
    cloud.answers.set('POST /compute/os-volumes_boot', { body: { server: { id } } });
    await run('boot', '--flavor', '6', '--boot-volume', 'v1', '--swap', '64', '--num-instances', '2', 'x');
    expect(cloud.sent('POST')).toMatchObject({
      server: {
        min_count: 1,
        max_count: 2,
        block_device_mapping_v2: [{ uuid: 'v1', boot_index: 0 }, { guest_format: 'swap' }],
      },
    });
    expect((await run('boot', 'x')).err).toBe('ERROR: you need to specify a Flavor ID \n');
    expect((await run('boot', '--flavor', '6', 'x')).err).toContain('you need to specify at least one source ID');
    expect(
      (await run('boot', '--flavor', '6', '--image', images[1]?.name as string, '--nic', 'x=1', 'y')).err,
    ).toContain("Invalid nic argument 'x=1'");
  });

  it('lists servers (M389, M390, M401)', async () => {
    const answer = (server: object): void =>
      void cloud.answers.set('GET /compute/servers/detail', { body: { servers: [server] } });
    answer({ ...building, 'OS-EXT-STS:task_state': 'spawning', addresses: active.addresses });
    expect((await run('list')).out).toBe(printed('M389'));
    answer(active);
    expect((await run('list')).out).toBe(printed('M390'));
    answer({ ...active, addresses: { 'demo-net': [address('192.168.27.2'), address('172.16.200.152')] } });
    expect((await run('list')).out).toBe(printed('M401'));
    cloud.answers.set('GET /compute/servers/detail?all_tenants=1', { body: { servers: [] } });
    expect((await run('list', '--all-tenants')).out).toMatch(/^(\+-.*\+\n)\| ID \| Name \| Status .*\n\1\1$/);
  });

  it('shows a server found by name (M392)', async () => {
    known();
    expect((await run('show', 'demo-i1')).out).toBe(printed('M392'));
    expect((await run('show', id)).out).toBe(printed('M392'));
  });

  it('gives the console log and URL (M391, M395)', async () => {
    known();
    cloud.answers.set(`POST /compute/servers/${id}/action`, ({ body }) =>
      'os-getVNCConsole' in (body as object)
        ? {
            body: {
              console: {
                type: 'novnc',
                url: 'http://controller:6080/vnc_auto.html?token=96896ccc-09fc-4fb2-8545-0c2bc102e336',
              },
            },
          }
        : { body: { output: 'demo-i1 login:' } },
    );
    expect((await run('get-vnc-console', 'demo-i1', 'novnc')).out).toBe(printed('M395'));
    expect(cloud.sent('POST')).toEqual({ 'os-getVNCConsole': { type: 'novnc' } });
    const serial = { type: 'serial', url: 'ws://controller:6083/?token=96896ccc' };
    cloud.answers.set(`POST /compute/servers/${id}/action`, { body: { console: serial } });
    for (const more of [[], ['--console_type', 'serial']]) {
      const { out, err } = await run('get-serial-console', ...more, 'demo-i1');
      expect(err).toBe('');
      expect(out).toMatch(/\| Type +\| Url +\|\n.*\n\| serial \| ws:\/\/controller:6083\/\?token=96896ccc \|/);
      expect(cloud.sent('POST')).toEqual({ 'os-getSerialConsole': { type: 'serial' } });
    }
    expect((await run('get-serial-console', '--console-type', 'x', 'demo-i1')).err).toContain(
      "currently supported 'serial'",
    );
    cloud.answers.set(`POST /compute/servers/${id}/action`, { body: { output: 'demo-i1 login:' } });
    expect((await run('console-log', 'demo-i1')).out).toBe('demo-i1 login:\n');
    expect(cloud.sent('POST')).toEqual({ 'os-getConsoleOutput': { length: null } });
    await run('console-log', '--length', '5', 'demo-i1');
    expect(cloud.sent('POST')).toEqual({ 'os-getConsoleOutput': { length: 5 } });
  });

  it('associates a floating IP silently (M400)', async () => {
    known();
    cloud.answers.set(`POST /compute/servers/${id}/action`, { status: 202 });
    expect(await run('floating-ip-associate', 'demo-i1', '172.16.200.152')).toEqual(silent);
    expect(cloud.sent('POST')).toEqual({ addFloatingIp: { address: '172.16.200.152' } });
  });

  it.each([
    [['reboot', 'demo-i1'], { reboot: { type: 'SOFT' } }],
    [['reboot', '--hard', 'demo-i1'], { reboot: { type: 'HARD' } }],
    [['stop', 'demo-i1'], { 'os-stop': null }],
    [['start', 'demo-i1'], { 'os-start': null }],
    [['pause', 'demo-i1'], { pause: null }],
    [['unpause', 'demo-i1'], { unpause: null }],
    [['resize', 'demo-i1', 'm1.tiny'], { resize: { flavorRef: '1' } }],
    [['add-secgroup', 'demo-i1', 'web'], { addSecurityGroup: { name: 'web' } }],
  ])('%j acts on the server', async (argv, action) => {
    known();
    cloud.answers.set(`POST /compute/servers/${id}/action`, { status: 202 });
    expect(await run(...argv)).toEqual(silent);
    expect(cloud.sent('POST')).toEqual(action);
  });

  it('works with security groups (M387, M402, M403)', async () => {
    const rule = {
      id: 'r1',
      ip_protocol: 'icmp',
      from_port: -1,
      to_port: -1,
      ip_range: { cidr: '0.0.0.0/0' },
      group: {},
    };
    const group = {
      id: '1524cd4e-0d2a-424a-8b8b-b0766d6f212c',
      name: 'default',
      description: 'default',
      rules: [rule],
    };
    cloud.answers.set('GET /compute/os-security-groups', { body: { security_groups: [group] } });
    cloud.answers.set('POST /compute/os-security-group-rules', ({ body }) => ({
      body: {
        security_group_rule: {
          ...rule,
          ...(body as { security_group_rule: object }).security_group_rule,
          ip_range: { cidr: '0.0.0.0/0' },
          group: {},
        },
      },
    }));
    cloud.answers.set('DELETE /compute/os-security-group-rules/r1', { status: 202 });
    expect((await run('secgroup-list')).out).toBe(printed('M387'));
    expect((await run('secgroup-add-rule', 'default', 'icmp', '-1', '-1', '0.0.0.0/0')).out).toBe(printed('M402'));
    expect(cloud.sent('POST')).toMatchObject({ security_group_rule: { from_port: -1, parent_group_id: group.id } });
    expect((await run('secgroup-add-rule', 'default', 'tcp', '22', '22', '0.0.0.0/0')).out).toBe(printed('M403'));
    expect((await run('secgroup-list-rules', 'default')).out).toBe(printed('M402'));
    expect((await run('secgroup-delete-rule', 'default', 'icmp', '-1', '-1', '0.0.0.0/0')).out).toBe(printed('M402'));
    expect((await run('secgroup-list-rules', 'x')).err).toBe("ERROR: Secgroup ID or name 'x' not found.\n");
  });

  it('lists services and hypervisors (M153, M184)', async () => {
    const service = (binary: string, second: number) => ({
      binary,
      host: 'node1.magedu.com',
      zone: 'internal',
      status: 'enabled',
      state: 'up',
      updated_at: `2014-10-15T12:40:${second}.000000`,
      disabled_reason: null,
    });
    const services = [
      service('nova-cert', 23),
      service('nova-consoleauth', 24),
      service('nova-conductor', 27),
      service('nova-scheduler', 25),
    ];
    cloud.answers.set('GET /compute/os-services', { body: { services } });
    cloud.answers.set('GET /compute/os-hypervisors', {
      body: { hypervisors: [{ id: 1, hypervisor_hostname: 'compute1.magedu.com' }] },
    });
    expect((await run('service-list')).out).toBe(printed('M153'));
    expect((await run('hypervisor-list')).out).toBe(printed('M184'));
  });

  it('draws availability zones as a tree', async () => {
    const nova = { active: true, available: true, updated_at: '2014-10-15T12:40:23.000000' };
    cloud.answers.set('GET /compute/os-availability-zone/detail', {
      body: {
        availabilityZoneInfo: [
          { zoneName: 'nova', zoneState: { available: true }, hosts: { c1: { 'nova-compute': nova } } },
        ],
      },
    });
    expect((await run('availability-zone-list')).out.split('\n').slice(3, 6)).toEqual(
      [
        '| nova                | available                              |',
        '| |- c1               |                                        |',
        '| | |- nova-compute   | enabled :-) 2014-10-15T12:40:23.000000 |',
      ].map((line) =>
        line
          .replace('nova-compute  ', 'nova-compute')
          .replace(/^\| nova {16}/, '| nova              ')
          .replace('c1               ', 'c1             '),
      ),
    );
  });

  it('lists networks, interfaces, floating IPs and limits', async () => {
    known();
    cloud.answers.set('GET /compute/os-tenant-networks', {
      body: { networks: [{ id: 'n1', label: 'demo-net', cidr: 'None' }] },
    });
    cloud.answers.set(`GET /compute/servers/${id}/os-interface`, {
      body: {
        interfaceAttachments: [
          {
            port_id: 'p1',
            port_state: 'ACTIVE',
            net_id: 'n1',
            mac_addr: 'fa:16:3e:00:00:01',
            fixed_ips: [{ ip_address: '192.168.27.2' }],
          },
        ],
      },
    });
    cloud.answers.set('POST /compute/os-floating-ips', {
      body: { floating_ip: { id: 'f1', ip: '172.16.200.152', instance_id: null, fixed_ip: null, pool: 'ext-net' } },
    });
    cloud.answers.set('GET /compute/limits', {
      body: { limits: { rate: [], absolute: { maxTotalCores: 20, maxImageMeta: 128 } } },
    });
    cloud.answers.set(`GET /compute/os-quota-sets/${adminTenant}`, {
      body: { quota_set: { id: adminTenant, cores: 20, instances: 10 } },
    });
    expect((await run('net-list')).out).toContain('| n1 | demo-net | -    |');
    expect((await run('interface-list', 'demo-i1')).out).toContain(
      '| ACTIVE     | p1      | n1     | 192.168.27.2 | fa:16:3e:00:00:01 |',
    );
    expect((await run('floating-ip-create', 'ext-net')).out).toContain(
      '| 172.16.200.152 | -         | -        | ext-net |',
    );
    expect((await run('absolute-limits')).out).toMatch(/maxImageMeta +\| 128.*\n.*maxTotalCores +\| 20/);
    expect((await run('quota-show')).out).toMatch(/instances \| 10.*\n.*cores +\| 20/);
  });

  it('attaches a volume (M458)', async () => {
    known();
    const volumeId = '32dec761-6096-481c-8fa5-1e6e4bfc245';
    cloud.answers.set(`POST /compute/servers/${id}/os-volume_attachments`, {
      body: { volumeAttachment: { id: volumeId, device: '/dev/vdb', serverId: id, volumeId } },
    });
    expect((await run('volume-attach', 'demo-i1', volumeId)).out).toBe(printed('M458'));
  });

  it('deletes several servers, naming those that it cannot', async () => {
    known();
    cloud.answers.set(`DELETE /compute/servers/${id}`, { status: 204 });
    expect(await run('delete', 'demo-i1')).toEqual(silent);
    const unknown = "No server with a name or ID of 'nope' exists.\n";
    expect(await run('delete', 'nope', 'demo-i1')).toEqual({ status: 0, out: unknown, err: '' });
    expect(await run('delete', 'nope')).toEqual({
      status: 1,
      out: unknown,
      err: 'ERROR: Unable to delete any of the specified servers.\n',
    });
    expect(cloud.asked.filter((one) => one.startsWith('DELETE'))).toHaveLength(2);
  });

  it('fails in its own words', async () => {
    known();
    expect(await run('show', 'x')).toMatchObject({
      status: 1,
      err: "ERROR: No server with a name or ID of 'x' exists.\n",
    });
    cloud.answers.set('GET /compute/servers', {
      body: {
        servers: [
          { id: '1', name: 'x' },
          { id: '2', name: 'x' },
        ],
      },
    });
    expect((await run('show', 'x')).err).toBe(
      "ERROR: Multiple server matches found for 'x', use an ID to be more specific.\n",
    );
    cloud.answers.set('GET /compute/os-keypairs', {
      status: 403,
      headers: { 'x-compute-request-id': 'req-1' },
      body: { forbidden: { code: 403, message: 'Not allowed.' } },
    });
    expect((await run('keypair-list')).err).toBe('ERROR: Not allowed. (HTTP 403) (Request-ID: req-1)\n');
    expect((await run('--os-password', 'x', 'list')).err).toBe('ERROR: Invalid OpenStack Nova credentials.\n');
    expect((await cloud.run(novaClient, ['list'], { env: { OS_USERNAME: 'a', OS_PASSWORD: 'b' } })).err).toContain(
      'ERROR: You must provide a tenant name or tenant id',
    );
    expect(await run('nothing')).toMatchObject({
      status: 2,
      err: expect.stringContaining("invalid choice: u'nothing'") as string,
    });
    expect(await run('help', 'nothing')).toMatchObject({
      status: 1,
      err: "ERROR: 'nothing' is not a valid subcommand\n",
    });
    expect(await run('flavor-create', 'x')).toMatchObject({
      status: 2,
      err: expect.stringContaining(
        "error: too few arguments\nTry 'nova help flavor-create' for more information.\n",
      ) as string,
    });
  });
});
