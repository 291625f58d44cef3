import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SpawnRequest } from '../rpc.ts';
import { findGuestProcesses } from '../virt/qemu/guest-process.ts';
import { makeTestHost, missingForGuests, type TestHost } from '../virt/test-host.ts';
import type { ComputeProcessPlan } from './testing/compute-process.ts';

const missing = missingForGuests();
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);
/** `IGLOO_CHAOS=50` looks at more moments. */
const rounds = Number(process.env['IGLOO_CHAOS'] ?? 8);

describe.skipIf(skip)('nova-compute, killed at any moment', () => {
  let host: TestHost;
  let imagePath: string;
  let child: ChildProcess | undefined;
  const program = fileURLToPath(new URL('./testing/compute-process.ts', import.meta.url));

  beforeAll(async () => {
    host = await makeTestHost();
    imagePath = join(host.folder, 'image.qcow2');
    await host.run(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', host.basePath, imagePath]);
  });
  afterEach(() => void child?.kill('SIGKILL'));
  afterAll(() => host.close());

  const request = (id: string): SpawnRequest => ({
    guest: {
      id,
      name: `instance-${id.slice(0, 8)}`,
      displayName: 's',
      projectId: 'p',
      vcpus: 1,
      memoryMb: 32,
      disks: [{ kind: 'image', device: 'vda', bus: 'virtio', basePath: 'image', sizeGb: 1 }],
      interfaces: [
        {
          portId: randomUUID(),
          mac: 'fa:16:3e:00:00:01',
          mtu: 1454,
          model: 'virtio',
          vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
        },
      ],
      configDrive: { 'openstack/latest/meta_data.json': '{}' },
      vnc: null,
    },
    imageId: 'image',
    kernelId: null,
    ramdiskId: null,
    token: 'token',
  });

  /** Starts one, and resolves with it when it has said `word`. */
  const start = async (plan: Pick<ComputeProcessPlan, 'servers' | 'ask'>, word: string): Promise<ChildProcess> => {
    const whole: ComputeProcessPlan = {
      folder: host.folder,
      netns: host.netns,
      ovsRunDir: dirname(host.ovsSocket),
      imagePath,
      ...plan,
    };
    const started = fork(program, [JSON.stringify(whole)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.on('message', (message) => message === word && resolve());
      started.on('exit', (status) => reject(new Error(`nova-compute ended with ${status} before it said ${word}`)));
    });
    return started;
  };
  const kill = async (process: ChildProcess): Promise<void> => {
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await ended;
  };
  const guestsOf = (id: string): number => findGuestProcesses(id, join(host.folder, 'instances', id)).length;

  it.each(Array.from({ length: rounds }, (_, round) => round))(
    'makes the guest once and removes all of it (round %i)',
    async (round) => {
      const id = randomUUID();
      const ask = { spawn: request(id) };
      if (round % 2 === 0) await rm(join(host.folder, 'instances', '_base'), { recursive: true, force: true });
      const first = await start({ servers: [id], ask }, 'serving');
      const delay = Math.round(Math.random() * 220);
      await sleep(delay);
      await kill(first);

      const second = await start({ servers: [id], ask }, 'spawned');
      expect(guestsOf(id), `killed after ${delay} ms`).toBe(1);
      await kill(second);
      expect(guestsOf(id)).toBe(1);

      const third = await start({ servers: [id], ask: { destroy: id } }, 'serving');
      await sleep(Math.random() * 60);
      await kill(third);
      await kill(await start({ servers: [id], ask: { destroy: id } }, 'destroyed'));
      expect(await host.traces(id)).toEqual([]);
      expect(await host.wiring()).toEqual([]);
    },
  );

  it.each(Array.from({ length: Math.ceil(rounds / 2) }, (_, round) => round))(
    'removes by itself what was half made of a server that is gone (round %i)',
    async () => {
      const id = randomUUID();
      const first = await start({ servers: [id], ask: { spawn: request(id) } }, 'serving');
      await sleep(Math.random() * 220);
      await kill(first);
      const second = await start({ servers: [], ask: null }, 'serving');
      await expect
        .poll(async () => [...(await host.traces(id)), ...(await host.wiring())], { timeout: 10_000 })
        .toEqual([]);
      await kill(second);
      expect((await readdir(join(host.folder, 'instances'))).filter((name) => !name.startsWith('_'))).toEqual([]);
    },
  );
});
