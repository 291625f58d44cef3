import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutConnections } from './conntrack.ts';
import { Ip } from './ip.ts';
import { IpSets } from './ipset.ts';
import { Iptables, type RuleSet } from './iptables.ts';
import { NetworkNamespaces } from './netns.ts';
import { isRoot, missingPrograms } from './privileges.ts';
import { run } from './run.ts';
import { getSysctl, setSysctls } from './sysctl.ts';

const missing = [...missingPrograms(['ip', 'iptables', 'ipset', 'conntrack', 'sysctl']), ...(isRoot() ? [] : ['root'])];
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('the network of a namespace', () => {
  const [a, b] = [`igt-a-${process.pid}`, `igt-b-${process.pid}`];
  const namespaces = new NetworkNamespaces(run);
  const ip = new Ip(run, a);
  beforeAll(async () => {
    await Promise.all([namespaces.ensure(a), namespaces.ensure(b)]);
  });
  afterAll(async () => {
    await Promise.all([namespaces.delete(a), namespaces.delete(b)]);
  });

  it('makes namespaces once, and removes them', async () => {
    expect(await namespaces.ensure(a)).toBe(false);
    const name = `igt-c-${process.pid}`;
    expect(await namespaces.ensure(name)).toBe(true);
    expect(await namespaces.pids(name)).toEqual([]);
    await namespaces.delete(name);
    await namespaces.delete(name);
    expect(await namespaces.exists(name)).toBe(false);
  });

  it('makes a veth pair into another namespace, and repairs half a pair', async () => {
    const peer = { name: 'qr-1', netns: b, mac: 'fa:16:3e:00:00:01' };
    expect(await ip.ensureVeth('qr-1', peer)).toBe(true);
    expect(await ip.ensureVeth('qr-1', peer)).toBe(false);
    expect((await ip.in(b).link('qr-1'))?.mac).toBe('fa:16:3e:00:00:01');
    await ip.batch(['link del qr-1', 'link add qr-1 type veth peer name stray']);
    expect(await ip.ensureVeth('qr-1', peer)).toBe(true);
    expect([...(await ip.links()).keys()].sort()).toEqual(['lo', 'qr-1']);
    await ip.deleteLinks(['qr-1', 'none']);
    expect((await ip.in(b).links()).size).toBe(1);
  });

  it('brings addresses and routes to what is wanted', async () => {
    await ip.ensureBridge('qbr1');
    await ip.ensureBridge('qbr1');
    expect(await ip.link('qbr1')).toMatchObject({ kind: 'bridge', up: true });
    expect(await ip.ensureAddresses('qbr1', ['10.9.0.1/24', '10.9.0.5/32', 'fd00::1/64'])).toHaveLength(3);
    expect(await ip.ensureAddresses('qbr1', ['10.9.0.1/24', '10.9.0.6/32'])).toEqual(['10.9.0.6/32']);
    expect((await ip.addresses('qbr1')).filter(({ family }) => family === 4).map(({ cidr }) => cidr)).toEqual([
      '10.9.0.1/24',
      '10.9.0.6/32',
    ]);
    const wanted = [
      { to: '0.0.0.0/0', via: '10.9.0.254' },
      { to: '10.77.0.0/16', via: '10.9.0.9' },
      { to: '10.78.0.1/32', via: '10.9.0.9' },
    ];
    await ip.ensureRoutes(wanted);
    expect((await ip.routes()).map(({ to, via }) => ({ to, via }))).toEqual([
      { to: 'default', via: '10.9.0.254' },
      { to: '10.77.0.0/16', via: '10.9.0.9' },
      { to: '10.78.0.1', via: '10.9.0.9' },
    ]);
    await ip.ensureRoutes(wanted.slice(1));
    await ip.ensureRoutes(wanted.slice(1));
    expect(await ip.routes()).toHaveLength(2);
    await expect(ip.batch(['link set lo up', 'address add nonsense dev lo'])).rejects.toThrow('nonsense');
  });

  it.each(['iptables', 'iptables-legacy'])('merges our rules by %s into foreign ones', async (variant) => {
    const program = (argv: readonly string[]): string[] =>
      argv.map((word) =>
        variant === 'iptables-legacy' ? word.replace(/^iptables-(?!legacy)/, 'iptables-legacy-') : word,
      );
    const netns = variant === 'iptables' ? a : b;
    const tables = new Iptables({
      run: (argv, options) => run(program(argv), options),
      netns,
      owns: (chain) => chain.startsWith('neutron-t-'),
    });
    const foreign = [variant, '-A', 'FORWARD', '-s', '192.0.2.1', '-j', 'DROP'];
    await run(foreign, { netns });
    const wanted: RuleSet = {
      filter: {
        chains: {
          'neutron-t-FORWARD': ['-m physdev --physdev-out tap1 --physdev-is-bridged -j neutron-t-i1'],
          // The kernel prints this one in another spelling.
          'neutron-t-i1': ['-s 10.0.0.1 -p tcp --dport 22 -j RETURN', '-j DROP'],
        },
        jumps: { FORWARD: ['-j neutron-t-FORWARD'] },
      },
      nat: {
        chains: { 'neutron-t-snat': ['-s 10.0.0.0/24 -j SNAT --to-source 172.16.0.1'] },
        jumps: { POSTROUTING: ['-j neutron-t-snat'] },
      },
    };
    expect(await tables.apply(wanted)).toBe(true);
    expect(await tables.apply(wanted)).toBe(false);
    const saved = async (): Promise<string> => (await run([`${variant}-save`], { netns })).stdout;
    expect(await saved()).toMatch(/-A FORWARD -j neutron-t-FORWARD\n-A FORWARD -s 192.0.2.1\/32 -j DROP/);
    const less: RuleSet = {
      filter: { chains: { 'neutron-t-FORWARD': [] }, jumps: { FORWARD: ['-j neutron-t-FORWARD'] } },
    };
    expect(await tables.apply(less)).toBe(true);
    expect([...(await tables.current()).get('filter')!.keys()]).toEqual(['neutron-t-FORWARD']);
    expect(await tables.remove()).toBe(true);
    expect(await saved()).not.toContain('neutron-t');
    expect(await saved()).toContain('-s 192.0.2.1/32 -j DROP');
    await expect(
      tables.apply({ filter: { chains: { 'neutron-t-x': ['-j NO-SUCH-TARGET'] }, jumps: {} } }),
    ).rejects.toThrow();
    expect(await saved()).not.toContain('neutron-t');
  });

  it('keeps sets of networks', async () => {
    const inside: typeof run = (argv, options) => run(argv, { ...options, netns: a });
    const sets = new IpSets(inside, (name) => name.startsWith('NIPv'));
    await inside(['ipset', 'create', 'foreign', 'hash:ip']);
    const all = new Map([
      ['NIPv4one', { family: 4 as const, members: ['10.0.0.1', '10.0.0.2/32', '0.0.0.0/0'] }],
      ['NIPv6one', { family: 6 as const, members: ['fd00::1'] }],
    ]);
    await sets.ensure(all);
    expect(await sets.ensure(all)).toEqual(new Map());
    const removed = await sets.ensure(new Map([['NIPv4one', { family: 4 as const, members: ['10.0.0.2'] }]]));
    expect(removed.get('NIPv4one')?.sort()).toEqual(['0.0.0.0/1', '10.0.0.1', '128.0.0.0/1']);
    await sets.prune(new Set(['NIPv4one']));
    expect(await sets.current()).toEqual(new Map([['NIPv4one', new Set(['10.0.0.2'])]]));
    expect((await inside(['ipset', 'list', '-n'])).stdout).toContain('foreign');
  });

  it('sets kernel parameters, and cuts connections', async () => {
    await setSysctls(run, { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.all.rp_filter': 0 }, a);
    expect(await getSysctl(run, 'net.ipv4.ip_forward', a)).toBe('1');
    expect(await getSysctl(run, 'net.ipv4.no_such_thing', a)).toBeUndefined();
    await cutConnections(run, [{ family: 4, zone: 3, protocol: 'tcp', destination: '10.0.0.1' }, { family: 6 }], a);
  });
});
