import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cutConnections } from '#common/host/conntrack.ts';
import { Ip } from '#common/host/ip.ts';
import { IpSets } from '#common/host/ipset.ts';
import { Iptables } from '#common/host/iptables.ts';
import { NetworkNamespaces } from '#common/host/netns.ts';
import type { OvsBridges } from '#common/host/ovs-bridges.ts';
import { hasProgram } from '#common/host/privileges.ts';
import { identify, terminate } from '#common/host/process.ts';
import type { Run } from '#common/host/run.ts';
import { Supervisor } from '#common/host/supervisor.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { BRIDGE_MARK, portPartOf } from './names.ts';
import { ownsChain, ownsSet, zonesOf, ZONE_CHAIN } from './ovs/firewall-rules.ts';
import { OwnedNamespaces } from './owned-namespaces.ts';

export interface NetworkCleanupDeps {
  readonly run: Run;
  /** The agents' state_path. */
  readonly statePath: string;
  /** Undefined when Open vSwitch does not run (any more). */
  readonly bridges?: OvsBridges;
}

/** Folders of the agents' own files under state_path, with what is inside. */
export const agentFolders = (statePath: string) => ({
  namespaces: ['dhcp', 'l3', 'lbaas'].map((agent) => join(statePath, agent, '.namespaces')),
  processes: [
    ...['dhcp', 'lbaas'].map((agent) => join(statePath, agent, '.processes')),
    ...['dhcp', 'l3'].map((agent) => join(statePath, agent, '.metadata')),
  ],
});

/**
 * Removes everything that the network agents of this host made: helper programs, namespaces, ports, bridges, devices,
 * packet-filter rules, sets, tracked connections. The agents and the guests must have ended. Nothing foreign is touched;
 * what is gone already is no error, so it may be repeated.
 */
export async function removeAllNetworkDevices({ run, statePath, bridges }: NetworkCleanupDeps): Promise<void> {
  const folders = agentFolders(statePath);
  for (const folder of folders.processes) await stopAll(run, folder);
  for (const folder of folders.namespaces) await removeNamespaces(run, folder);
  const ip = new Ip(run);
  const devices = [...(await ip.links()).keys()].filter((name) => portPartOf(name) !== undefined);
  await ip.deleteLinks(devices);
  if (bridges) await removeBridges(bridges);
  await removeFilter(run);
}

async function stopAll(run: Run, folder: string): Promise<void> {
  const supervisor = new Supervisor({ folder, run, log: silentLogger });
  for (const file of await readdir(folder).catch(() => [])) {
    const name = /^(.*)\.process\.json$/.exec(file)?.[1];
    if (name) await supervisor.stop(name);
  }
  await rm(folder, { recursive: true, force: true });
}

async function removeNamespaces(run: Run, folder: string): Promise<void> {
  const owned = new OwnedNamespaces(run, folder);
  const namespaces = new NetworkNamespaces(run);
  for (const name of await owned.list()) {
    if (await owned.exists(name)) {
      for (const process of (await namespaces.pids(name)).map(identify)) if (process) await terminate(process);
      const inside = new Ip(run, name);
      await inside.deleteLinks([...(await inside.links()).keys()].filter((device) => portPartOf(device) !== undefined));
    }
    await owned.delete(name);
  }
}

async function removeBridges(bridges: OvsBridges): Promise<void> {
  const [mark, value] = Object.entries(BRIDGE_MARK)[0]!;
  for (const bridge of bridges.bridges())
    if (bridges.bridgeExternalIds(bridge)?.[mark] === value) await bridges.deleteBridge(bridge);
  // On bridges that others made: our ports, and the patches to bridges of ours that are gone now.
  const left = bridges
    .ports()
    .filter(({ name, type }) => portPartOf(name) !== undefined || (type === 'patch' && /^(int|phy)-/.test(name)));
  await bridges.deletePorts(left.map(({ name }) => name));
}

async function removeFilter(run: Run): Promise<void> {
  if (!hasProgram('iptables')) return;
  for (const family of [4, 6] as const) {
    const tables = new Iptables({ run, family, owns: ownsChain });
    const zones = zonesOf((await tables.current()).get('raw')?.get(ZONE_CHAIN) ?? []);
    await tables.remove();
    await cutConnections(
      run,
      [...new Set(zones.values())].map((zone) => ({ family, zone })),
    );
  }
  if (hasProgram('ipset')) await new IpSets(run, ownsSet).prune(new Set());
}
