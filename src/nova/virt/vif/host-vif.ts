import { Ip } from '#common/host/ip.ts';
import type { OvsBridges, PortSpec } from '#common/host/ovs-bridges.ts';
import type { Run } from '#common/host/run.ts';
import type { GuestInterface } from '../driver.ts';
import { readMarkedLinks, type MarkedLink } from './links.ts';
import type { OvsConnection } from './ovs-connection.ts';
import { namesOf, vifNames, type PlugOptions, type VifPlugger, type WiredPort } from './vif.ts';

export interface HostVifDeps {
  readonly run: Run;
  readonly ovs: OvsConnection;
  /** Marks what we make, so that what a crash left can be told from what others made. */
  readonly installation: string;
  /** Milliseconds to wait for the network agent to make its bridge; 10 000 unless told. */
  readonly bridgeTimeoutMs?: number;
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const DEVICE = /^[A-Za-z0-9_.-]{1,15}$/;
/** The agent's tag for ports that no network claims. */
const DEAD_VLAN = 4095;

/** Wires guests by `ip` and Open vSwitch's database. One `ip` process and one transaction per call, whatever the number. */
export function createHostVif(deps: HostVifDeps): VifPlugger {
  const { run } = deps;
  const ip = new Ip(run);
  const mark = (guestId: string): string => `nova:${deps.installation}:${guestId}`;

  const bridgesWith = async (names: readonly string[]): Promise<OvsBridges> => {
    const bridges = await deps.ovs.get();
    const timeoutMs = deps.bridgeTimeoutMs ?? 10_000;
    for (const name of new Set(names))
      await bridges.db
        .waitFor(() => bridges.bridges().includes(name), `bridge ${name}`, timeoutMs)
        .catch((cause: unknown) => {
          throw new Error(
            `Open vSwitch has no bridge ${name} after ${timeoutMs / 1000} s. Start neutron-openvswitch-agent on this host: it makes the bridge.`,
            { cause },
          );
        });
    return bridges;
  };

  /** Absent devices are left out first: each would be a complaint of iproute2. */
  const removeLinks = async (names: readonly string[]): Promise<void> => {
    const links = await readMarkedLinks(run);
    await ip.deleteLinks(names.filter((name) => links.has(name)));
  };

  return {
    async plug(guestId, nics, options) {
      for (const nic of nics) check(nic);
      if (nics.length === 0) return;
      const overOvs = nics.filter((nic) => nic.vif.type === 'ovs');
      const [links, bridges] = await Promise.all([
        readMarkedLinks(run),
        overOvs.length === 0 ? undefined : bridgesWith(overOvs.map((nic) => nic.vif.bridge)),
      ]);
      const wanted = nics.flatMap((nic) => (nic.vif.type === 'bridge' ? [nic.vif.bridge] : []));
      const missing = [...new Set(wanted)].filter((bridge) => !links.has(bridge));
      await ip.batch([
        ...missing.flatMap((bridge) => [
          `link add dev ${bridge} type bridge forward_delay 0 stp_state 0`,
          `link set dev ${bridge} up`,
        ]),
        ...nics.flatMap((nic) => linkCommands(nic, mark(guestId), links, options)),
      ]);
      if (!bridges) return;
      // The port in the database is the last thing made: with it there, the steps before it were done.
      const unplugged = overOvs.filter((nic) => nic.vif.hybrid && !bridges.port(vifNames(nic.portId).qvo));
      // Frames must reach a userspace datapath with finished checksums (TCP would hang): switch offloads off.
      await Promise.all(
        unplugged.map((nic) => run(['ethtool', '-K', vifNames(nic.portId).qvb, 'tx', 'off'], { ok: [0, 1] })),
      );
      for (const [bridge, ports] of byBridge(overOvs, guestId, deps.installation))
        await bridges.ensurePorts(bridge, ports);
    },

    async unplug(nics) {
      if (nics.length === 0) return;
      const names = nics.map((nic) => vifNames(nic.portId));
      await removeLinks(names.flatMap(hostDevices));
      if (nics.some((nic) => nic.vif.type === 'ovs'))
        await (await deps.ovs.get()).deletePorts(names.flatMap(({ qvo, tap }) => [qvo, tap]));
    },

    async listOurs() {
      const found = new Map<string, WiredPort>();
      const add = (guestId: string, device: string): void => {
        const port = device.slice(3);
        found.set(`${guestId} ${port}`, { guestId, port });
      };
      const prefix = mark('');
      for (const [name, { alias }] of await readMarkedLinks(run))
        if (alias?.startsWith(prefix)) add(alias.slice(prefix.length), name);
      // An Open vSwitch that is away shows nothing; its ports are found when it is back.
      const bridges = await deps.ovs.get().catch(() => undefined);
      for (const { name, externalIds } of bridges?.ports() ?? [])
        if (externalIds['installation'] === deps.installation && externalIds['vm-uuid'])
          add(externalIds['vm-uuid'], name);
      return [...found.values()];
    },

    async remove(ports) {
      if (ports.length === 0) return;
      const names = ports.map(({ port }) => namesOf(port));
      await removeLinks(names.flatMap(hostDevices));
      const bridges = await deps.ovs.get().catch(() => undefined);
      await bridges?.deletePorts(names.flatMap(({ qvo, tap }) => [qvo, tap]));
    },

    async unwired(nics, timeoutMs, signal) {
      const names = nics
        .filter((nic) => nic.vif.type === 'ovs')
        .map((nic) => ({ portId: nic.portId, device: portName(nic) }));
      if (names.length === 0) return [];
      const bridges = await deps.ovs.get();
      const left = (): string[] =>
        names.filter(({ device }) => !tagged(bridges.port(device)?.tag)).map(({ portId }) => portId);
      const aborted = new Promise<void>((resolve) =>
        signal?.addEventListener('abort', () => resolve(), { once: true }),
      );
      const wired = bridges.db
        .waitFor(() => left().length === 0, 'the network agent', timeoutMs)
        .catch(() => undefined);
      await Promise.race([wired, aborted]);
      return left();
    },

    close: () => deps.ovs.close(),
  };
}

const tagged = (tag: number | undefined): boolean => tag !== undefined && tag !== DEAD_VLAN;
const hostDevices = ({ tap, qvb, qbr }: ReturnType<typeof namesOf>): string[] => [tap, qvb, qbr];
const portName = (nic: GuestInterface): string => {
  const { qvo, tap } = vifNames(nic.portId);
  return nic.vif.hybrid ? qvo : tap;
};

/** What goes into `ip -batch` and the database must be what it says. @throws Error */
function check(nic: GuestInterface): void {
  if (nic.vif.type === 'unbound')
    throw new Error(`Port ${nic.portId} is not bound to this host: no network agent here serves its network.`);
  if (!MAC.test(nic.mac)) throw new Error(`"${nic.mac}" is not a MAC address`);
  if (!DEVICE.test(nic.vif.bridge)) throw new Error(`"${nic.vif.bridge}" is not the name of a bridge`);
  if (!Number.isInteger(nic.mtu)) throw new Error(`"${nic.mtu}" is not an MTU`);
}

function linkCommands(
  nic: GuestInterface,
  alias: string,
  links: ReadonlyMap<string, MarkedLink>,
  { makeTap }: PlugOptions,
): string[] {
  const names = vifNames(nic.portId);
  const hybrid = nic.vif.type === 'ovs' && nic.vif.hybrid;
  const plain = nic.vif.type === 'ovs' && !nic.vif.hybrid;
  const commands: string[] = [];
  /** Sets what differs. No link-local address: the host must not be reachable from a tenant's network. */
  const settle = (name: string, want: { master?: string; mtu?: number; promisc?: boolean }): void => {
    const link = links.get(name);
    const same =
      link?.up === true &&
      link.alias === alias &&
      (want.master === undefined || link.master === want.master) &&
      (want.mtu === undefined || link.mtu === want.mtu);
    if (same) return;
    // In two steps: in one, the kernel switches the device on (and gives it the address) before it hears of the mode.
    commands.push(
      [
        `link set dev ${name} alias ${alias} addrgenmode none`,
        ...(want.mtu === undefined ? [] : [`mtu ${want.mtu}`]),
        ...(want.master === undefined ? [] : [`master ${want.master}`]),
      ].join(' '),
      `link set dev ${name}${want.promisc ? ' promisc on' : ''} up`,
    );
  };
  if (hybrid) {
    if (!links.has(names.qbr))
      commands.push(`link add dev ${names.qbr} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`);
    if (!links.has(names.qvb)) {
      // A lone qvo can only be another's, or one whose peer sits in another namespace: in both cases of no use.
      if (links.has(names.qvo)) commands.push(`link delete dev ${names.qvo}`);
      commands.push(`link add dev ${names.qvb} mtu ${nic.mtu} type veth peer name ${names.qvo} mtu ${nic.mtu}`);
    }
    settle(names.qbr, {});
    settle(names.qvb, { master: names.qbr, mtu: nic.mtu, promisc: true });
    settle(names.qvo, { mtu: nic.mtu, promisc: true });
  }
  const master = hybrid ? names.qbr : plain ? undefined : nic.vif.bridge;
  if (links.has(names.tap)) settle(names.tap, { mtu: nic.mtu, ...(master !== undefined && { master }) });
  else if (makeTap || plain) {
    commands.push(`tuntap add dev ${names.tap} mode tap`);
    settle(names.tap, { mtu: nic.mtu, ...(master !== undefined && { master }) });
  }
  return commands;
}

function byBridge(
  nics: readonly GuestInterface[],
  guestId: string,
  installation: string,
): Map<string, Record<string, PortSpec>> {
  const ports = new Map<string, Record<string, PortSpec>>();
  for (const nic of nics) {
    const externalIds = {
      'iface-id': nic.portId,
      'iface-status': 'active',
      'attached-mac': nic.mac,
      'vm-uuid': guestId,
      installation,
    };
    ports.set(nic.vif.bridge, { ...ports.get(nic.vif.bridge), [portName(nic)]: { externalIds } });
  }
  return ports;
}
