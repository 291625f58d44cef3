import { join } from 'node:path';
import { loadConfig } from '#common/config/load.ts';
import { serviceSession } from '#common/auth/service-account.ts';
import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { missingPrograms } from '#common/host/privileges.ts';
import { callerOfSession, callerWithToken } from '#clients/rest.ts';
import { computeRpc, conductorRpc, type SpawnRequest } from '../rpc.ts';
import type { DriverDeps } from '../virt/deps.ts';
import { ImageCache } from '../virt/disks/image-cache.ts';
import type { GuestSpec } from '../virt/driver.ts';
import { GuestFolders } from '../virt/guest-folders.ts';
import { chooseDriver, drivers, type DriverName } from '../virt/index.ts';
import { installationId } from '../virt/installation.ts';
import { findLibvirt } from '../virt/libvirt/connection.ts';
import { libvirtFolder } from '../virt/libvirt/libvirt-driver.ts';
import { createHostVif } from '../virt/vif/host-vif.ts';
import { ovsConnection } from '../virt/vif/ovs-connection.ts';
import { noVif, type VifPlugger } from '../virt/vif/vif.ts';
import { removeUnusedBases } from './base-ageing.ts';
import { readBootRecord } from './boot-record.ts';
import { createComputeHandlers } from './handlers.ts';
import { withImages } from './guest-images.ts';
import { glanceDownload } from './image-download.ts';
import { computeOptions, type ComputeConfig } from './options.ts';
import { Reconciler } from './reconciler.ts';
import { repeat, type Repeating } from './every.ts';
import { ServerLocks } from './server-locks.ts';

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
  const place = await choosePlace(conf, statePath);
  const installation = await installationId(statePath);
  const kit = await drivers[place.name]();
  const cache = new ImageCache({ instancesPath, host, run: env.run, clock, log });
  await cache.sweep();
  const ovs = ovsConnection(join(conf.ovs.run_dir, 'db.sock'), log);
  const vif: VifPlugger = kit.real ? createHostVif({ run: env.run, ovs, installation }) : noVif;
  const driver = await kit.create(driverDeps(env, conf, { installation, vif, cache }));
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
    ...(kit.real && conf.DEFAULT.remove_unused_base_images
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
      images: kit.real ? imagesOf(env, conf, cache, stopping.signal) : async ({ guest }) => guest,
      changed: () => reportResources.hurry(),
      vncListen: conf.DEFAULT.vnc_enabled ? conf.DEFAULT.vncserver_listen : null,
      proxyClientAddress: conf.DEFAULT.vncserver_proxyclient_address,
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

/** @throws StartupError when what is asked for cannot be had on this machine */
async function choosePlace(conf: ComputeConfig, statePath: string): Promise<{ name: DriverName; reason: string }> {
  const { virt_type: virtType } = conf.libvirt;
  if (virtType !== 'kvm' && virtType !== 'qemu')
    throw new StartupError(
      `[libvirt] virt_type = ${virtType} is not supported. Use kvm, or qemu where there is no KVM.`,
    );
  const wanted = conf.DEFAULT.compute_driver;
  const missing = wanted === 'qemu' || wanted === 'libvirt' ? missingPrograms(['qemu-system-x86_64', 'qemu-img']) : [];
  if (missing.length > 0)
    throw new StartupError(
      `compute_driver = ${wanted} needs ${missing.join(' and ')}. Install them: apt-get install qemu-system-x86 qemu-utils.`,
    );
  if (wanted === 'libvirt') {
    const libvirt = await findLibvirt(libvirtFolder(statePath));
    if (libvirt.kind === 'none')
      throw new StartupError(
        `compute_driver = libvirt cannot be had: ${libvirt.reason}. Install libvirt-daemon-system, or set compute_driver = qemu.`,
      );
  }
  return chooseDriver(wanted, statePath);
}

function driverDeps(
  env: DaemonEnv,
  conf: ComputeConfig,
  made: Pick<DriverDeps, 'installation' | 'vif' | 'cache'>,
): DriverDeps {
  return {
    run: env.run,
    log: env.log,
    clock: env.clock,
    host: env.host,
    instancesPath: conf.DEFAULT.instances_path,
    statePath: conf.DEFAULT.state_path,
    virtType: conf.libvirt.virt_type === 'qemu' ? 'qemu' : 'kvm',
    configDriveFormat: conf.DEFAULT.config_drive_format,
    usbTablet: conf.DEFAULT.use_usb_tablet,
    vncKeymap: conf.DEFAULT.vnc_keymap,
    ...made,
  };
}

/** How a request's images come into its guest. */
function imagesOf(
  env: DaemonEnv,
  conf: ComputeConfig,
  cache: ImageCache,
  stopping: AbortSignal,
): (request: SpawnRequest, signal: AbortSignal) => Promise<GuestSpec> {
  const { glance_protocol: protocol, glance_host: host, glance_port: port } = conf.DEFAULT;
  const glanceUrl = `${protocol}://${host}:${port}`;
  const own = callerOfSession(serviceSession(conf.keystone_authtoken, env));
  return (request, signal) =>
    withImages(
      {
        cache,
        download: (imageId, token) =>
          glanceDownload(glanceUrl, token === null ? own : callerWithToken(env.transport, token), imageId, stopping),
      },
      request,
      signal,
    );
}
