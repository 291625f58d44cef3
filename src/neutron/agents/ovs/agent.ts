import type { Ip } from '#common/host/ip.ts';
import type { OpenFlow } from '#common/host/openflow.ts';
import type { OvsPort } from '#common/host/ovs-bridges.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { DeviceDetails } from '../../rpc.ts';
import type { PluginClient } from '../heartbeat.ts';
import { BRIDGE_MARK, DEAD_VLAN, physicalPatch } from '../names.ts';
import type { HostSwitch } from '../switch.ts';
import type { HybridFirewall } from './firewall.ts';
import type { FilteredPort } from './firewall-rules.ts';
import { FlowTables } from './flow-tables.ts';
import {
  CANARY,
  integrationFlows,
  physicalFlows,
  tunnelFlows,
  type LocalNetwork,
  type PhysicalPatch,
  type TunnelPort,
} from './flows.ts';
import { GroupMembers } from './group-members.ts';
import { LocalVlans, rememberedAs } from './local-vlans.ts';
import { syncTunnels, type TunnelSettings } from './tunnels.ts';

export interface OvsAgentSettings {
  readonly integrationBridge: string;
  /** Null: no tunnelling. */
  readonly tunnels: (TunnelSettings & { readonly intPatch: string; readonly tunPatch: string }) | null;
  /** Physical network → bridge. */
  readonly bridgeMappings: ReadonlyMap<string, string>;
}

export interface OvsAgentDeps {
  readonly host: string;
  readonly ovs: HostSwitch;
  readonly openflow: OpenFlow;
  readonly ip: Ip;
  readonly plugin: PluginClient;
  /** Null: security groups are not enforced. */
  readonly firewall: HybridFirewall | null;
  readonly settings: OvsAgentSettings;
  readonly log: Logger;
}

/** What `some` may be asked for besides ports (their ids). */
export const FIREWALL = 'firewall';
export const TUNNELS = 'tunnels';

/**
 * The wiring of one host's Open vSwitch. It keeps what the server said about the ports on br-int and makes bridges,
 * tunnels, VLANs, flows and packet filter follow. Every step compares before it changes, so each may be repeated.
 */
export class OvsAgent {
  readonly #deps: OvsAgentDeps;
  readonly #flows: FlowTables;
  readonly #vlans = new LocalVlans();
  readonly #devices = new Map<string, DeviceDetails>();
  readonly #filters = new Map<string, FilteredPort>();
  readonly #reportedUp = new Set<string>();
  readonly #silenced = new Set<string>();
  readonly #members = new GroupMembers();
  #patches: readonly PhysicalPatch[] = [];
  #tunnelPatch = 0;
  #tunnels: readonly TunnelPort[] = [];

  constructor(deps: OvsAgentDeps) {
    this.#deps = deps;
    this.#flows = new FlowTables(deps.openflow);
  }

  /** ovs-vswitchd has restarted: it has lost all flows. */
  switchRestarted(): void {
    this.#flows.forget();
  }

  /** Ids of the ports that are on br-int now. */
  present(): Map<string, OvsPort> {
    const ports = this.#deps.ovs.bridges.ports(this.#deps.settings.integrationBridge);
    return new Map(
      ports.flatMap((port) => {
        const id = port.externalIds['iface-id'];
        return id && port.ofport !== undefined && port.ofport >= 0 ? [[id, port] as const] : [];
      }),
    );
  }

  /** Whether the agent wires this port now, in which network it is, for hints that name networks. */
  portsOf(networkId: string): string[] {
    return [...this.#devices.values()].filter((device) => device.networkId === networkId).map(({ portId }) => portId);
  }

  async all(): Promise<void> {
    const { ovs, openflow, settings } = this.#deps;
    await this.#ensureBridges();
    await ovs.bridges.sync();
    const canary = await openflow.dump(settings.integrationBridge, CANARY);
    if (canary.length === 0) this.#flows.forget();
    await this.#syncTunnels();
    const present = this.present();
    this.#vlans.restore([...present.values()]);
    await this.#learnDevices(present, [...present.keys()]);
    await this.#learnFilters(present, undefined);
    await this.#apply(present);
  }

  async some(keys: ReadonlySet<string>): Promise<void> {
    const present = this.present();
    const ports = [...keys].filter((key) => key !== FIREWALL && key !== TUNNELS);
    if (keys.has(TUNNELS)) await this.#syncTunnels();
    const here = ports.filter((id) => present.has(id));
    await this.#learnDevices(present, here);
    if (keys.has(FIREWALL)) await this.#learnFilters(present, undefined);
    else await this.#learnFilters(present, here);
    await this.#apply(present, here);
  }

  async #ensureBridges(): Promise<void> {
    const { ovs, settings } = this.#deps;
    const { bridges, datapathType } = ovs;
    const { integrationBridge: int, tunnels, bridgeMappings } = settings;
    const spec = { datapathType, failMode: 'secure', externalIdsWhenNew: BRIDGE_MARK } as const;
    await bridges.ensureBridge(int, spec);
    if (tunnels) {
      await bridges.ensureBridge(tunnels.bridge, spec);
      const [, patch] = await Promise.all([
        bridges.ensurePort(int, tunnels.intPatch, { type: 'patch', peer: tunnels.tunPatch }),
        bridges.ensurePort(tunnels.bridge, tunnels.tunPatch, { type: 'patch', peer: tunnels.intPatch }),
      ]);
      this.#tunnelPatch = patch.ofport!;
    }
    const patches: PhysicalPatch[] = [];
    for (const [physicalNetwork, bridge] of bridgeMappings) {
      if (!bridges.bridges().includes(bridge))
        throw new Error(
          `Bridge ${bridge} of physical network ${physicalNetwork} does not exist: ovs-vsctl add-br ${bridge}`,
        );
      const names = physicalPatch(bridge);
      const [inner, outer] = await Promise.all([
        bridges.ensurePort(int, names.int, { type: 'patch', peer: names.phy }),
        bridges.ensurePort(bridge, names.phy, { type: 'patch', peer: names.int }),
      ]);
      patches.push({ bridge, physicalNetwork, intPort: inner.ofport!, phyPort: outer.ofport! });
    }
    this.#patches = patches;
  }

  async #syncTunnels(): Promise<void> {
    const { ovs, plugin, host, settings } = this.#deps;
    if (settings.tunnels)
      this.#tunnels = await syncTunnels({ bridges: ovs.bridges, plugin, host, settings: settings.tunnels });
  }

  /** Asks the server about ports; forgets those that are not on the bridge or that the server does not know. */
  async #learnDevices(present: ReadonlyMap<string, OvsPort>, ids: readonly string[]): Promise<void> {
    for (const id of this.#devices.keys()) if (!present.has(id)) this.#devices.delete(id);
    if (ids.length === 0) return;
    const { devices } = await this.#deps.plugin.call('deviceDetails', { host: this.#deps.host, portIds: ids });
    for (const id of ids) this.#devices.delete(id);
    for (const device of devices) if (present.has(device.portId)) this.#devices.set(device.portId, device);
  }

  /** Asks for the filters of some ports, or of all (undefined). */
  async #learnFilters(present: ReadonlyMap<string, OvsPort>, ids: readonly string[] | undefined): Promise<void> {
    for (const id of this.#filters.keys()) if (!this.#filtered(present, id)) this.#filters.delete(id);
    const asked = (ids ?? [...this.#devices.keys()]).filter((id) => this.#filtered(present, id));
    if (!this.#deps.firewall || asked.length === 0) return;
    const answer = await this.#deps.plugin.call('securityGroups', {
      host: this.#deps.host,
      portIds: asked,
      knownMembers: this.#members.versions,
    });
    this.#members.take(answer, ids === undefined);
    for (const id of asked) {
      const { mac, networkId, fixedIps, allowedAddressPairs } = this.#devices.get(id)!;
      // A port that the answer leaves out gets a filter without any rule: nothing passes.
      const closed = {
        portId: id,
        mac,
        networkId,
        fixedIps,
        allowedAddressPairs,
        portSecurity: true,
        rules: [],
        dhcpServers: [],
      };
      this.#filters.set(id, answer.ports.find(({ portId }) => portId === id) ?? closed);
    }
  }

  /** Guests' ports with a bridge of their own are filtered; the cloud's own ports (DHCP, routers) are not. */
  #filtered(present: ReadonlyMap<string, OvsPort>, id: string): boolean {
    const device = this.#devices.get(id);
    return (
      device !== undefined &&
      !device.deviceOwner.startsWith('network:') &&
      present.get(id)?.name.startsWith('qvo') === true
    );
  }

  /** @param named ports that were asked for by name: their state is told whatever was told before */
  async #apply(present: ReadonlyMap<string, OvsPort>, named: readonly string[] = []): Promise<void> {
    const alive = [...this.#devices.values()].filter(({ adminStateUp }) => adminStateUp);
    const networks = new Map(
      alive.map((device) => [device.portId, this.#vlans.ensure(device.networkId, device.segment)]),
    );
    this.#vlans.keep(new Set(alive.map(({ networkId }) => networkId)));
    // The filter stands before a port is let out of the dead VLAN.
    await this.#applyFirewall(present);
    await this.#applyFlows(present, networks);
    await this.#applyTags(present, networks);
    await this.#report(new Set(alive.map(({ portId }) => portId)), named);
  }

  async #applyFirewall(present: ReadonlyMap<string, OvsPort>): Promise<void> {
    const filters = [...this.#filters.values()].sort((a, b) => (a.portId < b.portId ? -1 : 1));
    await this.#deps.firewall?.apply({
      ports: filters.filter(({ portSecurity }) => portSecurity),
      members: this.#members.current,
      openPorts: filters.filter(({ portSecurity }) => !portSecurity).map(({ portId }) => portId),
      switchTaps: [...present.values()]
        .map(({ name }) => name)
        .filter((name) => name.startsWith('tap'))
        .sort(),
    });
    await this.#silence(present);
  }

  /** The host's own stack answers ARP on any device for any of its addresses: not on these. */
  async #silence(present: ReadonlyMap<string, OvsPort>): Promise<void> {
    const names = new Set([...present.values()].map(({ name }) => name));
    for (const name of this.#silenced) if (!names.has(name)) this.#silenced.delete(name);
    const loud = [...names].filter((name) => name.startsWith('qvo') && !this.#silenced.has(name));
    await this.#deps.ip.batch(
      loud.flatMap((qvo) => [qvo, qvo.replace(/^qvo/, 'qbr')].map((device) => `link set ${device} arp off`)),
    );
    for (const name of loud) this.#silenced.add(name);
  }

  async #applyFlows(present: ReadonlyMap<string, OvsPort>, networks: ReadonlyMap<string, LocalNetwork>): Promise<void> {
    const { integrationBridge, tunnels } = this.#deps.settings;
    const all = this.#vlans.list();
    const dead = [...present].filter(([id]) => !networks.has(id)).map(([, port]) => port.ofport!);
    await Promise.all([
      this.#flows.sync(integrationBridge, integrationFlows(all, this.#patches, dead)),
      ...(tunnels ? [this.#flows.sync(tunnels.bridge, tunnelFlows(this.#tunnelPatch, all, this.#tunnels))] : []),
      ...this.#patches.map((patch) =>
        this.#flows.syncPart(patch.bridge, `table=0,in_port=${patch.phyPort}`, physicalFlows(patch, all)),
      ),
    ]);
  }

  async #applyTags(present: ReadonlyMap<string, OvsPort>, networks: ReadonlyMap<string, LocalNetwork>): Promise<void> {
    const tags = [...present].map(([id, { name }]) => {
      const network = networks.get(id);
      if (!network) this.#deps.log.debug(`Port ${id} (${name}) is unknown to the server or switched off: no traffic`);
      return [name, network ? { tag: network.vlan, otherConfig: rememberedAs(network) } : { tag: DEAD_VLAN }] as const;
    });
    await this.#deps.ovs.bridges.setTags(Object.fromEntries(tags));
  }

  async #report(alive: ReadonlySet<string>, named: readonly string[]): Promise<void> {
    const { plugin, host } = this.#deps;
    const up = [...alive].filter((id) => !this.#reportedUp.has(id) || named.includes(id));
    const down = [...new Set([...this.#reportedUp, ...named])].filter((id) => !alive.has(id));
    if (up.length > 0) await plugin.cast('devicesUp', { host, portIds: up });
    for (const id of up) this.#reportedUp.add(id);
    if (down.length > 0) await plugin.cast('devicesDown', { host, portIds: down });
    for (const id of down) this.#reportedUp.delete(id);
  }

  /** For the heartbeat. */
  deviceCount(): number {
    return this.#devices.size;
  }
}
