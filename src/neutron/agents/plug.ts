import { Ip } from '#common/host/ip.ts';
import type { Run } from '#common/host/run.ts';
import { DEAD_VLAN, portPartOf } from './names.ts';
import type { HostSwitch } from './switch.ts';

export interface Plug {
  readonly bridge: string;
  /** The same name on both ends: `qr-…`, `qg-…`, `tap…`. */
  readonly device: string;
  readonly portId: string;
  readonly mac: string;
  readonly netns: string;
  /** Bytes. */
  readonly mtu: number;
  /** Plugged into br-int: the Open vSwitch agent will give it its VLAN. */
  readonly integration: boolean;
}

/**
 * Plugs ports of the L3 and DHCP agents: a pair of veth devices, one end on the bridge, one in the namespace.
 * Not an internal port of Open vSwitch: such a one, moved into a namespace, is dead after a restart of ovs-vswitchd
 * with the userspace datapath, while a veth pair survives it on either datapath.
 */
export class Plugger {
  readonly #run: Run;
  readonly #ip: Ip;
  readonly #ovs: HostSwitch;
  /** Devices whose checksum offload is known to be off. */
  readonly #checked = new Set<string>();

  constructor(run: Run, ovs: HostSwitch) {
    this.#run = run;
    this.#ip = new Ip(run);
    this.#ovs = ovs;
  }

  /** Idempotent. */
  async plug({ bridge, device, portId, mac, netns, mtu, integration }: Plug): Promise<void> {
    const { bridges, datapathType } = this.#ovs;
    const inside = this.#ip.in(netns);
    const key = `${netns}/${device}`;
    // The userspace datapath holds on to the device that it opened: one that is made anew must be plugged anew.
    if (!(await this.#ip.hasVeth(device, { name: device, netns }))) await bridges.deletePort(device);
    const made = await this.#ip.ensureVeth(device, { name: device, netns, mac });
    const link = await inside.link(device);
    if (made || link?.mac !== mac || link.mtu !== mtu || !link.up) {
      // The host's stack shall not answer there, neither to ARP nor by a link-local address.
      await this.#ip.batch([`link set ${device} mtu ${mtu} arp off addrgenmode none up`]);
      await inside.batch([`link set ${device} address ${mac} mtu ${mtu} up`]);
    }
    // The userspace datapath reads frames as the sender left them: with unfinished checksums TCP would hang.
    if (datapathType === 'netdev' && (made || !this.#checked.has(key)))
      await this.#run(['ethtool', '-K', device, 'tx', 'off'], { netns });
    this.#checked.add(key);
    await bridges.ensurePort(bridge, device, {
      ...(integration && bridges.port(device) === undefined && { tag: DEAD_VLAN }),
      externalIds: { 'iface-id': portId, 'iface-status': 'active', 'attached-mac': mac, namespace: netns },
    });
  }

  /** The devices that are plugged into a namespace, or half plugged. */
  async pluggedInto(netns: string): Promise<string[]> {
    const stored = this.#ovs.bridges.ports().filter(({ externalIds }) => externalIds['namespace'] === netns);
    const inside = await this.#ip
      .in(netns)
      .links()
      .catch(() => new Map<string, unknown>()); // no such namespace (any more)
    const devices = [...inside.keys()].filter((name) => portPartOf(name) !== undefined);
    return [...new Set([...stored.map(({ name }) => name), ...devices])];
  }

  /** Absent ones are no error. The devices go first: a port without device is still found, the reverse is not. */
  async unplug(devices: readonly string[]): Promise<void> {
    await this.#ip.deleteLinks(devices);
    await this.#ovs.bridges.deletePorts(devices);
  }
}
