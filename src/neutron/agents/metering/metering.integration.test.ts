import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryBus } from '#common/bus/memory.ts';
import type { Notification } from '#common/bus/bus.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import type { DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { Ip } from '#common/host/ip.ts';
import { NetworkNamespaces } from '#common/host/netns.ts';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { run } from '#common/host/run.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { meteringAgentRpc, meteringRpc, type MeteredRouter } from '../../rpc.ts';
import { deviceName, routerNamespace } from '../names.ts';
import { createMeteringAgentDaemon } from './daemon.ts';

const missing = [
  ...missingPrograms('ip iptables-save iptables-restore ip6tables-save ping'.split(' ')),
  ...(isRoot() ? [] : ['root']),
];
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('the metering agent at a real router', () => {
  const routerId = randomUUID();
  const gatewayPortId = randomUUID();
  const labelId = randomUUID();
  const router = routerNamespace(routerId);
  const [inside, outside] = [`igt-meter-in-${process.pid}`, `igt-meter-out-${process.pid}`];
  const namespaces = new NetworkNamespaces(run);
  const bus = createMemoryBus();
  const reports: Notification[] = [];
  let routers: MeteredRouter[] = [];
  let daemon: RunningDaemon;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'igloo-meter-'));
    for (const name of [inside, outside, router]) await namespaces.ensure(name);
    const gateway = deviceName('qg-', gatewayPortId);
    const inner = deviceName('qr-', randomUUID());
    await new Ip(run, router).batch([
      `link add ${inner} type veth peer name eth0 netns ${inside}`,
      `link add ${gateway} type veth peer name eth0 netns ${outside}`,
      `addr add 10.0.0.1/24 dev ${inner}`,
      `addr add 172.30.0.1/24 dev ${gateway}`,
      `link set ${inner} up`,
      `link set ${gateway} up`,
    ]);
    await run(['sysctl', '-qw', 'net.ipv4.ip_forward=1'], { netns: router });
    await new Ip(run, inside).batch([
      'addr add 10.0.0.2/24 dev eth0',
      'link set eth0 up',
      'route add default via 10.0.0.1',
    ]);
    await new Ip(run, outside).batch([
      'addr add 172.30.0.2/24 dev eth0',
      'link set eth0 up',
      'route add default via 172.30.0.1',
    ]);
    await bus.subscribe('l3.meter', (report) => reports.push(report));
    await bus.serve(meteringRpc, 'server', { meters: () => ({ routers }) });
    const env: DaemonEnv = {
      config: fromObject({ DEFAULT: { state_path: folder, measure_interval: 1, report_interval: 1 } }, 'test'),
      bus,
      http: { listen: () => Promise.reject(new Error('no port')) },
      transport: { request: () => Promise.reject(new Error('no service')) },
      log: silentLogger,
      run,
      clock: systemClock,
      ids: randomIds,
      host: 'meter',
    };
    daemon = await createMeteringAgentDaemon().start(env);
  });
  afterAll(async () => {
    await daemon.stop();
    for (const name of [inside, outside, router]) await namespaces.delete(name);
    await bus.close();
    rmSync(folder, { recursive: true });
  });

  const filter = async (): Promise<string> => (await run(['iptables-save', '-t', 'filter'], { netns: router })).stdout;
  const want = async (now: MeteredRouter[]): Promise<void> => {
    routers = now;
    await bus.client(meteringAgentRpc).fanout('metersChanged', {});
  };
  const total = (): number => reports.reduce((sum, { payload }) => sum + (payload['bytes'] as number), 0);

  it('counts what passes the gateway, exactly, and takes its chains away at the end', async () => {
    await run(['iptables', '-A', 'FORWARD', '-p', 'udp', '-j', 'ACCEPT'], { netns: router });
    const rule = (direction: 'ingress' | 'egress', prefix: string, excluded: boolean) => ({
      direction,
      prefix,
      excluded,
    });
    const label = {
      id: labelId,
      projectId: 'demo',
      rules: [rule('egress', '10.0.0.0/24', false), rule('ingress', '10.0.0.2/32', true)],
    };
    await want([{ id: routerId, gatewayPortId, labels: [label] }]);
    await expect.poll(filter, { timeout: 10_000 }).toContain('-A neutron-meter-FORWARD');
    // 28 bytes of headers each; the answers are excluded, and nothing counts them.
    await run(['ping', '-q', '-c', '5', '-i', '0.2', '-s', '100', '172.30.0.2'], { netns: inside });
    await expect.poll(total, { timeout: 10_000 }).toBe(5 * 128);
    expect(reports.at(-1)?.payload).toMatchObject({ label_id: labelId, tenant_id: 'demo', host: 'meter' });
    await want([]);
    await expect.poll(filter, { timeout: 10_000 }).not.toContain('neutron-meter');
    expect(await filter()).toContain('-A FORWARD -p udp -j ACCEPT');
    expect((await daemon.health()).ok).toBe(true);
  });
});
