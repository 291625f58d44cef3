import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Bus } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { ConfigOf } from '#common/config/config.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { AgentDirectory } from '../agent-registry/directory.ts';
import { agentResource } from '../agent-registry/schema.ts';
import { AgentService } from '../agent-registry/service.ts';
import { callerOf } from '../api/access.ts';
import { Controller, type ControllerDeps } from '../api/controller.ts';
import type { neutronServerOptions } from '../config.ts';
import { extensionsOf } from '../extensions/aliases.ts';
import { floatingIpResource } from '../floatingips/schema.ts';
import { FloatingIpService } from '../floatingips/service.ts';
import { Hints } from '../hints.ts';
import { createMechanisms } from '../ml2/mechanisms/drivers.ts';
import { TypeManager } from '../ml2/type-manager.ts';
import { createTypeDrivers } from '../ml2/types/drivers.ts';
import { networkResource } from '../networks/schema.ts';
import { NetworkService } from '../networks/service.ts';
import { NovaEvents } from '../nova-notifier/events.ts';
import { pluginHandlers } from '../plugin-rpc/handlers.ts';
import { Binder } from '../ports/binder.ts';
import { portResource } from '../ports/schema.ts';
import { PortService } from '../ports/service.ts';
import { QuotaService } from '../quotas/service.ts';
import { RouterInterfaces } from '../routers/interfaces.ts';
import { routerResource } from '../routers/schema.ts';
import { RouterService } from '../routers/service.ts';
import type { NetworkType } from '../rpc.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { AgentSchedules } from '../scheduling/service.ts';
import { GroupService } from '../security-groups/group-service.ts';
import { RuleService } from '../security-groups/rule-service.ts';
import { groupResource, ruleResource } from '../security-groups/schema.ts';
import { createStore } from '../store.ts';
import { subnetPoolResource } from '../subnetpools/schema.ts';
import { SubnetPoolService } from '../subnetpools/service.ts';
import { subnetResource } from '../subnets/schema.ts';
import { SubnetService } from '../subnets/service.ts';
import type { NeutronTables } from '../tables.ts';
import type { NeutronApi } from './api.ts';
import { pluginsOf, serviceProvidersOf, type PluginDeps, type PluginName } from './service-plugins.ts';

export type ServerConfig = ConfigOf<typeof neutronServerOptions>;

export interface ServicesDeps {
  readonly conf: ServerConfig;
  readonly database: Database<NeutronTables>;
  readonly bus: Bus;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly enforcer: Enforcer;
  readonly host: string;
  /** There are events for Nova. */
  readonly novaEvents: () => void;
}

/** Everything behind the API and the agents' calls, wired together. @throws StartupError for a wrong option */
export function createServices(deps: ServicesDeps) {
  const { conf, database, bus, log, clock, ids, enforcer } = deps;
  const options = conf.DEFAULT;
  const plugins = pluginsOf(conf.DEFAULT.service_plugins);
  // Hints need the scheduler, which needs the store, which publishes hints.
  const hints: Hints = new Hints({
    bus,
    log,
    novaEvents: deps.novaEvents,
    schedule: async (changes) => {
      if (changes.scheduleNetworks.size > 0) await scheduler.scheduleNetworks([...changes.scheduleNetworks]);
      if (changes.scheduleRouters.size > 0) await scheduler.scheduleRouters([...changes.scheduleRouters]);
    },
  });
  const store = createStore({ database, publish: (changes) => hints.publish(changes) });
  const directory = new AgentDirectory({ clock, downSeconds: options.agent_down_time });
  const scheduler: Scheduler = new Scheduler({
    store,
    directory,
    log,
    dhcpAgentsPerNetwork: options.dhcp_agents_per_network,
    networkAutoSchedule: options.network_auto_schedule,
    routerAutoSchedule: options.router_auto_schedule,
    dhcpFailover: options.allow_automatic_dhcp_failover,
    l3Failover: options.allow_automatic_l3agent_failover,
  });
  const types = new TypeManager(
    createTypeDrivers(conf.ml2.type_drivers, {
      flatNetworks: conf.ml2_type_flat.flat_networks,
      vlanRanges: conf.ml2_type_vlan.network_vlan_ranges,
      greRanges: conf.ml2_type_gre.tunnel_id_ranges,
      vxlanRanges: conf.ml2_type_vxlan.vni_ranges,
      physicalMtu: options.global_physnet_mtu,
      pathMtu: conf.ml2.path_mtu,
      overlayIpVersion: conf.ml2.overlay_ip_version === 6 ? 6 : 4,
    }),
    conf.ml2.tenant_network_types,
  );
  const firewall = conf.securitygroup;
  const mechanisms = createMechanisms(conf.ml2.mechanism_drivers, {
    log,
    openvswitch: {
      portFilter: firewall.enable_security_group && !/noop/i.test(firewall.firewall_driver),
      hybridPlug: /hybrid/i.test(firewall.firewall_driver),
    },
  });
  const binder = new Binder({ mechanisms, agents: directory });
  const quotas = new QuotaService({ store, defaults: defaultsOf(conf, plugins) });
  const making = {
    ids,
    clock,
    quotas,
    baseMac: options.base_mac,
    maxFixedIps: options.max_fixed_ips_per_port,
  };
  const novaEvents = new NovaEvents({
    statusChanges: options.notify_nova_on_port_status_changes,
    dataChanges: options.notify_nova_on_port_data_changes,
    clock,
  });
  const common = { store, clock, ids, quotas };
  const networkService = new NetworkService({
    ...common,
    types,
    externalNetworkType: conf.ml2.external_network_type as NetworkType | null,
  });
  const subnetService = new SubnetService({
    ...common,
    allowOverlaps: options.allow_overlapping_ips,
    maxNameservers: options.max_dns_nameservers,
    maxHostRoutes: options.max_subnet_host_routes,
  });
  const subnetPoolService = new SubnetPoolService(common);
  const groupService = new GroupService(common);
  const portService = new PortService({
    ...common,
    making,
    binder,
    groups: groupService,
    novaEvents,
    maxPairs: options.max_allowed_address_pair,
  });
  const routerService = new RouterService({
    ...common,
    making,
    enforcer,
    snatByDefault: options.enable_snat_by_default,
    maxRoutes: options.max_routes,
  });
  const agentService = new AgentService({ store, clock, ids, directory });
  const notify = notifierOf(deps);
  const control: ControllerDeps = {
    enforcer,
    notify,
    maxLimit: /^\d+$/.test(options.pagination_max_limit) ? Number(options.pagination_max_limit) : -1,
    networkOwner: (id) => networkService.owner(id),
  };
  const api: NeutronApi = {
    networks: new Controller(networkResource, networkService, control),
    subnets: new Controller(subnetResource, subnetService, control),
    subnetPools: new Controller(subnetPoolResource, subnetPoolService, control),
    poolPrefixes: subnetPoolService,
    ports: new Controller(portResource, portService, control),
    routers: new Controller(routerResource, routerService, control),
    floatingIps: new Controller(floatingIpResource, new FloatingIpService({ ...common, making, novaEvents }), control),
    groups: new Controller(groupResource, groupService, control),
    rules: new Controller(ruleResource, new RuleService({ ...common, groups: groupService }), control),
    agents: new Controller(agentResource, agentService, control),
    interfaces: new RouterInterfaces({ store, making }),
    schedules: new AgentSchedules({ store, agents: agentService }),
    quotas,
    extensions: extensionsOf(plugins),
    serviceProviders: serviceProvidersOf(conf.service_providers.service_provider, plugins),
    store,
    clock,
    notify,
    caller: (ctx: RequestContext) => callerOf(ctx, enforcer),
  };
  const handlers = pluginHandlers({ store, clock, agents: agentService, scheduler, binder, making, novaEvents });
  const forPlugins: PluginDeps = {
    ...{ store, clock, ids, quotas, making, binder, directory, control, log },
    agents: agentService,
    groups: groupService,
    serviceProviders: api.serviceProviders,
  };
  return { api, handlers, hints, scheduler, store, types, plugins, forPlugins };
}
export type Services = ReturnType<typeof createServices>;

const defaultsOf = ({ quotas }: ServerConfig, plugins: ReadonlySet<PluginName>) => ({
  network: quotas.quota_network,
  subnet: quotas.quota_subnet,
  subnetpool: quotas.quota_subnetpool,
  port: quotas.quota_port,
  router: quotas.quota_router,
  floatingip: quotas.quota_floatingip,
  security_group: quotas.quota_security_group,
  security_group_rule: quotas.quota_security_group_rule,
  ...(plugins.has('lbaas') && {
    vip: quotas.quota_vip,
    pool: quotas.quota_pool,
    member: quotas.quota_member,
    health_monitor: quotas.quota_health_monitor,
  }),
  ...(plugins.has('firewall') && {
    firewall: quotas.quota_firewall,
    firewall_policy: quotas.quota_firewall_policy,
    firewall_rule: quotas.quota_firewall_rule,
  }),
});

/** Notifications never hold up or fail a request. */
const notifierOf =
  ({ bus, host, log }: ServicesDeps): NeutronApi['notify'] =>
  (ctx, eventType, payload, owner = ctx.projectId) =>
    void bus
      .notify({
        eventType,
        publisherId: `network.${host}`,
        priority: 'INFO',
        payload,
        ...(typeof owner === 'string' && owner !== '' && { projectId: owner }),
        requestId: ctx.requestId,
      })
      .catch((error: unknown) => log.warn(`The notification ${eventType} was not sent`, error));
