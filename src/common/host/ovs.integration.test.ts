import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenFlow, type OpenFlow } from './openflow.ts';
import { startOpenvswitch, stopOpenvswitch, type OpenVswitch } from './openvswitch.ts';
import { OvsBridges, OvsPortError } from './ovs-bridges.ts';
import { watchSwitch } from './ovs-watch.ts';
import { isRoot, missingPrograms } from './privileges.ts';
import { signalProcess, waitForEnd } from './process.ts';
import { run, type Run } from './run.ts';
import { Supervisor } from './supervisor.ts';
import { silentLogger } from '../telemetry/log.ts';

const missing = [
  ...missingPrograms(['ovs-vswitchd', 'ovsdb-server', 'ovs-ofctl', 'ip', 'nsenter']),
  ...(isRoot() ? [] : ['root']),
];
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('a private Open vSwitch', () => {
  const netns = `igt-ovs-${process.pid}`;
  // Its devices appear in a namespace of the test, not in the machine's own.
  const inside: Run = (argv, options) => run(['nsenter', `--net=/run/netns/${netns}`, ...argv], options);
  let folder: string;
  let supervisor: Supervisor;
  let ovs: OpenVswitch;
  let bridges: OvsBridges;
  let flows: OpenFlow;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ovs-'));
    await run(['ip', 'netns', 'add', netns]);
    supervisor = new Supervisor({ folder, run: inside, log: silentLogger, intervalMs: 20 });
    ovs = await startOpenvswitch({ folder, run: inside, supervisor, hostname: 'test' });
    bridges = await OvsBridges.connect(ovs.socket, silentLogger);
    flows = createOpenFlow(run, ovs.runDir);
  });
  afterAll(async () => {
    bridges.close();
    await stopOpenvswitch(supervisor);
    await supervisor.close();
    await run(['ip', 'netns', 'del', netns]);
    await rm(folder, { recursive: true });
  });

  const vsctl = async (...args: string[]): Promise<string> =>
    (await run(['ovs-vsctl', `--db=unix:${ovs.socket}`, ...args])).stdout.trim();

  it('has bridges and ports as asked, however often asked', async () => {
    const spec = { datapathType: ovs.datapathType, failMode: 'secure', externalIdsWhenNew: { made: 'by-us' } } as const;
    expect(await bridges.ensureBridge('br-int', spec)).toBe(true);
    expect(await bridges.ensureBridge('br-int', { ...spec, externalIds: { 'bridge-id': 'br-int' } })).toBe(false);
    await bridges.ensureBridge('br-tun', spec);
    expect(bridges.bridgeExternalIds('br-int')).toEqual({ made: 'by-us', 'bridge-id': 'br-int' });
    expect(await vsctl('get', 'bridge', 'br-int', 'fail_mode')).toBe('secure');

    const started = performance.now();
    const [patch] = await Promise.all([
      bridges.ensurePort('br-int', 'patch-tun', { type: 'patch', peer: 'patch-int' }),
      bridges.ensurePort('br-tun', 'patch-int', { type: 'patch', peer: 'patch-tun' }),
    ]);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(patch.ofport).toBeGreaterThan(0);
    const port = await bridges.ensurePort('br-int', 'tap1', {
      type: 'internal',
      tag: 5,
      externalIds: { 'iface-id': 'p1' },
      mac: 'fa:16:3e:00:00:01',
    });
    expect(port).toMatchObject({
      bridge: 'br-int',
      tag: 5,
      mac: 'fa:16:3e:00:00:01',
      externalIds: { 'iface-id': 'p1' },
    });
    const before = await vsctl('get', 'open_vswitch', '.', 'next_cfg');
    expect(
      await bridges.ensurePort('br-int', 'tap1', { type: 'internal', tag: 5, externalIds: { 'iface-id': 'p1' } }),
    ).toEqual(port);
    expect(await vsctl('get', 'open_vswitch', '.', 'next_cfg')).toBe(before);

    await bridges.setTags({ tap1: { tag: 7, otherConfig: { net_uuid: 'n1' } }, nobody: { tag: 3 } });
    expect(await vsctl('get', 'port', 'tap1', 'tag')).toBe('7');
    await bridges.ensurePort('br-int', 'tap1', { externalIds: { 'vm-uuid': 'v1' }, tag: null });
    expect(bridges.port('tap1')).toMatchObject({
      tag: undefined,
      externalIds: { 'iface-id': 'p1', 'vm-uuid': 'v1' },
      otherConfig: { net_uuid: 'n1' },
    });
    expect(
      bridges
        .ports('br-int')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['patch-tun', 'tap1']);

    await bridges.ensurePort('br-tun', 'tap1', { type: 'internal' });
    expect(bridges.port('tap1')?.bridge).toBe('br-tun');
    await bridges.deletePorts(['tap1', 'nobody']);
    expect(bridges.port('tap1')).toBeUndefined();
    expect(await vsctl('list-ports', 'br-tun')).toBe('patch-int');
  });

  it('says why a port cannot be used', async () => {
    await expect(bridges.ensurePort('br-int', 'nodev0')).rejects.toBeInstanceOf(OvsPortError);
    await bridges.deletePort('nodev0');
    await expect(bridges.ensurePort('br-none', 'x')).rejects.toThrow('no bridge br-none');
  });

  it('lets two clients ask for the same port at the same moment', async () => {
    const other = await OvsBridges.connect(ovs.socket, silentLogger);
    const [a, b] = await Promise.all([
      bridges.ensurePort('br-int', 'both0', { type: 'internal', tag: 1 }),
      other.ensurePort('br-int', 'both0', { type: 'internal', tag: 1 }),
    ]);
    expect(a).toEqual(b);
    other.close();
    await bridges.deletePort('both0');
  });

  it('tells what others change', async () => {
    const seen: string[] = [];
    const forget = bridges.onInterfaceChange((names) => seen.push(...names));
    await vsctl(
      'add-port',
      'br-int',
      'other0',
      '--',
      'set',
      'interface',
      'other0',
      'type=internal',
      'external_ids:iface-id=x',
    );
    await expect.poll(() => bridges.port('other0')?.externalIds['iface-id']).toBe('x');
    expect(seen).toContain('other0');
    forget();
    await bridges.deletePort('other0');
  });

  it('replaces and changes flows in bundles', async () => {
    const base = ['table=0,priority=1,actions=NORMAL', 'table=23,priority=0,actions=drop'];
    await flows.replace('br-int', base);
    await flows.change('br-int', {
      add: [
        'table=0,priority=3,in_port=1,dl_vlan=7,actions=mod_vlan_vid:2,NORMAL',
        'table=21,dl_vlan=2,actions=strip_vlan,set_tunnel:9,output:1',
      ],
    });
    expect(await flows.dump('br-int')).toHaveLength(4);
    await flows.change('br-int', {
      remove: ['table=0,in_port=1', 'table=21,dl_vlan=2'],
      add: ['table=0,priority=2,in_port=1,actions=drop'],
    });
    expect(await flows.dump('br-int', 'table=0')).toEqual([
      'priority=2,in_port=1 actions=drop',
      'priority=1 actions=NORMAL',
    ]);
    await expect(flows.change('br-int', { remove: ['table=0'], add: ['table=0,actions=nonsense'] })).rejects.toThrow(
      'nonsense',
    );
    expect(await flows.dump('br-int', 'table=0')).toHaveLength(2);
    await flows.replace('br-int', base);
    expect(await flows.dump('br-int')).toHaveLength(2);
  });

  it('notices that ovs-vswitchd and the database server die and are back', async () => {
    const events: string[] = [];
    const watch = watchSwitch(ovs.runDir, 'br-int', {
      onUp: () => events.push('up'),
      onDown: () => events.push('down'),
    });
    await expect.poll(() => events).toEqual(['up']);
    const vswitchd = supervisor.running('ovs-vswitchd')!;
    signalProcess(vswitchd, 'SIGKILL');
    await waitForEnd(vswitchd, 5_000);
    await expect.poll(() => events, { timeout: 10_000 }).toEqual(['up', 'down', 'up']);
    expect((await flows.dump('br-int')).filter((flow) => !flow.includes('table=254'))).toEqual([]);
    await watch.close();

    const states: boolean[] = [];
    bridges.db.onConnection((up) => states.push(up));
    const server = supervisor.running('ovsdb-server')!;
    signalProcess(server, 'SIGKILL');
    await expect.poll(() => states, { timeout: 10_000 }).toEqual([false, true]);
    expect(bridges.bridges().sort()).toEqual(['br-int', 'br-tun']);
    await bridges.ensurePort('br-int', 'after0', { type: 'internal' });
  });

  it('is adopted by the next starter, and keeps its bridges over a stop', async () => {
    const before = supervisor.running('ovs-vswitchd');
    await startOpenvswitch({ folder, run: inside, supervisor, hostname: 'test' });
    expect(supervisor.running('ovs-vswitchd')).toEqual(before);
    await stopOpenvswitch(supervisor);
    await startOpenvswitch({ folder, run: inside, supervisor, hostname: 'test' });
    await expect.poll(() => bridges.db.connected, { timeout: 5_000 }).toBe(true);
    expect(bridges.port('after0')).toBeDefined();
  });
});
