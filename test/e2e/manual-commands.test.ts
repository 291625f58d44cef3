import { mkdtemp } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '#common/host/run.ts';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { answersPing, inGuest } from '../fixtures/guest.ts';
import { expectFields, expectList, readTable } from '../fixtures/pretty-table.ts';

const state = inject('cloudState');
const networkList = ['id', 'name', 'subnets'];
const flavorColumns = ['ID', 'Name', 'Memory_MB', 'Disk', 'Ephemeral', 'Swap', 'VCPUs', 'RXTX_Factor', 'Is_Public'];
const serverColumns = ['ID', 'Name', 'Status', 'Task State', 'Power State', 'Networks'];
const ruleColumns = ['IP Protocol', 'From Port', 'To Port', 'IP Range', 'Source Group'];

// The manual's sections 4.5.2 and 6, in its order, by Igloo's own commands; each test names the manual's command numbers.
describe.skipIf(state === null)('the manual’s commands', () => {
  let cloud: Cloud;
  let folder: string;
  let networkId: string;
  let serverId: string;
  let floatingIp: string;
  const nova = (...argv: string[]): Promise<string> => cloud.manual('admin', 'nova', ...argv);
  const neutron = (...argv: string[]): Promise<string> => cloud.manual('admin', 'neutron', ...argv);

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    folder = await mkdtemp(join(tmpdir(), 'igloo-manual-'));
    await run(['ssh-keygen', '-q', '-t', 'rsa', '-N', '', '-f', join(folder, 'id_rsa')]);
  });

  afterAll(async () => {
    const quietly = (work: Promise<string>): Promise<string> => work.catch(() => '');
    await quietly(nova('delete', 'demo-i1'));
    await eventually('demo-i1 is gone', async () => !(await nova('list')).includes('demo-i1'));
    await quietly(neutron('router-gateway-clear', 'lab-router'));
    await quietly(neutron('router-interface-delete', 'lab-router', 'lab-subnet'));
    await quietly(neutron('router-delete', 'lab-router'));
    const listed = (await neutron('floatingip-list', '-c', 'id')).match(/[0-9a-f-]{36}/g) ?? [];
    for (const id of listed) await quietly(neutron('floatingip-delete', id));
    await quietly(neutron('net-delete', 'lab-net'));
    await quietly(nova('flavor-delete', '6'));
    await quietly(nova('keypair-delete', 'demokey'));
  });

  it('M360–M367: a network, a subnet, a router with its gateway', async () => {
    const made = await neutron('net-create', 'lab-net');
    expect(made).toMatch(/^Created a new network:\n/);
    const fields = expectFields(made.replace(/^.*\n/, ''), ['Field', 'Value'], {
      admin_state_up: 'True',
      id: '<uuid>',
      name: 'lab-net',
      'provider:network_type': 'gre',
      'provider:physical_network': '',
      'provider:segmentation_id': '<word>',
      shared: 'False',
      status: 'ACTIVE',
      subnets: '',
      tenant_id: '<id32>',
    });
    networkId = fields['id'] as string;
    const subnet = await neutron(
      'subnet-create',
      'lab-net',
      '--name',
      'lab-subnet',
      '--gateway',
      '10.66.0.1',
      '10.66.0.0/24',
    );
    expectFields(subnet.replace(/^Created a new subnet:\n/, ''), ['Field', 'Value'], {
      allocation_pools: '{"start": "10.66.0.2", "end": "10.66.0.254"}',
      cidr: '10.66.0.0/24',
      dns_nameservers: '',
      enable_dhcp: 'True',
      gateway_ip: '10.66.0.1',
      host_routes: '',
      id: '<uuid>',
      ip_version: '4',
      name: 'lab-subnet',
      network_id: networkId,
      tenant_id: '<id32>',
    });
    const router = await neutron('router-create', 'lab-router');
    expectFields(router.replace(/^Created a new router:\n/, ''), ['Field', 'Value'], {
      admin_state_up: 'True',
      external_gateway_info: '',
      id: '<uuid>',
      name: 'lab-router',
      status: 'ACTIVE',
      tenant_id: '<id32>',
    });
    expect(await neutron('router-interface-add', 'lab-router', 'lab-subnet')).toMatch(
      /^Added interface [0-9a-f-]{36} to router lab-router\.\n$/,
    );
    expect(await neutron('router-gateway-set', 'lab-router', 'ext-net')).toBe('Set gateway for router lab-router\n');
    const list = readTable(await neutron('net-list'));
    expect(list[0]).toEqual(networkList);
    expect(list.find((row) => row[1] === 'lab-net')?.[2]).toMatch(/^[0-9a-f-]{36} 10\.66\.0\.0\/24$/);
  });

  it('M380–M381: a key pair', async () => {
    expect(await nova('keypair-add', '--pub-key', join(folder, 'id_rsa.pub'), 'demokey')).toBe('');
    expectList(await nova('keypair-list'), ['Name', 'Fingerprint'], [['demokey', '<fingerprint>']]);
  });

  it('M382–M384: flavors', async () => {
    const defaults = [
      ['1', 'm1.tiny', '512', '1', '0', '', '1', '1.0', 'True'],
      ['2', 'm1.small', '2048', '20', '0', '', '1', '1.0', 'True'],
      ['3', 'm1.medium', '4096', '40', '0', '', '2', '1.0', 'True'],
      ['4', 'm1.large', '8192', '80', '0', '', '4', '1.0', 'True'],
      ['5', 'm1.xlarge', '16384', '160', '0', '', '8', '1.0', 'True'],
    ];
    const cirros = ['6', 'm1.cirros', '256', '1', '0', '', '1', '1.0', 'True'];
    expectList(await nova('flavor-list'), flavorColumns, defaults);
    expectList(await nova('flavor-create', '--is-public', 'true', 'm1.cirros', '6', '256', '1', '1'), flavorColumns, [
      cirros,
    ]);
    expectList(await nova('flavor-list'), flavorColumns, [...defaults, cirros]);
  });

  it('M385–M387: images and security groups', async () => {
    expectList(await nova('image-list'), ['ID', 'Name', 'Status', 'Server'], [['<uuid>', 'cirros', 'ACTIVE', '']]);
    expectList(await nova('secgroup-list'), ['Id', 'Name', 'Description'], [['<uuid>', 'default', 'default']]);
  });

  it('M388–M390: a server boots', async () => {
    const text = await nova(
      ...['boot', '--flavor', 'm1.cirros', '--image', 'cirros', '--nic', `net-id=${networkId}`],
      ...['--security-groups', 'default', '--key-name', 'demokey', 'demo-i1'],
    );
    const fields = expectFields(text, ['Property', 'Value'], {
      'OS-DCF:diskConfig': 'MANUAL',
      'OS-EXT-AZ:availability_zone': 'nova',
      'OS-EXT-SRV-ATTR:host': '-',
      'OS-EXT-SRV-ATTR:hypervisor_hostname': '-',
      'OS-EXT-SRV-ATTR:instance_name': 'instance-<8 hex>',
      'OS-EXT-STS:power_state': '0',
      'OS-EXT-STS:task_state': 'scheduling',
      'OS-EXT-STS:vm_state': 'building',
      'OS-SRV-USG:launched_at': '-',
      'OS-SRV-USG:terminated_at': '-',
      accessIPv4: '',
      accessIPv6: '',
      adminPass: '<password12>',
      config_drive: '',
      created: '<time-z>',
      flavor: 'm1.cirros (6)',
      hostId: '',
      id: '<uuid>',
      image: 'cirros (<uuid>)',
      key_name: 'demokey',
      metadata: '{}',
      name: 'demo-i1',
      'os-extended-volumes:volumes_attached': '[]',
      progress: '0',
      security_groups: 'default',
      status: 'BUILD',
      tenant_id: '<id32>',
      updated: '<time-z>',
      user_id: '<id32>',
    });
    serverId = fields['id'] as string;
    const active = await eventually('demo-i1 is ACTIVE', async () => {
      const list = await nova('list');
      return list.includes('ACTIVE') && list;
    });
    expectList(active, serverColumns, [[serverId, 'demo-i1', 'ACTIVE', '-', 'Running', 'lab-net=10.66.0.2']]);
  });

  it('M391–M392: its console and its details', async () => {
    await eventually(
      'login prompt',
      async () => (await nova('console-log', 'demo-i1')).includes('demo-i1 login:'),
      120_000,
    );
    expectFields(await nova('show', 'demo-i1'), ['Property', 'Value'], {
      'OS-DCF:diskConfig': 'MANUAL',
      'OS-EXT-AZ:availability_zone': 'nova',
      'OS-EXT-SRV-ATTR:host': hostname(),
      'OS-EXT-SRV-ATTR:hypervisor_hostname': hostname(),
      'OS-EXT-SRV-ATTR:instance_name': 'instance-<8 hex>',
      'OS-EXT-STS:power_state': '1',
      'OS-EXT-STS:task_state': '-',
      'OS-EXT-STS:vm_state': 'active',
      'OS-SRV-USG:launched_at': '<time-us>',
      'OS-SRV-USG:terminated_at': '-',
      accessIPv4: '',
      accessIPv6: '',
      config_drive: '',
      created: '<time-z>',
      flavor: 'm1.cirros (6)',
      hostId: '<sha224>',
      id: serverId,
      image: 'cirros (<uuid>)',
      key_name: 'demokey',
      'lab-net network': '10.66.0.2',
      metadata: '{}',
      name: 'demo-i1',
      'os-extended-volumes:volumes_attached': '[]',
      progress: '0',
      security_groups: 'default',
      status: 'ACTIVE',
      tenant_id: '<id32>',
      updated: '<time-z>',
      user_id: '<id32>',
    });
  });

  it('M395: a console whose page opens with its token, and not without', async () => {
    const [header, row] = readTable(await nova('get-vnc-console', 'demo-i1', 'novnc'));
    expect([header, row?.[0]]).toEqual([['Type', 'Url'], 'novnc']);
    expect(row?.[1]).toMatch(/^http:\/\/127\.0\.0\.1:6080\/vnc_auto\.html\?token=[0-9a-f-]{36}$/);
    const page = await fetch(row?.[1] as string);
    expect([page.status, (await page.text()).includes('noVNC')]).toEqual([200, true]);
    const { protocol, rfb } = await firstBytes(
      (row?.[1] as string).replace('http', 'ws').replace('vnc_auto.html', 'websockify'),
    );
    expect([protocol, rfb]).toEqual(['binary', 'RFB 003.008\n']);
    await expect(
      firstBytes('ws://127.0.0.1:6080/websockify?token=00000000-0000-4000-8000-000000000000'),
    ).rejects.toThrow();
  });

  it('M399–M401: a floating IP', async () => {
    const made = expectFields(
      (await neutron('floatingip-create', 'ext-net')).replace(/^Created a new floatingip:\n/, ''),
      ['Field', 'Value'],
      {
        fixed_ip_address: '',
        floating_ip_address: '<word>',
        floating_network_id: '<uuid>',
        id: '<uuid>',
        port_id: '',
        router_id: '',
        status: 'DOWN',
        tenant_id: '<id32>',
      },
    );
    floatingIp = made['floating_ip_address'] as string;
    expect(await nova('floating-ip-associate', 'demo-i1', floatingIp)).toBe('');
    expectList(await nova('list'), serverColumns, [
      [serverId, 'demo-i1', 'ACTIVE', '-', 'Running', `lab-net=10.66.0.2, ${floatingIp}`],
    ]);
  });

  it('M402–M403: rules let ping and ssh in', async () => {
    expect(await answersPing(floatingIp)).toBe(false);
    expectList(await nova('secgroup-add-rule', 'default', 'icmp', '-1', '-1', '0.0.0.0/0'), ruleColumns, [
      ['icmp', '-1', '-1', '0.0.0.0/0', ''],
    ]);
    expectList(await nova('secgroup-add-rule', 'default', 'tcp', '22', '22', '0.0.0.0/0'), ruleColumns, [
      ['tcp', '22', '22', '0.0.0.0/0', ''],
    ]);
    await eventually('ping', () => answersPing(floatingIp));
    expect(await inGuest(join(folder, 'id_rsa'), floatingIp, 'hostname')).toBe('demo-i1');
    for (const rule of [
      ['icmp', '-1', '-1'],
      ['tcp', '22', '22'],
    ])
      await nova('secgroup-delete-rule', 'default', ...rule, '0.0.0.0/0');
  });
});

/** Connects as noVNC does; gives the chosen sub-protocol and what the server says first. */
function firstBytes(url: string): Promise<{ protocol: string; rfb: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['binary']);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => {
      resolve({ protocol: socket.protocol, rfb: Buffer.from(event.data as ArrayBuffer).toString('latin1') });
      socket.close();
    };
    socket.onerror = () => reject(new Error('The console refused the connection'));
    socket.onclose = () => reject(new Error('The console closed the connection'));
  });
}
