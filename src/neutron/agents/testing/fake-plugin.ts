import type { Bus, Subscription } from '#common/bus/bus.ts';
import {
  dhcpAgentRpc,
  l2AgentRpc,
  l3AgentRpc,
  pluginRpc,
  type AgentReport,
  type DeviceDetails,
  type DhcpNetwork,
  type RouterSpec,
  type SecurityGroupAnswer,
} from '../../rpc.ts';

/** The server's side of the agents' contract, with its knowledge as plain maps that a test fills. */
export class FakePlugin {
  readonly devices = new Map<string, DeviceDetails>();
  readonly filters = new Map<string, SecurityGroupAnswer['ports'][number]>();
  members: SecurityGroupAnswer['members'] = {};
  readonly networks = new Map<string, DhcpNetwork>();
  readonly routers = new Map<string, RouterSpec>();
  readonly endpoints: { ip: string; host: string }[] = [];
  /** What agents reported. */
  readonly up = new Set<string>();
  readonly floatingIps = new Map<string, string>();
  readonly reports: AgentReport[] = [];
  readonly #bus: Bus;
  #subscription: Subscription | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async start(): Promise<void> {
    const pick = <T>(map: ReadonlyMap<string, T>, ids: readonly string[]): T[] =>
      ids.flatMap((id) => (map.has(id) ? [map.get(id)!] : []));
    this.#subscription ??= await this.#bus.serve(pluginRpc, 'server', {
      reportState: (report) => void this.reports.push(report),
      tunnelSync: ({ localIp, host }) => {
        if (!this.endpoints.some(({ ip }) => ip === localIp)) this.endpoints.push({ ip: localIp, host });
        return { endpoints: this.endpoints };
      },
      deviceDetails: ({ portIds }) => ({ devices: pick(this.devices, portIds) }),
      devicesUp: ({ portIds }) => portIds.forEach((id) => this.up.add(id)),
      devicesDown: ({ portIds }) => portIds.forEach((id) => this.up.delete(id)),
      securityGroups: ({ portIds }) => ({ ports: pick(this.filters, portIds), members: this.members }),
      dhcpNetworks: () => ({ networks: [...this.networks.values()] }),
      dhcpNetwork: ({ networkId }) => ({ network: this.networks.get(networkId) ?? null }),
      routers: ({ routerIds }) => ({ routers: routerIds ? pick(this.routers, routerIds) : [...this.routers.values()] }),
      floatingIpStatus: ({ floatingIps }) => floatingIps.forEach(({ id, status }) => this.floatingIps.set(id, status)),
      metadataPort: ({ routerId, networkId, fixedIp }) => ({ port: this.#owner(routerId, networkId, fixedIp) }),
    });
  }

  /** Tells all agents that something changed. */
  async hint(): Promise<void> {
    await this.#bus.client(l2AgentRpc).fanout('portsChanged', { portIds: [...this.devices.keys()] });
    await this.#bus.client(l2AgentRpc).fanout('securityGroupsChanged', { groupIds: [] });
    await this.#bus.client(dhcpAgentRpc).fanout('networksChanged', { networkIds: [...this.networks.keys()] });
    await this.#bus.client(l3AgentRpc).fanout('routersChanged', { routerIds: [...this.routers.keys()] });
  }

  async stop(): Promise<void> {
    await this.#subscription?.close();
    this.#subscription = undefined;
  }

  #owner(routerId: string | undefined, networkId: string | undefined, fixedIp: string) {
    const behind = routerId
      ? (this.routers.get(routerId)?.interfaces.map((port) => port.networkId) ?? [])
      : [networkId];
    const device = [...this.devices.values()].find(
      ({ networkId: id, fixedIps }) => behind.includes(id) && fixedIps.some(({ ip }) => ip === fixedIp),
    );
    return device ? { portId: device.portId, deviceId: `instance-of-${device.portId}`, projectId: 'project' } : null;
  }
}
