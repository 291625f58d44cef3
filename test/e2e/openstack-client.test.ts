import { beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '#common/host/run.ts';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { answersPing, inGuest, makeFloatingIp, makeKey } from '../fixtures/guest.ts';

interface Server {
  id: string;
  name: string;
  status: string;
  addresses: Record<string, string[]>;
}

const state = inject('cloudState');

// The story of the README, by Debian's unmodified python3-openstackclient. The steps build on each other.
describe.skipIf(state === null)('the ordinary client', () => {
  let cloud: Cloud;
  let key: string;
  let floatingIp: string;
  let server: Server;
  const demo = (...argv: string[]): Promise<string> => cloud.openstack('demo', ...argv);
  const list = <T>(...argv: string[]): Promise<T[]> => cloud.json<T[]>('demo', ...argv);

  beforeAll(() => {
    cloud = cloudAt(state as string);
  });

  it('lists what the first start made', async () => {
    expect((await list<{ Name: string }>('image', 'list')).map((one) => one.Name)).toEqual(['cirros']);
    expect((await list<{ Name: string }>('flavor', 'list')).map((one) => one.Name)).toEqual([
      'm1.tiny',
      'm1.small',
      'm1.medium',
      'm1.large',
      'm1.xlarge',
    ]);
    expect((await list<{ Name: string }>('network', 'list')).map((one) => one.Name).sort()).toEqual([
      'demo-net',
      'ext-net',
    ]);
  });

  it('makes a key pair and opens the default security group', async () => {
    key = await makeKey(cloud, 'demo', 'e2e');
    await demo('security', 'group', 'rule', 'create', '--protocol', 'icmp', 'default');
    await demo('security', 'group', 'rule', 'create', '--protocol', 'tcp', '--dst-port', '22', 'default');
  });

  it('boots a server', async () => {
    await demo(
      'server',
      'create',
      '--image',
      'cirros',
      '--flavor',
      'm1.tiny',
      '--network',
      'demo-net',
      '--key-name',
      'e2e',
      '--wait',
      'vm1',
    );
    server = await cloud.json<Server>('demo', 'server', 'show', 'vm1');
    expect(server.status).toBe('ACTIVE');
    expect(
      (await list<{ Name: string; Status: string }>('server', 'list')).map((one) => [one.Name, one.Status]),
    ).toEqual([['vm1', 'ACTIVE']]);
  });

  it('shows the real boot messages', async () => {
    const log = await eventually(
      'login prompt on the console',
      async () => {
        const text = await demo('console', 'log', 'show', 'vm1');
        return text.includes('login:') && text;
      },
      120_000,
    );
    expect(log).toMatch(/Linux version \d/);
  });

  it('reaches it by ping and ssh through a floating IP, and runs a command inside', async () => {
    floatingIp = await makeFloatingIp(cloud, 'demo', 'vm1');
    await eventually('ping', () => answersPing(floatingIp));
    expect(await inGuest(key, floatingIp, 'hostname; id -un')).toBe('vm1\ncirros');
  });

  it('reboots it', async () => {
    const before = await inGuest(key, floatingIp, 'cat /proc/sys/kernel/random/boot_id');
    await demo('server', 'reboot', '--wait', 'vm1');
    await eventually(
      'another boot',
      async () => {
        const now = await inGuest(key, floatingIp, 'cat /proc/sys/kernel/random/boot_id', 5_000);
        return now !== before;
      },
      120_000,
    );
  });

  it('deletes it, and nothing is left', async () => {
    await demo('server', 'delete', '--wait', 'vm1');
    await demo('floating', 'ip', 'delete', floatingIp);
    const leaks = await eventually('no leaks', async () => {
      const found = await cloud.igloo('doctor', '--leaks');
      return found.status === 0 && found.stdout;
    });
    expect(leaks).toContain('No leaks');
    expect((await list<{ ID: string }>('port', 'list', '--device-id', server.id)).length).toBe(0);
    // What is left are the ends of the DHCP server's and the router's pairs, whose other ends are in namespaces.
    const links = (await run(['ip', '-o', 'link'])).stdout.split('\n').filter((line) => !line.includes('link-netns'));
    expect(links.join('\n')).not.toMatch(/ (tap|qbr|qvb|qvo)[0-9a-f]{8}-/);
    expect((await run(['iptables-save'])).stdout).not.toMatch(/neutron-openvswi-[ios][0-9a-f]{8}-/);
    const fixedIp = Object.values(server.addresses)[0]?.[0] as string;
    expect((await run(['conntrack', '-L'])).stdout).not.toContain(`=${fixedIp} `);
    const hosts = (await run(['sh', '-c', 'cat "$0"/neutron/dhcp/*/host', cloud.stateDir])).stdout;
    expect(hosts).not.toContain(`,${fixedIp}\n`);
    expect((await run(['pgrep', '-f', server.id], { ok: [0, 1] })).stdout).toBe('');
  });
});
