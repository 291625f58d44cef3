import { beforeAll, afterAll, describe, expect, inject, it } from 'vitest';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { answersPing, inGuest, makeFloatingIp, makeKey } from '../fixtures/guest.ts';

const state = inject('cloudState');

interface Shown {
  addresses: Record<string, string[]>;
}

// Two guests of demo, one of another tenant (here: project admin) whose subnet has the same addresses.
describe.skipIf(state === null)('tenants', () => {
  let cloud: Cloud;
  let key: string;
  let adminKey: string;
  const rules: string[] = [];
  const ip: Record<string, string> = {};
  const floating: Record<string, string> = {};
  /** A rule of the administrator's default group, taken back at the end. */
  const letIn = async (group: string, ...what: string[]): Promise<void> => {
    const made = ['security', 'group', 'rule', 'create', ...what, group, '-f', 'value', '-c', 'id'];
    rules.push((await cloud.openstack('admin', ...made)).trim());
  };
  const guest = (name: 'a' | 'b' | 'stranger', command: string): Promise<string> =>
    inGuest(name === 'stranger' ? adminKey : key, floating[name] as string, command);
  const pings = async (from: 'a' | 'b' | 'stranger', to: string): Promise<boolean> =>
    (await guest(from, `ping -c2 -W2 ${to} >/dev/null 2>&1 && echo yes || echo no`)) === 'yes';
  const fixedIp = async (account: 'admin' | 'demo', server: string): Promise<string> => {
    const shown = await cloud.json<Shown>(account, 'server', 'show', server);
    return Object.values(shown.addresses)[0]?.[0] as string;
  };

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    key = await makeKey(cloud, 'demo', 'isolation');
    adminKey = await makeKey(cloud, 'admin', 'isolation');
    const demo = (...argv: string[]): Promise<string> => cloud.openstack('demo', ...argv);
    await demo('security', 'group', 'create', 'open');
    await demo('security', 'group', 'rule', 'create', '--protocol', 'icmp', 'open');
    await demo('security', 'group', 'rule', 'create', '--protocol', 'tcp', '--dst-port', '22', 'open');
    const boot = ['--image', 'cirros', '--flavor', 'm1.tiny', '--key-name', 'isolation', '--wait'];
    const admin = (...argv: string[]): Promise<string> => cloud.openstack('admin', ...argv);
    const cidr = (await demo('subnet', 'show', 'demo-subnet', '-f', 'value', '-c', 'cidr')).trim();
    // Free in the twin for sure, where low addresses are the DHCP server's and the guest's.
    const high = cidr.replace(/\.0\/24$/, '.200');
    await admin('network', 'create', 'twin-net');
    await admin('subnet', 'create', '--network', 'twin-net', '--subnet-range', cidr, 'twin-subnet');
    await admin('router', 'create', 'twin-router');
    await admin('router', 'add', 'subnet', 'twin-router', 'twin-subnet');
    await admin('router', 'set', '--external-gateway', 'ext-net', 'twin-router');
    await Promise.all([
      demo('server', 'create', ...boot, '--network', 'demo-net', '--security-group', 'open', 'iso-a'),
      demo(
        'server',
        'create',
        ...boot,
        '--nic',
        `net-id=demo-net,v4-fixed-ip=${high}`,
        '--security-group',
        'open',
        'iso-b',
      ),
      admin('server', 'create', ...boot, '--network', 'twin-net', 'iso-stranger'),
    ]);
    ip['a'] = await fixedIp('demo', 'iso-a');
    ip['b'] = await fixedIp('demo', 'iso-b');
    ip['stranger'] = await fixedIp('admin', 'iso-stranger');
    floating['a'] = await makeFloatingIp(cloud, 'demo', 'iso-a');
    floating['stranger'] = await makeFloatingIp(cloud, 'admin', 'iso-stranger');
    await guest('a', 'true');
  });

  afterAll(async () => {
    if (!ip['stranger']) return;
    await cloud.openstack('demo', 'server', 'delete', '--wait', 'iso-a', 'iso-b');
    await cloud.openstack('admin', 'server', 'delete', '--wait', 'iso-stranger');
    await cloud.openstack('demo', 'floating', 'ip', 'delete', floating['a'] as string);
    await cloud.openstack('admin', 'floating', 'ip', 'delete', floating['stranger'] as string);
    await cloud.openstack('admin', 'router', 'unset', '--external-gateway', 'twin-router');
    await cloud.openstack('admin', 'router', 'remove', 'subnet', 'twin-router', 'twin-subnet');
    await cloud.openstack('admin', 'router', 'delete', 'twin-router');
    await cloud.openstack('admin', 'network', 'delete', 'twin-net');
    await cloud.openstack('demo', 'security', 'group', 'delete', 'open');
    if (rules.length > 0) await cloud.openstack('admin', 'security', 'group', 'rule', 'delete', ...rules);
    for (const account of ['admin', 'demo'] as const) await cloud.openstack(account, 'keypair', 'delete', 'isolation');
  });

  it('have guests that reach each other and the outside', async () => {
    await eventually('b answers a', () => pings('a', ip['b'] as string), 120_000);
    const gateway = (
      await cloud.openstack('admin', 'subnet', 'show', 'ext-subnet', '-f', 'value', '-c', 'gateway_ip')
    ).trim();
    expect(await pings('a', gateway)).toBe(true);
  });

  it('let nothing in by default, and a new rule takes effect at once', async () => {
    const address = floating['stranger'] as string;
    expect(await answersPing(address)).toBe(false);
    // An administrator sees every tenant's default group: theirs is named by its id.
    const group = (
      await cloud.openstack('admin', 'security', 'group', 'list', '--project', 'admin', '-f', 'value', '-c', 'ID')
    ).trim();
    await letIn(group, '--protocol', 'icmp');
    await eventually('ping after the rule', () => answersPing(address), 120_000);
    await letIn(group, '--protocol', 'tcp', '--dst-port', '22');
    expect(await guest('stranger', 'hostname')).toBe('iso-stranger');
  });

  it('do not see each other, though their addresses are the same', async () => {
    expect(await pings('stranger', ip['b'] as string)).toBe(false);
    const seen = await guest('a', 'cat /proc/net/arp');
    const strangerMac = (await guest('stranger', 'cat /sys/class/net/eth0/address')).trim();
    expect(seen).not.toContain(strangerMac);
  });
});
