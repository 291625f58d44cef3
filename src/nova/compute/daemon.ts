import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '#common/config/load.ts';
import { serviceSession } from '#common/auth/service-account.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { glanceDownload, type Download } from '#clients/image-download.ts';
import { uploadImageData } from '#clients/image-upload.ts';
import { callerOfSession, callerWithToken, type Caller } from '#clients/rest.ts';
import { computeRpc, conductorRpc, type SpawnRequest } from '../rpc.ts';
import type { ImageCache } from '../virt/disks/image-cache.ts';
import { GuestFolders } from '../virt/guest-folders.ts';
import { removeUnusedBases } from './base-ageing.ts';
import { readBootRecord } from './boot-record.ts';
import { createComputeHandlers } from './handlers.ts';
import { withImages } from './guest-images.ts';
import { createHostVolumes, noHostVolumes } from './host-volumes.ts';
import { openDriver } from './open-driver.ts';
import { computeOptions, type ComputeConfig } from './options.ts';
import { Reconciler } from './reconciler.ts';
import { repeat, type Repeating } from './every.ts';
import { ServerLocks, unlessAborted } from './server-locks.ts';

/** Seconds between two reports of what the host has; changes are reported at once. */
const RESOURCES_INTERVAL = 60;

/** nova-compute: runs the guests of one host. */
export function createNovaComputeDaemon(): Daemon {
  return {
    name: 'nova-compute',
    configFiles: ['/etc/nova/nova.conf', '/etc/nova/nova-compute.conf'],
    start: startNovaCompute,
  };
}

async function startNovaCompute(env: DaemonEnv): Promise<RunningDaemon> {
  const { log, host, bus, clock } = env;
  const conf = loadConfig(computeOptions, env.config, (line) => log.warn(line));
  const { state_path: statePath, instances_path: instancesPath } = conf.DEFAULT;
  const { place, real, installation, cache, vif, driver } = await openDriver(env, conf);
  const snapshotsPath = join(instancesPath, '_snapshots', host);
  await cache.sweep();
  // Copies of disks that a predecessor was making: whoever asked for them asks again.
  await rm(snapshotsPath, { recursive: true, force: true });
  await mkdir(snapshotsPath, { recursive: true, mode: 0o700 });
  log.info(`Guests are run by the driver ${place.name} (${place.reason}); ${driver.acceleration.reason}`);

  const stopping = new AbortController();
  const locks = new ServerLocks();
  const conductor = bus.client(conductorRpc);
  const reconciler = new Reconciler({
    host,
    driver,
    vif,
    locks,
    conductor,
    log,
    boot: await readBootRecord(statePath),
    resumeGuests: conf.DEFAULT.resume_guests_state_on_host_boot,
    confirmMs: Math.min(10_000, conf.DEFAULT.sync_power_state_interval * 1000),
    signal: stopping.signal,
  });
  driver.onLifecycle(({ id }) => void reconciler.tell(id));

  let trouble: string | null = 'not done yet';
  const every = (name: string, seconds: number, work: () => Promise<number | undefined | void>): Repeating =>
    repeat({ name, log, intervalMs: seconds * 1000, work: async () => (await work()) ?? undefined });
  const reportResources = every('Reporting what this host has', RESOURCES_INTERVAL, async () => {
    await conductor.cast('reportResources', { host, resources: await driver.resources() });
  });
  const repeating: Repeating[] = [
    reportResources,
    every('The heartbeat', conf.DEFAULT.report_interval, () =>
      conductor.cast('reportService', {
        binary: 'nova-compute',
        host,
        topic: computeRpc.topic,
        interval: conf.DEFAULT.report_interval,
      }),
    ),
    every('Comparing this host with the database', conf.DEFAULT.sync_power_state_interval, async () => {
      try {
        const next = await reconciler.run();
        trouble = null;
        return next;
      } catch (error) {
        if (stopping.signal.aborted) return undefined;
        trouble = (error as Error).message;
        log.warn('This host cannot be compared with the database now; nothing is changed', error);
        return 5_000;
      }
    }),
    ...(real && conf.DEFAULT.remove_unused_base_images
      ? [
          every('Removing unused base images', conf.DEFAULT.image_cache_manager_interval, async () => {
            const folders = new GuestFolders({ instancesPath, installation, host });
            await removeUnusedBases(cache, folders, conf.DEFAULT.remove_unused_original_minimum_age_seconds);
          }),
        ]
      : []),
  ];
  const subscription = await bus.serve(
    computeRpc,
    host,
    createComputeHandlers({
      driver,
      vif,
      locks,
      clock,
      log,
      ...(real
        ? imagesOf(env, conf, cache, stopping.signal)
        : { images: async ({ guest }: SpawnRequest) => guest, image: async (id: string) => id }),
      snapshotsPath,
      upload: (imageId, path, signal) =>
        uploadImageData(glanceUrlOf(conf), glanceCaller(env, conf), imageId, path, signal),
      volumes: real
        ? createHostVolumes({
            run: env.run,
            host,
            ip: conf.DEFAULT.my_ip,
            mountBase: conf.libvirt.nfs_mount_point_base,
            mountOptions: conf.libvirt.nfs_mount_options,
          })
        : noHostVolumes({ host, ip: conf.DEFAULT.my_ip }),
      uptime: async () => (await env.run(['uptime'], { env: { LC_ALL: 'C' } })).stdout.trimEnd(),
      changed: () => reportResources.hurry(),
      vncListen: conf.DEFAULT.vnc_enabled ? conf.DEFAULT.vncserver_listen : null,
      proxyClientAddress: conf.DEFAULT.vncserver_proxyclient_address,
      serialClientAddress: conf.serial_console.proxyclient_address,
      vifPluggingTimeoutMs: conf.DEFAULT.vif_plugging_timeout * 1000,
      vifPluggingIsFatal: conf.DEFAULT.vif_plugging_is_fatal,
    }),
  );

  return {
    async health() {
      const heard = bus.health();
      const guests = await driver.list().then(
        (list) => `${list.length}, ${list.filter(({ power }) => power === 'running').length} of them running`,
        (error: unknown) => error as Error,
      );
      const driverOk = !(guests instanceof Error);
      return {
        ok: heard.ok && driverOk && trouble === null,
        detail: [
          `driver: ${place.name} (${place.reason}); ${driver.acceleration.reason}`,
          `guests: ${driverOk ? guests : guests.message}`,
          `bus: ${heard.detail}`,
          `comparison with the database: ${trouble ?? 'done, it agrees or is being made to'}`,
        ],
      };
    },
    async stop() {
      stopping.abort();
      // What still runs is given up first: closing the subscription waits for it.
      await Promise.all([locks.close(), subscription.close(), ...repeating.map((one) => one.stop())]);
      await driver.close();
      vif.close();
    },
  };
}

const glanceUrlOf = ({ DEFAULT: conf }: ComputeConfig): string =>
  `${conf.glance_protocol}://${conf.glance_host}:${conf.glance_port}`;
const glanceCaller = (env: DaemonEnv, conf: ComputeConfig): Caller =>
  callerOfSession(serviceSession(conf.keystone_authtoken, env));

/** How images come into the cache, and those of a request into its guest. */
function imagesOf(env: DaemonEnv, conf: ComputeConfig, cache: ImageCache, stopping: AbortSignal) {
  const glanceUrl = glanceUrlOf(conf);
  const own = glanceCaller(env, conf);
  const download = (imageId: string, token: string | null): Download =>
    glanceDownload(glanceUrl, token === null ? own : callerWithToken(env.transport, token), imageId, stopping);
  return {
    images: (request: SpawnRequest, signal: AbortSignal) => withImages({ cache, download }, request, signal),
    image: async (imageId: string, signal: AbortSignal) =>
      (await unlessAborted(cache.image(imageId, download(imageId, null)), signal)).path,
  };
}
