import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { fromPidFile, signalProcess, waitForEnd } from '#common/host/process.ts';
import { run } from '#common/host/run.ts';
import {
  firewallRpc,
  l3AgentRpc,
  loadBalancerAgentRpc,
  loadBalancerRpc,
  type FirewallSpec,
  type LoadBalancerSpec,
  type PoolState,
  type PoolStats,
  type RouterFirewall,
} from '../../rpc.ts';
import { createL3AgentDaemon } from '../l3/daemon.ts';
import { findNetworkLeaks } from '../leaks.ts';
import { createOvsAgentDaemon } from '../ovs/daemon.ts';
import { EXTERNAL, outgoing, rule, Scenario, SUBNET } from '../testing/scenario.ts';
import { Testbed, type Guest } from '../testing/testbed.ts';
import { createLoadBalancerAgentDaemon } from './daemon.ts';

const programs =
  'ovs-vswitchd ovs-ofctl ip iptables ip6tables ipset conntrack haproxy ethtool arping busybox nsenter curl';
const missing = [...missingPrograms(programs.split(' ')), ...(isRoot() ? [] : ['root'])];
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('load balancers and firewalls on a real data plane', () => {
  const bed = new Testbed('lbaas');
  const scenario = new Scenario(bed.plugin);
  const soon = { timeout: 15_000, interval: 50 };
  const vipIp = '192.168.27.100';
  const poolId = randomUUID();
  const vipPort = { id: randomUUID(), mac: 'fa:16:3e:99:01:00' };
  const members = [randomUUID(), randomUUID()] as const;
  const pools = new Map<string, LoadBalancerSpec>();
  const states: PoolState[] = [];
  const stats: PoolStats[] = [];
  const firewalls: FirewallSpec[] = [];
  const enforced: RouterFirewall[] = [];
  const servers: Promise<unknown>[] = [];
  const ending = new AbortController();
  let client: Guest;

  const spec = (generation: number, weights: readonly [number, number]): LoadBalancerSpec => ({
    ...{ id: poolId, generation, protocol: 'HTTP', method: 'ROUND_ROBIN', adminStateUp: true },
    vip: {
      ...{ id: randomUUID(), protocolPort: 80, connectionLimit: -1, adminStateUp: true, persistence: null },
      port: {
        ...{ ...vipPort, mtu: 1450, subnets: [SUBNET] },
        fixedIps: [{ subnetId: SUBNET.id, ip: vipIp, prefixLength: 24 }],
      },
    },
    members: members.map((id, i) => ({
      ...{ id, address: `192.168.27.1${i + 1}`, protocolPort: 8080, weight: weights[i]!, adminStateUp: true },
    })),
    monitors: [
      {
        ...{ id: randomUUID(), type: 'HTTP', delay: 1, timeout: 1, maxRetries: 1 },
        ...{ httpMethod: 'GET', urlPath: '/', expectedCodes: '200' },
      },
    ],
  });
  const change = async (pool: LoadBalancerSpec | null): Promise<void> => {
    if (pool) pools.set(poolId, pool);
    else pools.delete(poolId);
    await bed.bus.client(loadBalancerAgentRpc).fanout('poolsChanged', { poolIds: [poolId] });
  };
  const guarded = async (firewall: FirewallSpec | null): Promise<void> => {
    firewalls.splice(0, 1, ...(firewall ? [firewall] : []));
    await bed.bus.client(l3AgentRpc).fanout('firewallsChanged', { projectIds: ['project'] });
    const last = (): unknown => enforced.at(-1);
    await expect
      .poll(last, soon)
      .toMatchObject({ firewallId: firewall?.id ?? null, generation: firewall?.generation ?? 0, applied: true });
  };
  const curl = async (url: string): Promise<string> =>
    (await run(['curl', '-s', '-m', '2', url], { netns: client.netns, ok: [0, 7, 28, 52, 56] })).stdout.trim();
  const answers = async (count: number): Promise<Record<string, number>> => {
    const seen: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const answer = await curl(`http://${vipIp}/`);
      seen[answer] = (seen[answer] ?? 0) + 1;
    }
    return seen;
  };

  beforeAll(async () => {
    await bed.start();
    await bed.bridges.ensureBridge('br-ex', { datapathType: bed.ovs.datapathType, failMode: 'standalone' });
    await bed.ip.batch([`address add ${EXTERNAL.gatewayIp}/24 dev br-ex`, 'link set br-ex up']);
    scenario.addNetwork(true);
    scenario.addRouter();
    const [network] = [...bed.plugin.networks.values()];
    bed.plugin.devices.set(vipPort.id, {
      ...{ portId: vipPort.id, mac: vipPort.mac, deviceOwner: 'neutron:LOADBALANCER', networkId: network!.id },
      ...{ adminStateUp: true, mtu: 1450, segment: network!.segment, allowedAddressPairs: [], portSecurity: true },
      fixedIps: [{ subnetId: SUBNET.id, ip: vipIp, prefixLength: 24 }],
    });
    await bed.bus.serve(loadBalancerRpc, 'server', {
      pools: ({ poolIds }) => ({ pools: [...pools.values()].filter(({ id }) => poolIds?.includes(id) ?? true) }),
      poolStates: ({ pools: said }) => void states.push(...said),
      poolStats: ({ pools: said }) => void stats.push(...said),
    });
    await bed.bus.serve(firewallRpc, 'server', {
      firewalls: () => ({ firewalls: [...firewalls] }),
      firewallStates: ({ routers }) => void enforced.push(...routers),
    });
    await bed.startDaemon(createOvsAgentDaemon());
    await bed.startDaemon(createL3AgentDaemon(), { fwaas: { enabled: true } });
    await bed.startDaemon(createLoadBalancerAgentDaemon());
    const web = rule({ protocol: 'tcp', portMin: 8080, portMax: 8080 });
    for (const [i, ip] of ['192.168.27.11', '192.168.27.12', '192.168.27.13'].entries()) {
      const { portId, mac } = scenario.addGuestPort(ip, [outgoing, web]);
      await bed.plugin.hint();
      const guest = await bed.plugGuest(portId, mac);
      await bed.ip.in(guest.netns).batch([`address add ${ip}/24 dev eth0`, 'link set lo up']);
      await bed.ip.in(guest.netns).batch([`route add default via ${SUBNET.gatewayIp}`]);
      if (i === 2) client = guest;
      else {
        const folder = join(bed.folder, `www${i}`);
        await mkdir(folder);
        await writeFile(join(folder, 'index.html'), `member${i + 1}`);
        const httpd = run(['busybox', 'httpd', '-f', '-p', '8080', '-h', folder], {
          netns: guest.netns,
          signal: ending.signal,
          timeoutMs: 300_000,
        });
        servers.push(httpd.catch(() => undefined));
      }
    }
  });
  afterAll(async () => {
    ending.abort();
    await Promise.all(servers);
    await bed.stop();
  });

  it('spreads requests over the members', async () => {
    await expect.poll(() => bed.plugin.up.size, soon).toBeGreaterThanOrEqual(4);
    await change(spec(1, [1, 1]));
    await expect.poll(() => states.at(-1), soon).toEqual({ poolId, generation: 1, status: 'ACTIVE' });
    await expect.poll(() => curl(`http://${vipIp}/`), soon).toMatch(/^member/);
    await expect.poll(() => answers(10), soon).toEqual({ member1: 5, member2: 5 });
    await expect.poll(() => stats.at(-1)?.members.map(({ status }) => status), soon).toEqual(['ACTIVE', 'ACTIVE']);
    await expect.poll(() => stats.at(-1)?.stats.total_connections ?? 0, soon).toBeGreaterThanOrEqual(10);
    const report = bed.plugin.reports.find(({ agentType }) => agentType === 'Loadbalancer agent');
    expect(report).toMatchObject({ binary: 'neutron-lbaas-agent', topic: 'n-lbaas_agent' });
  }, 40_000);

  it('changes its mind without refusing or losing a request', async () => {
    let going = true;
    const lost: string[] = [];
    let served = 0;
    const traffic = (async () => {
      while (going) {
        const answer = await curl(`http://${vipIp}/`);
        if (/^member/.test(answer)) served++;
        else lost.push(answer);
      }
    })();
    const before = fromPidFile(join(bed.folder, 'lbaas', poolId, 'pid'))!;
    for (let generation = 2; generation < 7; generation++) {
      await change(spec(generation, [1, generation]));
      await expect.poll(() => states.at(-1)?.generation, soon).toBe(generation);
    }
    going = false;
    await traffic;
    console.log(`${served} requests during 5 changes, ${lost.length} lost`);
    expect(lost).toEqual([]);
    expect(served).toBeGreaterThan(5);
    expect(await waitForEnd(before, 10_000)).toBe(true);
  });

  it('goes on while the agent is away, and heals when haproxy is killed or the namespace is removed', async () => {
    await bed.stopDaemon('neutron-lbaas-agent');
    expect(await curl(`http://${vipIp}/`)).toMatch(/^member/);
    const pidFile = join(bed.folder, 'lbaas', poolId, 'pid');
    const running = fromPidFile(pidFile)!;
    states.length = 0;
    await bed.startDaemon(createLoadBalancerAgentDaemon());
    await expect.poll(() => states.length, soon).toBe(1);
    // The one that runs is taken over as it is.
    expect(fromPidFile(pidFile)?.pid).toBe(running.pid);
    signalProcess(running, 'SIGKILL');
    await waitForEnd(running, 5_000);
    await expect.poll(() => curl(`http://${vipIp}/`), soon).toMatch(/^member/);
    await run(['ip', 'netns', 'del', `qlbaas-${poolId}`]);
    states.length = 0;
    await change(pools.get(poolId)!);
    await expect.poll(() => states.length, soon).toBe(1);
    await expect.poll(() => curl(`http://${vipIp}/`), soon).toMatch(/^member/);
  }, 40_000);

  it('leaves nothing of a pool that is gone', async () => {
    await change(null);
    await expect.poll(async () => (await run(['ip', 'netns', 'list'])).stdout, soon).not.toContain(poolId);
    expect(existsSync(join(bed.folder, 'lbaas', poolId))).toBe(false);
    expect(await curl(`http://${vipIp}/`)).toBe('');
    bed.plugin.devices.delete(vipPort.id);
    const desired = {
      networkIds: new Set(bed.plugin.networks.keys()),
      routerIds: new Set(bed.plugin.routers.keys()),
      portIds: new Set([
        ...bed.plugin.devices.keys(),
        ...[...bed.plugin.routers.values()].flatMap(({ gatewayPort }) => gatewayPort?.id ?? []),
      ]),
    };
    const search = { run: bed.run, statePath: bed.folder, bridges: bed.bridges };
    await expect.poll(() => findNetworkLeaks(desired, search), soon).toEqual([]);
  });

  it('filters what passes a router, and opens it again', async () => {
    const pings = async (): Promise<boolean> =>
      (await run(['ping', '-c1', '-W1', EXTERNAL.gatewayIp], { netns: client.netns, ok: [0, 1, 2] })).status === 0;
    await expect.poll(pings, soon).toBe(true);
    const any = { ipVersion: 4, source: null, destination: null, sourcePort: null, destinationPort: null } as const;
    const wall: FirewallSpec = { id: randomUUID(), projectId: 'project', generation: 1, adminStateUp: true, rules: [] };
    await guarded(wall);
    expect(await pings()).toBe(false);
    await guarded({ ...wall, generation: 2, rules: [{ ...any, protocol: 'icmp', action: 'allow' }] });
    expect(await pings()).toBe(true);
    const netns = `qrouter-${scenario.routerId}`;
    const { stdout } = await run(['iptables-save', '-t', 'filter'], { netns });
    expect(stdout).toContain(`-A neutron-l3-agent-iv4${wall.id.slice(0, 8)} -p icmp -j ACCEPT`);
    const rules = [{ ...any, protocol: 'icmp', destination: EXTERNAL.gatewayIp, action: 'deny' }] as const;
    await guarded({ ...wall, generation: 3, rules });
    expect(await pings()).toBe(false);
    await guarded({ ...wall, generation: 4, adminStateUp: false });
    expect(await pings()).toBe(false);
    await guarded(null);
    expect(await pings()).toBe(true);
    for (const tool of ['iptables-save', 'ip6tables-save'])
      expect((await run([tool], { netns })).stdout).not.toContain('FORWARD -j');
  }, 40_000);
});
