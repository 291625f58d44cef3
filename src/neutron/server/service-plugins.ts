import type { AnyRoute } from '#common/api/route.ts';
import type { Bus, Subscription } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import { StartupError } from '#common/daemon.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { AgentDirectory } from '../agent-registry/directory.ts';
import type { AgentService } from '../agent-registry/service.ts';
import type { ControllerDeps } from '../api/controller.ts';
import type { Binder } from '../ports/binder.ts';
import type { MakePortDeps } from '../ports/make.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { GroupService } from '../security-groups/group-service.ts';
import type { Store } from '../store.ts';

/** The service plug-ins that there are, by their short names. */
export type PluginName = 'router' | 'lbaas' | 'firewall' | 'metering';

/** Every name that `service_plugins` knows one by. */
const spellings: Readonly<Record<PluginName, RegExp>> = {
  router: /^router$|l3_router_plugin[.:]L3RouterPlugin$/,
  lbaas: /^lbaas$|loadbalancer\.plugin[.:]LoadBalancerPlugin$/,
  firewall: /^(firewall|fwaas)$|fwaas_plugin[.:]FirewallPlugin$/,
  metering: /^metering$|metering_plugin[.:]MeteringPlugin$/,
};

/** @throws StartupError for one that is not there, rather than an API that lacks it silently */
export function pluginsOf(names: readonly string[]): ReadonlySet<PluginName> {
  const known = Object.keys(spellings) as PluginName[];
  return new Set(
    names.map((name) => {
      const plugin = known.find((one) => spellings[one].test(name));
      if (plugin) return plugin;
      throw new StartupError(
        `service_plugins: there is no service plug-in "${name}" in this version. Remove it; there are ${known.join(', ')}.`,
      );
    }),
  );
}

/** Mounts routes of the Networking API with the service that they call. */
export type Mount = <S>(routes: readonly AnyRoute<S>[], service: S) => void;

/** What a plug-in adds to neutron-server. */
export interface ServicePlugin {
  mount(mount: Mount): void;
  /** Answers its agents. */
  serve(bus: Bus, host: string): Promise<Subscription>;
}

/** What plug-ins build on. */
export interface PluginDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly quotas: QuotaService;
  readonly making: MakePortDeps;
  readonly binder: Binder;
  readonly agents: AgentService;
  readonly directory: AgentDirectory;
  readonly groups: GroupService;
  readonly control: ControllerDeps;
  readonly serviceProviders: readonly ServiceProvider[];
}

/** Loaded when they are named: a server without them carries none of their code. */
const loaders: Partial<Record<PluginName, () => Promise<(deps: PluginDeps) => ServicePlugin>>> = {
  lbaas: async () => (await import('../load-balancers/plugin.ts')).createLoadBalancerPlugin,
  firewall: async () => (await import('../firewalls/plugin.ts')).createFirewallPlugin,
  metering: async () => (await import('../metering/plugin.ts')).createMeteringPlugin,
};

export async function loadServicePlugins(
  names: ReadonlySet<PluginName>,
  deps: PluginDeps,
): Promise<readonly ServicePlugin[]> {
  const loaded: ServicePlugin[] = [];
  for (const name of names) {
    const create = await loaders[name]?.();
    if (create) loaded.push(create(deps));
  }
  return loaded;
}

/** Who provides an advanced service, as the API lists it. */
export interface ServiceProvider {
  readonly service_type: string;
  readonly name: string;
  readonly default: boolean;
}

/** @param options of `service_provider` @throws StartupError for a wrong one */
export function serviceProvidersOf(
  options: readonly string[],
  plugins: ReadonlySet<PluginName>,
): readonly ServiceProvider[] {
  const providers = options.map((text) => {
    const [type = '', name = '', driver = '', word, ...rest] = text.split(':');
    if (type !== 'LOADBALANCER' || name === '' || driver === '' || rest.length > 0 || (word ?? 'default') !== 'default')
      throw new StartupError(
        `service_provider: "${text}" is none. Write LOADBALANCER:<name>:<driver>, with :default behind the one that is.`,
      );
    return { service_type: type, name: name.toLowerCase(), default: word !== undefined };
  });
  if (providers.filter((one) => one.default).length > 1)
    throw new StartupError('service_provider: only one of them can be the default. Remove :default from the others.');
  return plugins.has('lbaas') ? providers : [];
}
