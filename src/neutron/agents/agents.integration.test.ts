import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ip } from '#common/host/ip.ts';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { commandLine, fromPidFile, identify, signalProcess, waitForEnd } from '#common/host/process.ts';
import { run, type RunResult } from '#common/host/run.ts';
import { removeAllNetworkDevices } from './cleanup.ts';
import { createDhcpAgentDaemon } from './dhcp/daemon.ts';
import { createL3AgentDaemon } from './l3/daemon.ts';
import { findNetworkLeaks, type DesiredNetwork } from './leaks.ts';
import { createMetadataAgentDaemon } from './metadata/daemon.ts';
import { createOvsAgentDaemon } from './ovs/daemon.ts';
import { EXTERNAL, outgoing, rule, Scenario } from './testing/scenario.ts';
import { Testbed, type Guest } from './testing/testbed.ts';

const programs =
  'ovs-vswitchd ovs-ofctl ip iptables ip6tables ipset conntrack dnsmasq haproxy ethtool arping busybox nsenter curl socat';
const missing = [...missingPrograms(programs.split(' ')), ...(isRoot() ? [] : ['root'])];
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('the network agents on a real data plane', () => {
  const bed = new Testbed('agents');
  const scenario = new Scenario(bed.plugin);
  const secret = 'METADATA_SECRET';
  const soon = { timeout: 15_000, interval: 50 };
  const icmp = rule({ protocol: 'icmp' });
  let one: Guest;
  let two: Guest;
  let dhcpScript: string;

  const startAll = async (): Promise<void> => {
    await bed.startDaemon(createOvsAgentDaemon(), {
      ovs: { local_ip: '10.255.0.1', enable_tunneling: true },
      agent: { tunnel_types: 'vxlan,gre' },
    });
    await bed.startDaemon(createDhcpAgentDaemon());
    await bed.startDaemon(createL3AgentDaemon());
    await bed.startDaemon(createMetadataAgentDaemon(), { DEFAULT: { metadata_proxy_shared_secret: secret } });
  };
  const stopAll = async (): Promise<void> => {
    for (const agent of ['openvswitch', 'dhcp', 'l3', 'metadata']) await bed.stopDaemon(`neutron-${agent}-agent`);
  };
  const inGuest = (guest: Guest, ...argv: string[]): Promise<RunResult> =>
    run(argv, { netns: guest.netns, ok: [0, 1, 2, 6, 7, 28, 52, 56] });
  const pings = async (from: Guest, ip: string): Promise<boolean> =>
    (await inGuest(from, 'ping', '-c1', '-W1', ip)).status === 0;
  const lease = async ({ netns }: Guest): Promise<string> =>
    (
      await run(
        [
          'busybox',
          'udhcpc',
          '-i',
          'eth0',
          '-n',
          '-q',
          '-f',
          '-t',
          '8',
          '-T',
          '1',
          '-O',
          'mtu',
          '-O',
          'staticroutes',
          '-s',
          dhcpScript,
        ],
        { netns },
      )
    ).stdout;
  const desired = (): DesiredNetwork => ({
    networkIds: new Set(bed.plugin.networks.keys()),
    routerIds: new Set(bed.plugin.routers.keys()),
    portIds: new Set([
      ...bed.plugin.devices.keys(),
      ...[...bed.plugin.routers.values()].flatMap(({ gatewayPort }) => (gatewayPort ? [gatewayPort.id] : [])),
    ]),
  });
  const leaks = () => findNetworkLeaks(desired(), { run: bed.run, statePath: bed.folder, bridges: bed.bridges });

  beforeAll(async () => {
    await bed.start();
    dhcpScript = join(bed.folder, 'udhcpc');
    const script = [
      '#!/bin/sh',
      '[ "$1" = bound ] || exit 0',
      'ip address flush dev eth0; ip address add $ip/$mask dev eth0; ip link set eth0 mtu ${mtu:-1500}',
      '[ -z "$router" ] || ip route replace default via $router',
      'set -- $staticroutes; while [ $# -ge 2 ]; do ip route replace $1 via $2; shift 2; done',
      'echo "lease $ip mtu $mtu router $router dns $dns routes $staticroutes"',
    ];
    await writeFile(dhcpScript, script.join('\n'));
    await chmod(dhcpScript, 0o755);
    // The outside: br-ex with the gateway's address, as an operator would make it.
    await bed.bridges.ensureBridge('br-ex', { datapathType: bed.ovs.datapathType, failMode: 'standalone' });
    await bed.ip.batch([`address add ${EXTERNAL.gatewayIp}/24 dev br-ex`, 'link set br-ex up']);
    scenario.addNetwork(true);
    scenario.addRouter();
    await startAll();
  });
  afterAll(() => bed.stop());

  it('wires ports and tells the server', async () => {
    const first = scenario.addGuestPort('192.168.27.11', [outgoing]);
    const second = scenario.addGuestPort('192.168.27.12', [outgoing]);
    await bed.plugin.hint();
    await expect.poll(() => bed.bridges.bridges().sort(), soon).toEqual(['br-ex', 'br-int', 'br-tun']);
    one = await bed.plugGuest(first.portId, first.mac);
    two = await bed.plugGuest(second.portId, second.mac);
    const started = performance.now();
    await expect.poll(() => [...bed.plugin.up], soon).toEqual(expect.arrayContaining([first.portId, second.portId]));
    console.log(`ports up ${Math.round(performance.now() - started)} ms after they were plugged`);
    await expect.poll(() => bed.plugin.up.size, soon).toBe(4); // DHCP's and the router's too
    expect(bed.plugin.reports.map(({ agentType }) => agentType).sort()).toEqual([
      'DHCP agent',
      'L3 agent',
      'Metadata agent',
      'Open vSwitch agent',
    ]);
  });

  it('gives guests their addresses, MTU, router and name server', async () => {
    expect(await lease(one)).toContain('lease 192.168.27.11 mtu 1450 router 192.168.27.1 dns 192.168.27.2');
    expect(await lease(two)).toContain('lease 192.168.27.12');
    const dns = await inGuest(one, 'busybox', 'nslookup', 'host-192-168-27-12.openstacklocal', '192.168.27.2');
    expect(dns.stdout).toContain('192.168.27.12');
  });

  it('lets nothing in by default, and what a rule allows at once', async () => {
    expect(await pings(one, '192.168.27.12')).toBe(false);
    scenario.setRules(two.portId, [outgoing, icmp]);
    await bed.plugin.hint();
    await expect.poll(() => pings(one, '192.168.27.12'), soon).toBe(true);
    expect(await pings(two, '192.168.27.11')).toBe(false);
  });

  it('follows the members of a remote group', async () => {
    const group = 'aaaaaaaa-0000-4000-8000-000000000001';
    bed.plugin.members = { [group]: { IPv4: ['192.168.27.99'], IPv6: [] } };
    scenario.setRules(two.portId, [outgoing, rule({ remoteGroupId: group })]);
    await bed.plugin.hint();
    await expect.poll(() => pings(one, '192.168.27.12'), soon).toBe(false);
    bed.plugin.members = { [group]: { IPv4: ['192.168.27.99', '192.168.27.11'], IPv6: [] } };
    await bed.plugin.hint();
    await expect.poll(() => pings(one, '192.168.27.12'), soon).toBe(true);
    scenario.setRules(two.portId, [outgoing, icmp]);
    await bed.plugin.hint();
  });

  it('drops spoofed sources and addresses', async () => {
    await expect.poll(() => pings(one, '192.168.27.12'), soon).toBe(true);
    await run(['ip', 'address', 'add', '192.168.27.66/24', 'dev', 'eth0'], { netns: one.netns });
    expect((await inGuest(one, 'ping', '-c1', '-W1', '-I', '192.168.27.66', '192.168.27.12')).status).not.toBe(0);
    await run(['ip', 'address', 'del', '192.168.27.66/24', 'dev', 'eth0'], { netns: one.netns });
  });

  it('keeps the host itself out of the reach of guests', async () => {
    expect((await inGuest(one, 'arping', '-c1', '-w1', '-I', 'eth0', '192.168.27.12')).status).toBe(0);
    expect((await inGuest(one, 'arping', '-c1', '-w1', '-I', 'eth0', EXTERNAL.gatewayIp)).status).toBe(1);
    // Even who knows the bridge's address: nothing that is sent to it arrives, nor is it routed.
    const mac = (await bed.ip.link(`qbr${one.portId.slice(0, 11)}`))!.mac;
    await bed.run(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0']);
    await run(['ip', 'neigh', 'replace', '192.168.27.77', 'lladdr', mac, 'dev', 'eth0'], { netns: one.netns });
    await run(['ip', 'route', 'replace', `${EXTERNAL.gatewayIp}/32`, 'via', '192.168.27.77'], { netns: one.netns });
    const received = async () =>
      (await bed.run(['iptables', '-t', 'filter', '-nvxL', 'neutron-openvswi-INPUT'])).stdout;
    await pings(one, EXTERNAL.gatewayIp);
    expect(await received()).toMatch(/^ +[1-9]\d* .*DROP .*qbr\+/m);
    await run(['ip', 'route', 'del', `${EXTERNAL.gatewayIp}/32`], { netns: one.netns });
    await run(['ip', 'neigh', 'del', '192.168.27.77', 'dev', 'eth0'], { netns: one.netns });
  });

  it('cuts a connection whose rule goes away', async () => {
    const tcp = rule({ protocol: 'tcp', portMin: 7, portMax: 7 });
    scenario.setRules(two.portId, [outgoing, icmp, tcp]);
    await bed.plugin.hint();
    const echo = run(['socat', '-T', '3', 'TCP-LISTEN:7,reuseaddr', 'PIPE'], { netns: two.netns, ok: [0, 1] });
    // Sends a line each 0.1 s over one connection, and prints what comes back.
    const talk = 'for i in $(seq 40); do echo line; sleep 0.1; done';
    let lines = '';
    const client = run(
      ['sh', '-c', `sleep 0.3; (${talk}) | socat -T 2 - TCP:192.168.27.12:7,connect-timeout=2 > ${bed.folder}/echo`],
      { netns: one.netns, ok: [0, 1] },
    );
    const count = async (): Promise<number> => {
      lines = (await run(['cat', `${bed.folder}/echo`], { ok: [0, 1] })).stdout;
      return lines.length / 5;
    };
    await expect.poll(count, soon).toBeGreaterThan(5);
    scenario.setRules(two.portId, [outgoing, icmp]);
    await bed.plugin.hint();
    await Promise.all([client, echo]);
    expect(await count()).toBeLessThan(40);
  });

  it('lets guests out by SNAT, and the world in by a floating IP', async () => {
    await expect.poll(() => pings(one, EXTERNAL.gatewayIp), soon).toBe(true);
    const router = bed.plugin.routers.get(scenario.routerId)!;
    const floatingIp = '172.31.99.20';
    expect((await bed.run(['ping', '-c1', '-W1', floatingIp], { ok: [0, 1] })).status).toBe(1);
    bed.plugin.routers.set(router.id, {
      ...router,
      floatingIps: [{ id: 'fip1', floatingIp, fixedIp: '192.168.27.12' }],
    });
    const asked = performance.now();
    await bed.plugin.hint();
    await expect.poll(() => bed.plugin.floatingIps.get('fip1'), soon).toBe('ACTIVE');
    console.log(`floating IP active after ${Math.round(performance.now() - asked)} ms`);
    expect((await bed.run(['ping', '-c2', '-W2', floatingIp], { ok: [0, 1] })).status).toBe(0);
    expect(await pings(one, floatingIp)).toBe(true); // the way round by the router
    bed.plugin.routers.set(router.id, router);
    await bed.plugin.hint();
    await expect
      .poll(async () => (await bed.run(['ping', '-c1', '-W1', floatingIp], { ok: [0, 1] })).status, soon)
      .toBe(1);
  });

  it('brings metadata, signed, and believes no header of a guest', async () => {
    const { stdout } = await inGuest(
      one,
      'curl',
      '-s',
      '-m5',
      '-H',
      'X-Instance-ID: other',
      '-H',
      'X-Forwarded-For: 192.168.27.12',
      'http://169.254.169.254/latest/meta-data/',
    );
    const id = `instance-of-${one.portId}`;
    expect(stdout).toBe(`metadata of ${id}`);
    const request = bed.metadataRequests.at(-1)!;
    expect(request.url).toBe('http://127.0.0.1:8775/latest/meta-data/');
    expect(request.headers).toMatchObject({
      'X-Forwarded-For': '192.168.27.11',
      'X-Instance-ID': id,
      'X-Tenant-ID': 'project',
      'X-Instance-ID-Signature': createHmac('sha256', secret).update(id).digest('hex'),
    });
  });

  it('moves a whole TCP stream through switch, filter and router', async () => {
    const server = bed.run([
      'socat',
      '-u',
      '-T',
      '10',
      `TCP-LISTEN:9000,bind=${EXTERNAL.gatewayIp},reuseaddr`,
      `CREATE:${bed.folder}/stream`,
    ]);
    const size = 20_000_000;
    await inGuest(
      one,
      'sh',
      '-c',
      `sleep 0.3; head -c ${size} /dev/zero | timeout 20 socat -u - TCP:${EXTERNAL.gatewayIp}:9000`,
    );
    await server;
    expect((await run(['stat', '-c', '%s', `${bed.folder}/stream`])).stdout.trim()).toBe(String(size));
  });

  it('changes nothing when all is as it should be, and leaves foreign things alone', async () => {
    const settled = async () => ({
      v4: (await bed.run(['iptables-save'])).stdout.replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, ''),
      flows: (await bed.run(['ovs-ofctl', '--no-stats', 'dump-flows', `unix:${bed.folder}/br-tun.mgmt`])).stdout,
      links: [...(await bed.ip.links()).values()].map(({ name, index }) => `${name} ${index}`),
      dnsmasq: fromPidFile(join(bed.folder, 'dhcp', scenario.networkId, 'pid')),
    });
    await bed.run(['iptables', '-A', 'FORWARD', '-s', '203.0.113.7', '-j', 'DROP']);
    await bed.bridges.ensureBridge('br-foreign', { datapathType: bed.ovs.datapathType });
    const before = await settled();
    await stopAll();
    await startAll();
    await expect
      .poll(
        async () => [
          (await bed.health('neutron-openvswitch-agent')).ok,
          (await bed.health('neutron-l3-agent')).ok,
          (await bed.health('neutron-dhcp-agent')).ok,
        ],
        soon,
      )
      .toEqual([true, true, true]);
    const after = await settled();
    expect({ ...after, flows: 0 }).toEqual({ ...before, flows: 0 });
    expect(await pings(one, '192.168.27.12')).toBe(true);
    expect(await leaks()).toEqual([]);
  });

  it('heals when ovs-vswitchd, dnsmasq and the metadata proxy are killed', async () => {
    const dnsmasq = fromPidFile(join(bed.folder, 'dhcp', scenario.networkId, 'pid'))!;
    const proxy = fromPidFile(join(bed.folder, 'l3', '.metadata', 'haproxy.pid'))!;
    const vswitchd = bed.supervisor.running('ovs-vswitchd')!;
    for (const victim of [dnsmasq, proxy, vswitchd]) signalProcess(victim, 'SIGKILL');
    for (const victim of [dnsmasq, proxy, vswitchd]) await waitForEnd(victim, 5_000);
    const started = performance.now();
    await expect.poll(() => pings(one, '192.168.27.12'), soon).toBe(true);
    console.log(`traffic again ${Math.round(performance.now() - started)} ms after ovs-vswitchd was killed`);
    await expect.poll(() => pings(one, EXTERNAL.gatewayIp), soon).toBe(true);
    await expect.poll(() => lease(one).catch(() => ''), soon).toContain('lease 192.168.27.11');
    await expect
      .poll(async () => (await inGuest(one, 'curl', '-s', '-m2', 'http://169.254.169.254/')).stdout, soon)
      .toContain('metadata of');
  });

  it('heals when somebody removes a namespace', async () => {
    await run(['ip', 'netns', 'del', `qdhcp-${scenario.networkId}`]);
    await run(['ip', 'netns', 'del', `qrouter-${scenario.routerId}`]);
    await bed.plugin.hint();
    await expect.poll(() => lease(one).catch(() => ''), soon).toContain('lease 192.168.27.11');
    await expect
      .poll(async () => (await inGuest(one, 'curl', '-s', '-m2', 'http://169.254.169.254/')).stdout, soon)
      .toContain('metadata of');
    await expect.poll(() => pings(one, EXTERNAL.gatewayIp), soon).toBe(true);
  });

  it('serves metadata in a network without a router', async () => {
    const router = bed.plugin.routers.get(scenario.routerId)!;
    const network = bed.plugin.networks.get(scenario.networkId)!;
    bed.plugin.routers.delete(router.id);
    bed.plugin.networks.set(network.id, {
      ...network,
      subnets: network.subnets.map((subnet) => ({ ...subnet, hasRouter: false, gatewayIp: null })),
    });
    const { l3AgentRpc } = await import('../rpc.ts');
    await bed.bus.client(l3AgentRpc).fanout('routersChanged', { routerIds: [router.id] });
    await bed.plugin.hint();
    await run(['ip', 'route', 'del', 'default'], { netns: one.netns });
    await expect.poll(() => lease(one).catch(() => ''), soon).toContain('routes 169.254.169.254/32 192.168.27.2');
    await expect
      .poll(async () => (await inGuest(one, 'curl', '-s', '-m2', 'http://169.254.169.254/')).stdout, soon)
      .toBe(`metadata of instance-of-${one.portId}`);
    bed.plugin.networks.set(network.id, network);
    bed.plugin.routers.set(router.id, router);
    await bed.plugin.hint();
    await expect.poll(() => lease(one).catch(() => ''), soon).toContain('router 192.168.27.1');
  });

  it('leaves nothing of a deleted guest', async () => {
    await inGuest(two, 'ping', '-c1', '-W1', EXTERNAL.gatewayIp);
    scenario.removeGuestPort(two.portId);
    await bed.unplugGuest(two);
    await bed.plugin.hint();
    await expect.poll(leaks, soon).toEqual([]);
    await expect.poll(() => bed.plugin.up.has(two.portId), soon).toBe(false);
    const hosts = async () => (await run(['cat', join(bed.folder, 'dhcp', scenario.networkId, 'host')])).stdout;
    await expect.poll(hosts, soon).not.toContain('192.168.27.12');
    await expect.poll(async () => (await bed.run(['conntrack', '-L'])).stdout, soon).not.toContain('192.168.27.12');
  });

  it('comes to the right end from a death after any step', async () => {
    const router = bed.plugin.routers.get(scenario.routerId)!;
    const network = bed.plugin.networks.get(scenario.networkId)!;
    await bed.stopDaemon('neutron-l3-agent');
    await bed.stopDaemon('neutron-dhcp-agent');
    for (let step = 0; step < 36; step += 3) {
      // The state flips each time, so that both building up and tearing down are cut off.
      if (step % 2) bed.plugin.routers.set(router.id, router);
      else bed.plugin.routers.delete(router.id);
      if (step % 2) bed.plugin.networks.set(network.id, network);
      else bed.plugin.networks.delete(network.id);
      let left = step;
      const mortal: typeof run = (argv, options) =>
        left-- > 0 ? bed.run(argv, options) : Promise.reject(new Error('dead'));
      await bed.startDaemon(createL3AgentDaemon(), { agent: { report_interval: 1 } }, mortal);
      await bed.startDaemon(createDhcpAgentDaemon(), {}, mortal);
      const ended = async () =>
        left < 0 || ((await bed.health('neutron-l3-agent')).ok && (await bed.health('neutron-dhcp-agent')).ok);
      await expect.poll(ended, soon).toBe(true);
      await bed.stopDaemon('neutron-l3-agent');
      await bed.stopDaemon('neutron-dhcp-agent');
    }
    bed.plugin.routers.set(router.id, router);
    bed.plugin.networks.set(network.id, network);
    await bed.startDaemon(createL3AgentDaemon());
    await bed.startDaemon(createDhcpAgentDaemon());
    await expect.poll(leaks, soon).toEqual([]);
    await expect.poll(() => pings(one, EXTERNAL.gatewayIp), soon).toBe(true);
    await expect.poll(() => lease(one).catch(() => ''), soon).toContain('lease 192.168.27.11');
  });

  it('removes what the server no longer knows, after a restart too', async () => {
    bed.plugin.routers.clear();
    await stopAll();
    expect((await leaks()).map(({ kind }) => kind)).toContain('namespace');
    await startAll();
    await expect.poll(leaks, soon).toEqual([]);
    expect((await run(['ip', 'netns', 'list'])).stdout).not.toContain(scenario.routerId);
    expect(fromPidFile(join(bed.folder, 'l3', '.metadata', 'haproxy.pid'))).toBeUndefined();
  });

  it('cleans the host up, whatever runs, and touches nothing foreign', async () => {
    const dnsmasq = identify(fromPidFile(join(bed.folder, 'dhcp', scenario.networkId, 'pid'))!.pid)!;
    await stopAll();
    await bed.unplugGuest(one);
    for (let twice = 0; twice < 2; twice++)
      await removeAllNetworkDevices({ run: bed.run, statePath: bed.folder, bridges: bed.bridges });
    expect(await waitForEnd(dnsmasq, 0)).toBe(true);
    const left = readdirSync('/proc').filter(
      (pid) =>
        /^\d+$/.test(pid) &&
        commandLine(Number(pid)).some(
          (word) => word.includes(`${bed.folder}/dhcp/`) || word.includes(`${bed.folder}/l3/`),
        ),
    );
    expect(left).toEqual([]);
    expect(bed.bridges.bridges().sort()).toEqual(['br-ex', 'br-foreign']);
    expect(bed.bridges.ports('br-ex')).toEqual([]);
    const { stdout } = await bed.run(['iptables-save']);
    expect(stdout).not.toContain('neutron');
    expect(stdout).toContain('203.0.113.7');
    expect((await bed.run(['ip6tables-save'])).stdout).not.toContain('neutron');
    expect((await bed.run(['ipset', 'list', '-n'])).stdout).toBe('');
    expect(
      [...(await new Ip(bed.run).links()).keys()].filter(
        (name) => !['lo', 'br-ex', 'br-foreign', 'ovs-netdev'].includes(name),
      ),
    ).toEqual([]);
    expect((await run(['ip', 'netns', 'list'])).stdout).not.toContain(scenario.networkId);
  });
});
