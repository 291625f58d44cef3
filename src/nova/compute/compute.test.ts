import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryBus } from '#common/bus/memory.ts';
import type { Bus, RpcClient } from '#common/bus/bus.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import type { DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { computeRpc, conductorRpc, type SpawnRequest } from '../rpc.ts';
import type { PowerState } from '../virt/driver.ts';
import { createNovaComputeDaemon } from './daemon.ts';

interface Server {
  id: string;
  name: string;
  vmState: string;
  taskState: string | null;
  powerState: PowerState;
}

/** What the conductor has heard, and what its database says. */
interface Conductor {
  readonly heard: { method: string; args: unknown }[];
  servers: Server[];
  asides: { id: string; tag: string }[];
  deaf: boolean;
}

describe('nova-compute', () => {
  let folder: string;
  let bus: Bus;
  let conductor: Conductor;
  let compute: RpcClient<(typeof computeRpc)['methods']>;
  let daemon: RunningDaemon;

  const start = (): Promise<RunningDaemon> => {
    const refuse = (): never => {
      throw new Error('The fake driver needs neither programs nor sockets');
    };
    const env: DaemonEnv = {
      config: fromObject(
        {
          DEFAULT: { compute_driver: 'fake.FakeDriver', state_path: folder, sync_power_state_interval: 1 },
          serial_console: { enabled: true, proxyclient_address: '192.0.2.7' },
        },
        'test',
      ),
      bus,
      http: { listen: refuse },
      transport: { request: refuse },
      log: silentLogger,
      run: refuse,
      clock: systemClock,
      ids: randomIds,
      host: 'host1',
    };
    return createNovaComputeDaemon().start(env);
  };
  const request = (id: string): SpawnRequest => ({
    guest: {
      id,
      name: 'instance-00000001',
      displayName: 's',
      projectId: 'p',
      vcpus: 1,
      memoryMb: 64,
      disks: [],
      interfaces: [],
      vnc: null,
    },
    imageId: null,
    kernelId: null,
    ramdiskId: null,
    token: null,
  });
  const server = (id: string, more: Partial<Server> = {}): Server => ({
    id,
    name: 'instance-00000001',
    vmState: 'active',
    taskState: null,
    powerState: 'running',
    ...more,
  });
  const power = async (id: string): Promise<PowerState | null> =>
    (await compute.call('state', { id }, { host: 'host1' })).power;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compute-'));
    bus = createMemoryBus();
    conductor = { heard: [], servers: [], asides: [], deaf: false };
    const note = (method: string) => (args: unknown) => void conductor.heard.push({ method, args });
    await bus.serve(conductorRpc, 'controller', {
      launch: () => undefined,
      cancel: () => undefined,
      reportService: note('reportService'),
      reportResources: note('reportResources'),
      lifecycle: note('lifecycle'),
      serversOnHost: () => {
        if (conductor.deaf) throw new Error('the database is away');
        return { servers: conductor.servers, asides: conductor.asides };
      },
    });
    compute = bus.client(computeRpc);
    daemon = await start();
  });
  afterEach(async () => {
    await daemon.stop();
    await bus.close();
    await rm(folder, { recursive: true });
  });

  it('reports itself and what it has at once, and again after a change', async () => {
    const resources = (): number => conductor.heard.filter(({ method }) => method === 'reportResources').length;
    await expect.poll(resources).toBe(1);
    expect(conductor.heard).toContainEqual({
      method: 'reportService',
      args: { binary: 'nova-compute', host: 'host1', topic: 'compute', interval: 10 },
    });
    await compute.call('spawn', { request: request(randomUUID()) }, { host: 'host1' });
    await expect.poll(resources).toBe(2);
  });

  it('does what the bus asks', async () => {
    const id = randomUUID();
    const host = { host: 'host1' };
    conductor.servers = [server(id)];
    const { launchedAt } = await compute.call('spawn', { request: request(id) }, host);
    expect(Date.parse(launchedAt)).not.toBeNaN();
    await compute.call('spawn', { request: request(id) }, host);
    expect(await power(id)).toBe('running');
    await compute.call('pause', { id }, host);
    expect(await power(id)).toBe('paused');
    await compute.call('unpause', { id }, host);
    await compute.call('powerOff', { id, timeoutSeconds: 1 }, host);
    expect(await power(id)).toBe('shutdown');
    await compute.call('powerOn', { id }, host);
    await compute.call('reboot', { id, kind: 'hard', timeoutSeconds: 0 }, host);
    const { base64 } = await compute.call('consoleLog', { id, maxBytes: 1000 }, host);
    expect(Buffer.from(base64, 'base64').toString()).toContain('login:');
    expect(await compute.call('vncConsole', { id }, host)).toMatchObject({ host: '127.0.0.1' });
    expect(await compute.call('serialConsole', { id }, host)).toEqual({ host: '192.0.2.7', port: expect.any(Number) });
    const volumeId = randomUUID();
    const connection = { type: 'file', path: '/v', format: 'raw' } as const;
    const disk = { kind: 'volume', device: 'vdb', bus: 'virtio', volumeId, connection } as const;
    await compute.call('attachVolume', { id, disk }, host);
    await compute.call('detachVolume', { id, volumeId }, host);
    await compute.call('destroy', { id }, host);
    await compute.call('destroy', { id }, host);
    expect(await power(id)).toBeNull();
  });

  it('moves, suspends, rescues and copies what the bus asks', async () => {
    const [id, tag, imageId] = [randomUUID(), randomUUID(), randomUUID()];
    const host = { host: 'host1' };
    conductor.servers = [server(id)];
    conductor.asides = [{ id, tag }];
    await compute.call('spawn', { request: request(id) }, host);
    await compute.call('setAside', { id, tag, timeoutSeconds: 0 }, host);
    expect(await power(id)).toBeNull();
    await compute.call('spawn', { request: { ...request(id), fromAside: tag, start: false } }, host);
    expect(await power(id)).toBe('shutdown');
    await compute.call('destroy', { id }, host);
    await compute.call('restoreAside', { id, tag, start: true }, host);
    expect(await power(id)).toBe('running');
    await compute.call('discardAside', { id, tag }, host);
    await compute.call('suspend', { id }, host);
    expect(await power(id)).toBe('shutdown');
    await compute.call('resume', { id }, host);
    const rescue = { imageId, kernelId: null, ramdiskId: null, kernelCommandLine: null, configDrive: null };
    await compute.call('rescue', { id, rescue, timeoutSeconds: 0 }, host);
    await compute.call('unrescue', { id }, host);
    expect(await power(id)).toBe('running');
    await compute.call('snapshot', { id, imageId, format: 'qcow2' }, host);
    expect(await readdir(join(folder, 'instances', '_snapshots', 'host1'))).toEqual([imageId]);
    await compute.call('discardSnapshot', { imageId }, host);
    await compute.call('discardSnapshot', { imageId }, host);
    expect(await readdir(join(folder, 'instances', '_snapshots', 'host1'))).toEqual([]);
    await expect(compute.call('discardSnapshot', { imageId: '../x' }, host)).rejects.toThrow('is not the UUID');
    await compute.call('injectNmi', { id }, host);
    await compute.call('setPassword', { id, user: 'root', password: 's' }, host);
    expect(await compute.call('diagnostics', { id }, host)).toMatchObject({
      power: 'running',
      memory: { maximumMb: 64 },
    });
    await compute.call('wipe', { id, keepEphemeral: false, timeoutSeconds: 0 }, host);
    expect(await power(id)).toBe('shutdown');
  });

  it('keeps what is aside for a move that is open, and forgets what no move needs', async () => {
    const [open, over, tag] = [randomUUID(), randomUUID(), randomUUID()];
    conductor.asides = [
      { id: open, tag },
      { id: over, tag },
    ];
    conductor.servers = [server(open, { vmState: 'resized' }), server(over, { vmState: 'resized' })];
    for (const id of [open, over]) {
      await compute.call('spawn', { request: request(id) }, { host: 'host1' });
      await compute.call('setAside', { id, tag, timeoutSeconds: 0 }, { host: 'host1' });
      await compute.call('spawn', { request: { ...request(id), fromAside: tag } }, { host: 'host1' });
    }
    conductor.asides = [{ id: open, tag }];
    await daemon.stop();
    daemon = await start();
    const asides = async (): Promise<string[]> => {
      const kept = JSON.parse(await readFile(join(folder, 'fake-guests.json'), 'utf8')) as {
        asides: [string, unknown][];
      };
      return kept.asides.map(([id]) => id);
    };
    await expect.poll(asides, { timeout: 5_000 }).toEqual([open]);
    expect([await power(open), await power(over)]).toEqual(['running', 'running']);
  });

  it('finds its guests again, destroys those whose server is gone, and keeps them while the conductor is deaf', async () => {
    const [kept, gone] = [randomUUID(), randomUUID()];
    for (const id of [kept, gone]) await compute.call('spawn', { request: request(id) }, { host: 'host1' });
    await daemon.stop();
    conductor.deaf = true;
    conductor.servers = [server(kept)];
    daemon = await start();
    await expect.poll(async () => (await daemon.health()).detail.join()).toContain('the database is away');
    expect((await daemon.health()).ok).toBe(false);
    expect([await power(kept), await power(gone)]).toEqual(['running', 'running']);
    conductor.deaf = false;
    await daemon.stop();
    daemon = await start();
    await expect.poll(() => power(gone), { timeout: 5_000 }).toBeNull();
    expect(await power(kept)).toBe('running');
    await expect.poll(async () => (await daemon.health()).ok).toBe(true);
  });

  it('tells power states that differ, and leaves alone what is being worked on', async () => {
    const [off, busy, lost] = [randomUUID(), randomUUID(), randomUUID()];
    conductor.servers = [
      server(off, { powerState: 'shutdown', vmState: 'stopped' }),
      server(busy, { powerState: 'shutdown', taskState: 'powering-on' }),
      server(lost),
    ];
    for (const id of [off, busy]) await compute.call('spawn', { request: request(id) }, { host: 'host1' });
    const told = (): unknown[] => conductor.heard.flatMap(({ method, args }) => (method === 'lifecycle' ? [args] : []));
    await expect.poll(told, { timeout: 5_000 }).toEqual(
      expect.arrayContaining([
        { host: 'host1', id: off, power: 'running' },
        { host: 'host1', id: lost, power: 'nostate' },
      ]),
    );
    expect(JSON.stringify(told())).not.toContain(busy);
  });

  it('starts guests again after a reboot of the host, once', async () => {
    const [ran, stopped] = [randomUUID(), randomUUID()];
    conductor.servers = [server(ran), server(stopped, { vmState: 'stopped', powerState: 'shutdown' })];
    for (const id of [ran, stopped]) {
      await compute.call('spawn', { request: request(id) }, { host: 'host1' });
      await compute.call('powerOff', { id, timeoutSeconds: 0 }, { host: 'host1' });
    }
    await daemon.stop();
    await writeFile(join(folder, 'last-boot'), 'another boot');
    daemon = await start();
    await expect.poll(() => power(ran)).toBe('running');
    expect(await power(stopped)).toBe('shutdown');
    await compute.call('powerOff', { id: ran, timeoutSeconds: 0 }, { host: 'host1' });
    await daemon.stop();
    conductor.heard.length = 0;
    daemon = await start();
    await expect.poll(() => JSON.stringify(conductor.heard)).toContain('"power":"shutdown"');
    expect(await power(ran)).toBe('shutdown');
  });
});
