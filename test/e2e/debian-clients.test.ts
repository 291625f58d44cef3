import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '#common/host/run.ts';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { debianClients, debianClientsOf, fieldOf } from '../fixtures/debian-clients.ts';
import { answersPing, inGuest } from '../fixtures/guest.ts';
import { readTable } from '../fixtures/pretty-table.ts';
import { canRun } from '../fixtures/programs.ts';

const state = inject('cloudState');
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// The manual's chapters 6 and 7 as they are spelled today, by Debian's own clients. The steps build on each other.
describe.skipIf(state === null || !canRun(...debianClients))('Debian’s clients', () => {
  let cloud: Cloud;
  let folder: string;
  let client: Awaited<ReturnType<typeof debianClientsOf>>;
  let admin: Awaited<ReturnType<typeof debianClientsOf>>;
  const ips = new Map<string, string>();

  const nova = (...argv: string[]): Promise<string> => client('nova', ...argv);
  const neutron = (...argv: string[]): Promise<string> => client('neutron', ...argv);
  const cinder = (...argv: string[]): Promise<string> => client('cinder', ...argv);
  const glance = (...argv: string[]): Promise<string> => client('glance', ...argv);
  const openstack = (...argv: string[]): Promise<string> => client('openstack', ...argv);

  /** A list's rows, each by its columns' names. */
  const rows = async (text: Promise<string>): Promise<Record<string, string>[]> => {
    const [header, ...body] = readTable(await text);
    return body.map((row) => Object.fromEntries(row.map((cell, i) => [header?.[i] ?? '', cell])));
  };
  const row = async (text: Promise<string>, column: string, value: string): Promise<Record<string, string>> => {
    const all = await rows(text);
    const found = all.find((one) => one[column] === value);
    expect(found, `${column} ${value} in ${JSON.stringify(all)}`).toBeDefined();
    return found as Record<string, string>;
  };
  const serverId = async (name: string): Promise<string> => fieldOf(await nova('show', name), 'id');
  const imageId = async (name: string): Promise<string> =>
    (await row(glance('image-list'), 'Name', name))['ID'] as string;
  const server = (name: string, status: string): Promise<string> =>
    eventually(`server ${name} is ${status}`, async () => {
      const text = await nova('show', name);
      return fieldOf(text, 'status') === status && fieldOf(text, 'OS-EXT-STS:task_state') === '-' && text;
    });
  const volume = (name: string, status: string): Promise<string> =>
    eventually(`volume ${name} is ${status}`, async () => {
      const text = await cinder('show', name);
      return fieldOf(text, 'status') === status && text;
    });
  const image = (name: string): Promise<string> =>
    eventually(`image ${name} is active`, async () => {
      const text = await glance('image-show', await imageId(name));
      return fieldOf(text, 'status') === 'active' && text;
    });
  const boot = async (name: string, ...from: string[]): Promise<void> => {
    await nova(
      ...['boot', '--flavor', 'm1.cirros', ...from, '--nic', 'net-name=deb-net', '--security-groups', 'deb-group'],
      ...['--key-name', 'debkey', '--poll', name],
    );
    expect((await row(nova('list'), 'Name', name))['Status']).toBe('ACTIVE');
  };
  /** A floating IP by `openstack`, for the servers after the first. */
  const reach = async (name: string): Promise<void> => {
    const ip = (
      await openstack('floating', 'ip', 'create', 'ext-net', '-f', 'value', '-c', 'floating_ip_address')
    ).trim();
    await openstack('server', 'add', 'floating', 'ip', name, ip);
    ips.set(name, ip);
  };
  const guest = (name: string, command: string): Promise<string> =>
    inGuest(join(folder, 'id_rsa'), ips.get(name) as string, `sudo sh -c '${command.replaceAll("'", `'\\''`)}'`);

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    [client, admin] = [await debianClientsOf(cloud, 'demo'), await debianClientsOf(cloud, 'admin')];
    folder = await mkdtemp(join(tmpdir(), 'igloo-debian-'));
    await run(['ssh-keygen', '-q', '-t', 'rsa', '-N', '', '-f', join(folder, 'id_rsa')]); // M379
  });

  afterAll(async () => {
    const quietly = (work: Promise<string>): Promise<string> => work.catch(() => '');
    const each = async (
      list: Promise<string>,
      column: string,
      remove: (id: string) => Promise<string>,
    ): Promise<void> => {
      for (const one of await rows(list).catch(() => [])) await quietly(remove(one[column] as string));
    };
    await each(nova('list'), 'ID', (id) => nova('delete', id));
    await eventually('no server is left', async () => (await rows(nova('list'))).length === 0);
    await each(cinder('snapshot-list'), 'ID', (id) => cinder('snapshot-delete', id));
    await eventually('no snapshot is left', async () => (await rows(cinder('snapshot-list'))).length === 0);
    await each(cinder('list'), 'ID', (id) => cinder('delete', id));
    await each(neutron('floatingip-list'), 'id', (id) => neutron('floatingip-delete', id));
    await quietly(neutron('router-gateway-clear', 'deb-router'));
    await quietly(neutron('router-interface-delete', 'deb-router', 'deb-subnet'));
    await quietly(neutron('router-delete', 'deb-router'));
    for (const name of ['deb-net', 'deb-net2']) await quietly(neutron('net-delete', name));
    await quietly(neutron('security-group-delete', 'deb-group'));
    for (const one of await rows(glance('image-list')).catch(() => []))
      if (one['Name'] !== 'cirros') await quietly(glance('image-delete', one['ID'] as string));
    await quietly(nova('keypair-delete', 'debkey'));
    await quietly(admin('nova', 'flavor-delete', '6'));
    await quietly(admin('neutron', 'net-delete', 'deb-ext'));
    await rm(folder, { recursive: true, force: true });
  }, 300_000);

  it('M360: a subnet with a pool of its own, and without DHCP', async () => {
    await admin('neutron', 'net-create', 'deb-ext');
    const made = await admin(
      ...(['neutron', 'subnet-create', 'deb-ext', '--name', 'deb-ext-subnet'] as const),
      ...['--allocation-pool', 'start=172.16.200.151,end=172.16.200.180', '--disable-dhcp'],
      ...['--gateway', '172.16.0.1', '172.16.0.0/16'],
    );
    expect(made).toMatch(/^Created a new subnet:\n/);
    expect(JSON.parse(fieldOf(made, 'allocation_pools'))).toEqual({ start: '172.16.200.151', end: '172.16.200.180' });
    expect([fieldOf(made, 'enable_dhcp'), fieldOf(made, 'gateway_ip')]).toEqual(['False', '172.16.0.1']);
    await admin('neutron', 'net-delete', 'deb-ext');
  });

  it('M361–M367: networks, and a router with its gateway', async () => {
    const made = await neutron('net-create', 'deb-net');
    expect(made).toMatch(/^Created a new network:\n/);
    expect(fieldOf(made, 'id')).toMatch(uuid);
    const subnet = await neutron(
      ...['subnet-create', 'deb-net', '--name', 'deb-subnet', '--gateway', '10.67.0.1', '10.67.0.0/24'],
    );
    expect(fieldOf(subnet, 'network_id')).toBe(fieldOf(made, 'id'));
    expect(fieldOf(await neutron('router-create', 'deb-router'), 'status')).toBe('ACTIVE');
    expect(await neutron('router-interface-add', 'deb-router', 'deb-subnet')).toMatch(
      /^Added interface [0-9a-f-]{36} to router deb-router\.\n$/,
    );
    expect(await neutron('router-gateway-set', 'deb-router', 'ext-net')).toBe('Set gateway for router deb-router\n');
    await openstack('network', 'create', 'deb-net2');
    await openstack(
      ...['subnet', 'create', '--network', 'deb-net2', '--subnet-range', '10.68.0.0/24', '--gateway', '10.68.0.1'],
      'deb-subnet2',
    );
    await openstack('router', 'add', 'subnet', 'deb-router', 'deb-subnet2');
    const list = await rows(neutron('net-list'));
    expect(list.map((one) => one['name']).sort()).toEqual(['demo-net', 'deb-net', 'deb-net2', 'ext-net'].sort());
    expect(list.find((one) => one['name'] === 'deb-net')?.['subnets']).toMatch(/^[0-9a-f-]{36} 10\.67\.0\.0\/24$/);
  });

  it('M368: the router is a namespace with all three addresses', async () => {
    const router = await neutron('router-show', 'deb-router');
    const gateway = JSON.parse(fieldOf(router, 'external_gateway_info')) as {
      external_fixed_ips: { ip_address: string }[];
    };
    const wanted = ['10.67.0.1', '10.68.0.1', gateway.external_fixed_ips[0]?.ip_address];
    await eventually('the namespace has them', async () => {
      const { stdout } = await run(['ip', 'netns', 'exec', `qrouter-${fieldOf(router, 'id')}`, 'ip', 'addr', 'show']);
      return wanted.every((ip) => stdout.includes(` inet ${ip}/`));
    });
    await openstack('router', 'remove', 'subnet', 'deb-router', 'deb-subnet2');
    await openstack('network', 'delete', 'deb-net2');
  });

  it('M380–M387: a key pair, a flavor, images, a security group', async () => {
    expect(await nova('keypair-add', '--pub-key', join(folder, 'id_rsa.pub'), 'debkey')).toBe('');
    expect((await row(nova('keypair-list'), 'Name', 'debkey'))['Fingerprint']).toMatch(
      /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/,
    );
    await admin('nova', 'flavor-create', '--is-public', 'true', 'm1.cirros', '6', '256', '1', '1');
    expect(await row(nova('flavor-list'), 'Name', 'm1.cirros')).toMatchObject({
      ID: '6',
      Memory_MiB: '256',
      Disk: '1',
    });
    expect(await imageId('cirros')).toMatch(uuid);
    await neutron('security-group-create', 'deb-group');
    expect((await rows(neutron('security-group-list'))).map((one) => one['name'])).toContain('deb-group');
  });

  it('M388–M392: a server boots, and says so on its console', async () => {
    await boot('demo-i1', '--image', 'cirros');
    expect(await row(nova('list'), 'Name', 'demo-i1')).toMatchObject({
      'Task State': '-',
      'Power State': 'Running',
      Networks: expect.stringMatching(/^deb-net=10\.67\.0\.\d+$/) as string,
    });
    const shown = await nova('show', 'demo-i1');
    expect(fieldOf(shown, 'image')).toBe(`cirros (${await imageId('cirros')})`);
    expect([fieldOf(shown, 'key_name'), fieldOf(shown, 'flavor:ram')]).toEqual(['debkey', '256']);
    const prompt = async (): Promise<boolean> => (await nova('console-log', 'demo-i1')).includes('demo-i1 login:');
    await eventually('login prompt', prompt, 120_000);
  });

  it('M395: a console in the browser', async () => {
    const { Url } = await row(nova('get-vnc-console', 'demo-i1', 'novnc'), 'Type', 'novnc');
    const page = await fetch(Url as string);
    expect([page.status, (await page.text()).includes('noVNC')]).toEqual([200, true]);
  });

  it('M399–M403: a floating IP, and rules that let ping and ssh in', async () => {
    const made = await neutron('floatingip-create', 'ext-net');
    expect(made).toMatch(/^Created a new floatingip:\n/);
    const ip = fieldOf(made, 'floating_ip_address');
    const port = (await rows(neutron('port-list', '--device-id', await serverId('demo-i1'))))[0]?.['id'] as string;
    await neutron('floatingip-associate', fieldOf(made, 'id'), port);
    ips.set('demo-i1', ip);
    await eventually('nova sees it', async () =>
      (await row(nova('list'), 'Name', 'demo-i1'))['Networks']?.includes(ip),
    );
    expect(await answersPing(ip)).toBe(false);
    await neutron('security-group-rule-create', '--protocol', 'icmp', 'deb-group');
    await openstack('security', 'group', 'rule', 'create', '--protocol', 'tcp', '--dst-port', '22', 'deb-group');
    await eventually('ping', () => answersPing(ip));
    expect(await inGuest(join(folder, 'id_rsa'), ip, 'hostname; id -un')).toBe('demo-i1\ncirros');
  });

  it('M396–M398: the guest reaches its gateway, the router and what is behind it', async () => {
    const shown = await admin('neutron', 'subnet-list', '-c', 'name', '-c', 'cidr');
    const outside = readTable(shown)
      .find(([name]) => name === 'ext-subnet')?.[1]
      ?.replace(/\.0\/.*$/, '.1') as string;
    for (const ip of ['10.67.0.1', outside])
      expect(await guest('demo-i1', `ping -c 3 ${ip} | grep -c 'bytes from'`)).toBe('3');
  });

  it('an image goes up and comes back as it was', async () => {
    const [down, back] = [join(folder, 'down'), join(folder, 'back')];
    const digest = async (path: string, algorithm: string): Promise<string> =>
      createHash(algorithm)
        .update(await readFile(path))
        .digest('hex');
    const original = await imageId('cirros');
    await glance('image-download', '--file', down, original);
    const format = fieldOf(await glance('image-show', original), 'disk_format');
    const made = await glance(
      ...['image-create', '--name', 'deb-image', '--disk-format', format, '--container-format', 'bare', '--file', down],
    );
    expect([fieldOf(made, 'status'), fieldOf(made, 'os_hash_algo')]).toEqual(['active', 'sha512']);
    expect(fieldOf(made, 'checksum')).toBe(await digest(down, 'md5'));
    await glance('image-download', '--file', back, fieldOf(made, 'id'));
    expect(await digest(back, 'sha512')).toBe(await digest(down, 'sha512'));
    await glance('image-delete', fieldOf(made, 'id'));
  });

  it('M456–M459: a volume goes into the guest and out', async () => {
    const made = await cinder('create', '--name', 'demoVolume', '1');
    const id = fieldOf(made, 'id');
    await volume('demoVolume', 'available');
    const server = await serverId('demo-i1');
    const attached = await nova('volume-attach', 'demo-i1', id);
    expect([fieldOf(attached, 'device'), fieldOf(attached, 'serverId'), fieldOf(attached, 'volumeId')]).toEqual([
      '/dev/vdb',
      server,
      id,
    ]);
    await volume('demoVolume', 'in-use');
    expect(await row(cinder('list'), 'Name', 'demoVolume')).toMatchObject({ Status: 'in-use', 'Attached to': server });
    await guest('demo-i1', 'mkfs.ext4 -q /dev/vdb && mount /dev/vdb /mnt && echo lasting > /mnt/word && umount /mnt');
    await nova('volume-detach', 'demo-i1', id);
    await volume('demoVolume', 'available');
    expect(await guest('demo-i1', 'ls /dev/vdb 2>/dev/null || echo none')).toBe('none');
  });

  it('a snapshot of it becomes a larger volume with the same data', async () => {
    const snapshot = fieldOf(await cinder('snapshot-create', '--name', 'deb-snapshot', 'demoVolume'), 'id');
    await eventually('the snapshot is there', async () => {
      return (await row(cinder('snapshot-list'), 'Name', 'deb-snapshot'))['Status'] === 'available';
    });
    await cinder('create', '--name', 'copy', '--poll', '--snapshot-id', snapshot);
    await cinder('extend', 'copy', '2');
    const copy = await eventually('it is larger', async () => {
      const shown = await volume('copy', 'available');
      return fieldOf(shown, 'size') === '2' && shown;
    });
    expect(fieldOf(copy, 'snapshot_id')).toBe(snapshot);
    await nova('volume-attach', 'demo-i1', fieldOf(copy, 'id'));
    await volume('copy', 'in-use');
    expect(await guest('demo-i1', 'cat /sys/block/vdb/size; mount /dev/vdb /mnt && cat /mnt/word && umount /mnt')).toBe(
      `${(2 * 1024 ** 3) / 512}\nlasting`,
    );
    await nova('volume-detach', 'demo-i1', fieldOf(copy, 'id'));
    await volume('copy', 'available');
    await cinder('delete', 'copy');
    await cinder('snapshot-delete', 'deb-snapshot');
  });

  it('a server boots from a volume, which becomes an image that boots', async () => {
    await cinder('create', '--name', 'system', '--image', 'cirros', '--poll', '1');
    const system = await volume('system', 'available');
    expect(fieldOf(system, 'bootable')).toBe('true');
    await boot('rooted', '--boot-volume', fieldOf(system, 'id'));
    const shown = await nova('show', 'rooted');
    expect(fieldOf(shown, 'image')).toBe('Attempt to boot from volume - no image supplied');
    expect(fieldOf(shown, 'os-extended-volumes:volumes_attached')).toContain(fieldOf(system, 'id'));
    await reach('rooted');
    expect(await guest('rooted', 'ls /sys/block | grep vd; echo of-the-volume > /root/word; sync')).toBe('vda');
    await nova('delete', 'rooted');
    await volume('system', 'available');
    await cinder('upload-to-image', '--disk-format', 'qcow2', 'system', 'system-image');
    expect(fieldOf(await image('system-image'), 'disk_format')).toBe('qcow2');
    await volume('system', 'available');
    await boot('imaged', '--image', 'system-image');
    await reach('imaged');
    expect(await guest('imaged', 'cat /root/word')).toBe('of-the-volume');
    await nova('delete', 'imaged');
  });

  it('resize and confirm: more memory, the same disk', async () => {
    await guest('demo-i1', 'echo kept > /root/word; sync');
    await nova('resize', '--poll', 'demo-i1', 'm1.tiny');
    await server('demo-i1', 'VERIFY_RESIZE');
    await nova('resize-confirm', 'demo-i1');
    expect(fieldOf(await server('demo-i1', 'ACTIVE'), 'flavor:ram')).toBe('512');
    const [word, memory] = (await guest('demo-i1', "cat /root/word; awk '/MemTotal/ {print $2}' /proc/meminfo")).split(
      '\n',
    );
    expect(word).toBe('kept');
    expect(Number(memory)).toBeGreaterThan(400_000);
  });

  it('suspend and resume: the same boot', async () => {
    const before = await guest('demo-i1', 'cat /proc/sys/kernel/random/boot_id');
    await nova('suspend', 'demo-i1');
    await server('demo-i1', 'SUSPENDED');
    await nova('resume', 'demo-i1');
    await server('demo-i1', 'ACTIVE');
    expect(await guest('demo-i1', 'cat /proc/sys/kernel/random/boot_id')).toBe(before);
  });

  it('rescue and unrescue: the disk is the second one meanwhile', async () => {
    await nova('rescue', 'demo-i1');
    await server('demo-i1', 'RESCUE');
    expect(await guest('demo-i1', 'ls /sys/block | grep vd; mount /dev/vdb2 /mnt && cat /mnt/root/word')).toBe(
      'vda\nvdb\nkept',
    );
    await nova('unrescue', 'demo-i1');
    await server('demo-i1', 'ACTIVE');
    expect(await guest('demo-i1', 'cat /root/word; ls /dev/vdb 2>/dev/null || echo none')).toBe('kept\nnone');
  });

  it('an image of the server boots with what was in it, and a rebuild begins anew', async () => {
    await nova('image-create', '--poll', 'demo-i1', 'deb-snapshot');
    const shown = await image('deb-snapshot');
    expect([fieldOf(shown, 'image_type'), fieldOf(shown, 'instance_uuid')]).toEqual([
      'snapshot',
      await serverId('demo-i1'),
    ]);
    await nova('rebuild', '--poll', 'demo-i1', 'cirros');
    await server('demo-i1', 'ACTIVE');
    await boot('again', '--image', 'deb-snapshot');
    await reach('again');
    expect(await guest('again', 'cat /root/word')).toBe('kept');
    expect(await guest('demo-i1', 'cat /root/word 2>/dev/null || echo none')).toBe('none');
  });

  it('all is deleted, and nothing is left', async () => {
    await nova('delete', 'demo-i1', 'again');
    await eventually('no server is left', async () => (await rows(nova('list'))).length === 0);
    await cinder('delete', 'demoVolume', 'system');
    await eventually('no volume is left', async () => (await rows(cinder('list'))).length === 0);
    for (const { id } of await rows(neutron('floatingip-list'))) await neutron('floatingip-delete', id as string);
    expect(await neutron('router-gateway-clear', 'deb-router')).toBe('Removed gateway from router deb-router\n');
    await neutron('router-interface-delete', 'deb-router', 'deb-subnet');
    expect(await neutron('router-delete', 'deb-router')).toBe('Deleted router(s): deb-router\n');
    await neutron('net-delete', 'deb-net');
    await neutron('security-group-delete', 'deb-group');
    for (const name of ['system-image', 'deb-snapshot']) await glance('image-delete', await imageId(name));
    expect((await rows(glance('image-list'))).map((one) => one['Name'])).toEqual(['cirros']);
    await nova('keypair-delete', 'debkey');
    await admin('nova', 'flavor-delete', '6');
    await eventually('no leaks', async () => (await cloud.igloo('doctor', '--leaks')).status === 0, 60_000);
  });
});
