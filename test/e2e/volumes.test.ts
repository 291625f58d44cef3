import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { inGuest, makeFloatingIp, makeKey } from '../fixtures/guest.ts';
import { expectFields } from '../fixtures/pretty-table.ts';

const state = inject('cloudState');

interface Volume {
  readonly id: string;
  readonly status: string;
}

// The manual's section 7.3 in a real guest, and what follows from it.
describe.skipIf(state === null)('volumes', () => {
  let cloud: Cloud;
  let key: string;
  const ips = new Map<string, string>();
  const made: { volumes: string[]; servers: string[]; snapshots: string[] } = {
    volumes: [],
    servers: [],
    snapshots: [],
  };

  const demo = (...argv: string[]): Promise<string> => cloud.openstack('demo', ...argv);
  const volume = (name: string): Promise<Volume> => cloud.json<Volume>('demo', 'volume', 'show', name);
  const becomes = (name: string, status: string): Promise<Volume> =>
    eventually(`volume ${name} is ${status}`, async () => {
      const found = await volume(name);
      return found.status === status && found;
    });
  const makeVolume = async (name: string, ...options: string[]): Promise<string> => {
    made.volumes.push(name);
    await demo('volume', 'create', '--size', '1', ...options, name);
    return (await becomes(name, 'available')).id;
  };
  const boot = async (name: string, ...from: string[]): Promise<void> => {
    made.servers.push(name);
    const rest = [
      '--flavor',
      'm1.tiny',
      '--network',
      'demo-net',
      '--key-name',
      'volumes',
      '--security-group',
      'volumes',
    ];
    await demo('server', 'create', ...from, ...rest, '--wait', name);
    ips.set(name, await makeFloatingIp(cloud, 'demo', name));
  };
  const guest = (name: string, command: string): Promise<string> =>
    inGuest(key, ips.get(name) as string, `sudo sh -c ${JSON.stringify(command)}`);
  const serverId = async (name: string): Promise<string> =>
    (await cloud.json<{ id: string }>('demo', 'server', 'show', name)).id;

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    key = await makeKey(cloud, 'demo', 'volumes');
    await demo('security', 'group', 'create', 'volumes');
    await demo('security', 'group', 'rule', 'create', '--protocol', 'tcp', '--dst-port', '22', 'volumes');
    await boot('writer', '--image', 'cirros');
  }, 300_000);

  afterAll(async () => {
    const quietly = (work: Promise<string>): Promise<string> => work.catch(() => '');
    for (const name of made.servers) await quietly(demo('server', 'delete', '--wait', name));
    for (const name of made.snapshots) await quietly(demo('volume', 'snapshot', 'delete', name));
    await eventually(
      'the snapshots are gone',
      async () => (await demo('volume', 'snapshot', 'list', '-f', 'value')).trim() === '',
    );
    for (const name of made.volumes) await quietly(demo('volume', 'delete', name));
    for (const ip of ips.values()) await quietly(demo('floating', 'ip', 'delete', ip));
    await quietly(demo('security', 'group', 'delete', 'volumes'));
    await quietly(demo('keypair', 'delete', 'volumes'));
  }, 300_000);

  it('M458: nova volume-attach prints the device', async () => {
    const id = await makeVolume('demoVolume');
    expectFields(await cloud.manual('demo', 'nova', 'volume-attach', 'writer', id), ['Property', 'Value'], {
      device: '/dev/vdb',
      id,
      serverId: await serverId('writer'),
      volumeId: id,
    });
    await becomes('demoVolume', 'in-use');
  });

  it('take a file system, and what is written, from one guest to another', { timeout: 300_000 }, async () => {
    const { id } = await volume('demoVolume');
    await eventually('the guest has the disk', async () => (await guest('writer', 'ls /dev/vdb')) === '/dev/vdb');
    // virtio gives the guest twenty characters of the id.
    expect(await guest('writer', 'cat /sys/block/vdb/serial')).toBe(id.slice(0, 20));
    await guest('writer', 'mkfs.ext4 -q /dev/vdb && mount /dev/vdb /mnt && echo lasting > /mnt/word && umount /mnt');
    await cloud.manual('demo', 'nova', 'volume-detach', 'writer', id);
    await becomes('demoVolume', 'available');
    expect(await guest('writer', 'ls /dev/vdb 2>/dev/null || echo none')).toBe('none');
    await boot('reader', '--image', 'cirros');
    await demo('server', 'add', 'volume', 'reader', 'demoVolume');
    await becomes('demoVolume', 'in-use');
    expect(await guest('reader', 'mount /dev/vdb /mnt && cat /mnt/word && umount /mnt')).toBe('lasting');
  });

  it('stay in their guest over a restart of the control plane, and of the guest', { timeout: 300_000 }, async () => {
    await cloud.igloo('down');
    expect(await guest('reader', 'mount /dev/vdb /mnt && cat /mnt/word && umount /mnt')).toBe('lasting');
    await cloud.up();
    await demo('server', 'reboot', '--hard', '--wait', 'reader');
    expect(await guest('reader', 'mount /dev/vdb /mnt && cat /mnt/word && umount /mnt')).toBe('lasting');
    await cloud.igloo('down', '--guests');
    await cloud.up();
    await eventually(
      'the server is ACTIVE',
      async () => (await cloud.json<{ status: string }>('demo', 'server', 'show', 'reader')).status === 'ACTIVE',
    );
    expect(await guest('reader', 'mount /dev/vdb /mnt && cat /mnt/word && umount /mnt')).toBe('lasting');
  });

  it('can be snapshotted, and made anew of the snapshot', { timeout: 300_000 }, async () => {
    await demo('server', 'remove', 'volume', 'reader', 'demoVolume');
    await becomes('demoVolume', 'available');
    made.snapshots.push('kept');
    await demo('volume', 'snapshot', 'create', '--volume', 'demoVolume', 'kept');
    await eventually(
      'the snapshot is there',
      async () => (await cloud.json<Volume>('demo', 'volume', 'snapshot', 'show', 'kept')).status === 'available',
    );
    await demo('server', 'add', 'volume', 'writer', 'demoVolume');
    await becomes('demoVolume', 'in-use');
    await guest('writer', 'mount /dev/vdb /mnt && echo changed > /mnt/word && umount /mnt');
    await makeVolume('copy', '--snapshot', 'kept');
    await demo('server', 'add', 'volume', 'reader', 'copy');
    await becomes('copy', 'in-use');
    expect(await guest('reader', 'mount /dev/vdb /mnt && cat /mnt/word && umount /mnt')).toBe('lasting');
  });

  it('boot a server that has no other disk', { timeout: 300_000 }, async () => {
    await makeVolume('system', '--image', 'cirros');
    await boot('rooted', '--volume', 'system');
    expect(await guest('rooted', 'ls /sys/block | grep vd')).toBe('vda');
    const shown = await cloud.json<{ image: string; volumes_attached: unknown }>('demo', 'server', 'show', 'rooted');
    expect([shown.image, JSON.stringify(shown.volumes_attached)]).toEqual([
      expect.stringMatching(/^(N\/A.*)?$/),
      expect.stringContaining((await volume('system')).id),
    ]);
    await demo('server', 'delete', '--wait', 'rooted');
    await becomes('system', 'available');
  });
});
