import { createHttpHost, createHttpTransport, type LocalApps } from '#common/api/http.ts';
import type { HttpTransport } from '#common/api/transport.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { systemClock } from '#common/clock.ts';
import { loadConfig } from '#common/config/load.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { run } from '#common/host/run.ts';
import { randomIds } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { neutronServerOptions } from '#neutron/config.ts';
import { pluginsOf } from '#neutron/server/service-plugins.ts';
import { daemonConfig, type CloudSettings, type ServiceName } from './settings.ts';

/** All daemons of the cloud in this process. */
export interface RunningCloud {
  readonly transport: HttpTransport;
  /**
   * Starts the dashboard, which only uses the public APIs: they need not wait for it.
   * @returns why it could not, for people, or null
   */
  startDashboard(): Promise<string | null>;
  stop(): Promise<void>;
}

type DaemonTable = Readonly<Record<string, () => Promise<Daemon>>>;

const tables: Readonly<Record<ServiceName, () => Promise<{ readonly daemons: DaemonTable }>>> = {
  keystone: () => import('#keystone/daemons.ts'),
  glance: () => import('#glance/daemons.ts'),
  nova: () => import('#nova/daemons.ts'),
  neutron: () => import('#neutron/daemons.ts'),
  cinder: () => import('#cinder/daemons.ts'),
  events: () => import('#events/daemons.ts'),
  dashboard: () => import('#dashboard/daemons.ts'),
};

/** Which daemons run, in groups: a group starts when the one before it has started. */
function plan(settings: CloudSettings): readonly (readonly (readonly [ServiceName, string])[])[] {
  const agents = ['openvswitch', 'dhcp', 'l3', 'metadata', 'metering'].map((name) => `neutron-${name}-agent`);
  if (pluginsOf(servicePlugins(settings)).has('lbaas')) agents.push('neutron-lbaas-agent');
  return [
    [['keystone', 'keystone-all']],
    [
      ['glance', 'glance-api'],
      ['glance', 'glance-registry'],
      ['neutron', 'neutron-server'],
      ['nova', 'nova-cert'],
      ['nova', 'nova-conductor'],
      ['nova', 'nova-scheduler'],
      ['nova', 'nova-consoleauth'],
      ['nova', 'nova-novncproxy'],
      ['nova', 'nova-xvpvncproxy'],
      ['nova', 'nova-serialproxy'],
      ['nova', 'nova-api'],
      ['cinder', 'cinder-scheduler'],
      ['cinder', 'cinder-api'],
    ],
    [
      ...(settings.network === 'openvswitch' ? agents.map((name) => ['neutron', name] as const) : []),
      ['nova', 'nova-compute'],
      ['cinder', 'cinder-volume'],
      ['cinder', 'cinder-backup'],
      ['events', 'igloo-events'],
    ],
  ];
}

/** What neutron-server will load: the operator's files may name more than we do. */
function servicePlugins(settings: CloudSettings): readonly string[] {
  const { service_plugins } = neutronServerOptions.DEFAULT;
  const source = daemonConfig('neutron', 'neutron-server', settings);
  return loadConfig({ DEFAULT: { service_plugins } }, source).DEFAULT.service_plugins;
}

/**
 * Starts every daemon over one in-process bus. Databases must have been synchronised (`prepareServices`).
 * @throws StartupError when one cannot start; those that had started are stopped again
 */
export async function startCloud(settings: CloudSettings, log: Logger): Promise<RunningCloud> {
  const local: LocalApps = new Map();
  const bus = createMemoryBus({ log: log.child('bus'), clock: systemClock, ids: randomIds });
  const transport = createHttpTransport(local);
  const http = createHttpHost(local);
  const running: RunningDaemon[] = [];
  const stop = async (): Promise<void> => {
    // The last started first: agents and compute before what they report to.
    for (const daemon of running.splice(0).reverse())
      await daemon.stop().catch((error: unknown) => log.error('A daemon did not stop cleanly', error));
    await bus.close();
  };
  const start = async (service: ServiceName, name: string): Promise<void> => {
    const { daemons } = await tables[service]();
    const load = daemons[name];
    if (!load) throw new Error(`${service} has no daemon ${name}`);
    const daemon = await load();
    const env: DaemonEnv = {
      config: daemonConfig(service, name, settings),
      bus,
      http,
      transport,
      log: log.child(name),
      run,
      clock: systemClock,
      ids: randomIds,
      host: settings.host,
    };
    running.push(await daemon.start(env));
  };
  try {
    for (const group of plan(settings)) {
      const results = await Promise.allSettled(group.map(([service, name]) => start(service, name)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    transport,
    stop,
    startDashboard: () =>
      start('dashboard', 'openstack-dashboard').then(
        () => null,
        (error: Error) => {
          log.error('The dashboard did not start', error);
          return error.message;
        },
      ),
  };
}
