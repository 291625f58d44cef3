import { randomUUID } from 'node:crypto';
import type { FirewallRule, FixedIp, RouterPort, Segment } from '../../rpc.ts';
import type { FakePlugin } from './fake-plugin.ts';

export const SUBNET = { id: randomUUID(), cidr: '192.168.27.0/24', gatewayIp: '192.168.27.1' };
export const EXTERNAL = { id: randomUUID(), cidr: '172.31.99.0/24', gatewayIp: '172.31.99.1' };
const MTU = 1450;

export const rule = (over: Partial<FirewallRule>): FirewallRule => ({
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: null,
  portMin: null,
  portMax: null,
  remoteCidr: null,
  remoteGroupId: null,
  ...over,
});
export const outgoing = rule({ direction: 'egress' });

const inner = (ip: string): FixedIp => ({ subnetId: SUBNET.id, ip, prefixLength: 24 });
let macs = 0;
const mac = (): string => `fa:16:3e:99:00:${(++macs).toString(16).padStart(2, '0')}`;

/** One tenant network with a DHCP port, a router to an external network, and guests' ports. */
export class Scenario {
  readonly networkId = randomUUID();
  readonly routerId = randomUUID();
  readonly gatewayIp = '172.31.99.10';
  readonly #plugin: FakePlugin;
  readonly #segment: Segment;

  constructor(
    plugin: FakePlugin,
    segment: Segment = { networkType: 'vxlan', physicalNetwork: null, segmentationId: 77 },
  ) {
    this.#plugin = plugin;
    this.#segment = segment;
  }

  /** A network of its own DHCP server. */
  addNetwork(hasRouter: boolean): void {
    const id = randomUUID();
    const port = { id, mac: mac(), fixedIps: [inner('192.168.27.2')] };
    this.#plugin.networks.set(this.networkId, {
      id: this.networkId,
      projectId: 'project',
      adminStateUp: true,
      mtu: MTU,
      segment: this.#segment,
      subnets: [{ ...SUBNET, ipVersion: 4, enableDhcp: true, dnsNameservers: [], hostRoutes: [], hasRouter }],
      dhcpPort: port,
      ports: [],
    });
    this.#addDevice(id, port.mac, port.fixedIps, 'network:dhcp');
  }

  addRouter(): void {
    const inside: RouterPort = {
      id: randomUUID(),
      networkId: this.networkId,
      mac: mac(),
      mtu: MTU,
      fixedIps: [inner(SUBNET.gatewayIp)],
      subnets: [SUBNET],
    };
    const outside = { subnetId: EXTERNAL.id, ip: this.gatewayIp, prefixLength: 24 };
    this.#plugin.routers.set(this.routerId, {
      id: this.routerId,
      name: 'router',
      projectId: 'project',
      adminStateUp: true,
      enableSnat: true,
      interfaces: [inside],
      gatewayPort: {
        ...{
          id: randomUUID(),
          networkId: randomUUID(),
          mac: mac(),
          mtu: 1500,
          fixedIps: [outside],
          subnets: [EXTERNAL],
        },
        segment: { networkType: 'flat', physicalNetwork: 'external', segmentationId: null },
      },
      routes: [],
      floatingIps: [],
    });
    this.#addDevice(inside.id, inside.mac, inside.fixedIps, 'network:router_interface');
  }

  /** Rules of the port's security groups; members of a remote group are set at the plugin. */
  addGuestPort(ip: string, rules: readonly FirewallRule[]): { portId: string; mac: string } {
    const portId = randomUUID();
    const address = mac();
    this.#addDevice(portId, address, [inner(ip)], 'compute:nova');
    const network = this.#plugin.networks.get(this.networkId)!;
    const port = {
      id: portId,
      mac: address,
      fixedIps: [inner(ip)],
      hostname: `host-${ip.replaceAll('.', '-')}`,
      extraDhcpOpts: [],
    };
    this.#plugin.networks.set(this.networkId, { ...network, ports: [...network.ports, port] });
    this.#plugin.filters.set(portId, {
      ...{
        portId,
        mac: address,
        networkId: this.networkId,
        fixedIps: [inner(ip)],
        allowedAddressPairs: [],
        portSecurity: true,
      },
      ...{ rules, dhcpServers: ['192.168.27.2'] },
    });
    return { portId, mac: address };
  }

  setRules(portId: string, rules: readonly FirewallRule[]): void {
    this.#plugin.filters.set(portId, { ...this.#plugin.filters.get(portId)!, rules });
  }

  removeGuestPort(portId: string): void {
    this.#plugin.devices.delete(portId);
    this.#plugin.filters.delete(portId);
    const network = this.#plugin.networks.get(this.networkId)!;
    this.#plugin.networks.set(this.networkId, { ...network, ports: network.ports.filter(({ id }) => id !== portId) });
  }

  #addDevice(portId: string, address: string, fixedIps: readonly FixedIp[], deviceOwner: string): void {
    this.#plugin.devices.set(portId, {
      ...{ portId, mac: address, fixedIps, deviceOwner, networkId: this.networkId, adminStateUp: true, mtu: MTU },
      ...{ segment: this.#segment, allowedAddressPairs: [], portSecurity: !deviceOwner.startsWith('network:') },
    });
  }
}
