import type { RpcHandlers } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { AgentService } from '../agent-registry/service.ts';
import { setFloatingIpStatus } from '../floatingips/rows.ts';
import { groupBy } from '../list-rows.ts';
import { textKey } from '../ipam/address.ts';
import type { NovaEvents } from '../nova-notifier/events.ts';
import type { Binder } from '../ports/binder.ts';
import type { MakePortDeps } from '../ports/make.ts';
import { setStatus } from '../ports/rows.ts';
import type { pluginRpc } from '../rpc.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { Store } from '../store.ts';
import { deviceDetails } from './devices.ts';
import { dhcpNetworksOf } from './dhcp.ts';
import { routersOf } from './routers.ts';
import { MemberVersions } from './member-versions.ts';
import { portByAddress, setTunnelEndpoint, tunnelEndpoints } from './rows.ts';
import { securityGroupsOf } from './security-groups.ts';

export interface PluginDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly agents: AgentService;
  readonly scheduler: Scheduler;
  readonly binder: Binder;
  readonly making: MakePortDeps;
  readonly novaEvents: NovaEvents;
}

/** What agents ask and report. Every handler may be repeated. */
export function pluginHandlers(deps: PluginDeps): RpcHandlers<(typeof pluginRpc)['methods']> {
  const { store, clock, agents, scheduler, novaEvents } = deps;
  const versions = new MemberVersions();
  const turn = (host: string, portIds: readonly string[], status: 'ACTIVE' | 'DOWN'): Promise<void> =>
    store.write(async (db, told) => {
      const changed = await setStatus(db, portIds, host, status, isoMicros(clock.now()));
      await novaEvents.statusChanged(db, told, changed, status);
    });
  return {
    reportState: async (report) => {
      const agent = await agents.report(report);
      if (agent) await scheduler.agentReady(agent);
    },
    tunnelSync: async ({ host, tunnelType, localIp }) => {
      await store.write(async (db, told) => {
        if (await setTunnelEndpoint(db, tunnelType, host, localIp)) told.tunnelTypes.add(tunnelType);
      });
      const rows = await tunnelEndpoints(store.query, tunnelType);
      return { endpoints: rows.map((row) => ({ ip: row.ip_address, host: row.host })) };
    },
    deviceDetails: async ({ host, portIds }) => ({ devices: await deviceDetails(deps, host, portIds) }),
    devicesUp: ({ host, portIds }) => turn(host, portIds, 'ACTIVE'),
    devicesDown: ({ host, portIds }) => turn(host, portIds, 'DOWN'),
    securityGroups: ({ portIds, knownMembers }) => securityGroupsOf(store.query, portIds, versions, knownMembers),
    dhcpNetworks: async ({ host }) => ({ networks: await dhcpNetworksOf(deps, host) }),
    dhcpNetwork: async ({ host, networkId }) => ({
      network: (await dhcpNetworksOf(deps, host, networkId))[0] ?? null,
    }),
    routers: async ({ host, routerIds }) => ({ routers: await routersOf(deps, host, routerIds) }),
    floatingIpStatus: async ({ floatingIps }) => {
      await store.write(async (db) => {
        for (const [status, group] of groupBy(floatingIps, (one) => one.status))
          await setFloatingIpStatus(
            db,
            group.map(({ id }) => id),
            status,
          );
      });
    },
    metadataPort: async ({ routerId, networkId, fixedIp }) => {
      const key = textKey(fixedIp);
      const port = key === null ? undefined : await portByAddress(store.query, { routerId, networkId }, key);
      return { port: port ? { portId: port.id, deviceId: port.device_id, projectId: port.project_id } : null };
    },
  };
}
