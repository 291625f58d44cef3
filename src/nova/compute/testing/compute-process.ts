/**
 * A nova-compute in a process of its own, for tests that kill it: real QEMU, real wiring, with a conductor, a bus and a
 * Glance of its own inside. Argument: a `ComputeProcessPlan` as JSON. Speaks over the channel of `fork`.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Transform } from 'node:stream';
import { createMemoryBus } from '#common/bus/memory.ts';
import type { HttpResponse, HttpTransport } from '#common/api/transport.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import { run, type Run } from '#common/host/run.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { computeRpc, conductorRpc, type SpawnRequest } from '../../rpc.ts';
import { createNovaComputeDaemon } from '../daemon.ts';

export interface ComputeProcessPlan {
  readonly folder: string;
  readonly netns: string;
  readonly ovsRunDir: string;
  /** A qcow2 file that Glance gives for every image. */
  readonly imagePath: string;
  /** What the database says is on this host. */
  readonly servers: readonly string[];
  /** Asked of itself as soon as it serves. */
  readonly ask: { readonly spawn: SpawnRequest } | { readonly destroy: string } | null;
}

const plan = JSON.parse(process.argv[2] ?? '') as ComputeProcessPlan;
const say = (message: string): void => void process.send?.(message);
const inside: Run = (argv, options) => run(['nsenter', `--net=/run/netns/${plan.netns}`, '--', ...argv], options);

/** Glance with one image, slow enough to be interrupted. */
const glance: HttpTransport = {
  async request({ url }) {
    const slow = new Transform({
      transform: (chunk, _, done) => void sleep(5).then(() => done(null, chunk)),
    });
    const { size } = await stat(plan.imagePath);
    const body = JSON.stringify({ id: 'image', status: 'active', disk_format: 'qcow2', size });
    const answer: Omit<HttpResponse, 'stream'> = {
      status: 200,
      headers: {},
      text: async () => body,
      json: async () => JSON.parse(body),
    };
    const stream = url.endsWith('/file')
      ? createReadStream(plan.imagePath, { highWaterMark: 16_384 }).pipe(slow)
      : slow;
    return { ...answer, stream };
  },
};

const bus = createMemoryBus();
const nothing = (): undefined => undefined;
await bus.serve(conductorRpc, 'controller', {
  launch: nothing,
  cancel: nothing,
  reportService: nothing,
  reportResources: nothing,
  lifecycle: nothing,
  serversOnHost: () => ({
    servers: plan.servers.map((id) => ({
      id,
      name: 's',
      vmState: 'building',
      taskState: 'spawning',
      powerState: 'nostate' as const,
    })),
    asides: [],
  }),
});
const daemon = await createNovaComputeDaemon().start({
  config: fromObject(
    {
      DEFAULT: {
        compute_driver: 'qemu',
        state_path: plan.folder,
        instances_path: `${plan.folder}/instances`,
        vif_plugging_timeout: 0,
        sync_power_state_interval: 1,
      },
      libvirt: { virt_type: 'qemu' },
      ovs: { run_dir: plan.ovsRunDir },
    },
    'test',
  ),
  bus,
  http: { listen: () => Promise.reject(new Error('not needed')) },
  transport: glance,
  log: silentLogger,
  run: inside,
  clock: systemClock,
  ids: randomIds,
  host: 'host1',
});
const compute = bus.client(computeRpc);
say('serving');
if (plan.ask && 'spawn' in plan.ask) {
  await compute.call('spawn', { request: plan.ask.spawn }, { host: 'host1' });
  say('spawned');
} else if (plan.ask) {
  await compute.call('destroy', { id: plan.ask.destroy }, { host: 'host1' });
  say('destroyed');
}
process.on('message', () => void daemon.stop().then(() => process.exit(0)));
