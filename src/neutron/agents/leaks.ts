import { Ip } from '#common/host/ip.ts';
import { IpSets } from '#common/host/ipset.ts';
import { Iptables } from '#common/host/iptables.ts';
import type { OvsBridges } from '#common/host/ovs-bridges.ts';
import type { Run } from '#common/host/run.ts';
import { agentFolders } from './cleanup.ts';
import { dhcpNamespace, loadBalancerNamespace, portPart, portPartOf, routerNamespace } from './names.ts';
import { ownsChain, ownsSet } from './ovs/firewall-rules.ts';
import { OwnedNamespaces } from './owned-namespaces.ts';

/** What this host should have, by the server's knowledge. */
export interface DesiredNetwork {
  /** Networks with DHCP here. */
  readonly networkIds: ReadonlySet<string>;
  readonly routerIds: ReadonlySet<string>;
  /** Pools that are balanced here; none unless told. */
  readonly poolIds?: ReadonlySet<string>;
  /** Every port that is bound to this host: guests', DHCP's, routers'. */
  readonly portIds: ReadonlySet<string>;
}

/** Something of ours that nobody needs. */
export interface NetworkLeak {
  readonly kind: 'namespace' | 'device' | 'switch port' | 'iptables chain' | 'ipset';
  readonly name: string;
}

export interface LeakSearchDeps {
  readonly run: Run;
  readonly statePath: string;
  readonly bridges?: OvsBridges;
}

/** Looks for namespaces, devices, ports, chains and sets of ours that are in no desired thing. Changes nothing. */
export async function findNetworkLeaks(
  desired: DesiredNetwork,
  { run, statePath, bridges }: LeakSearchDeps,
): Promise<NetworkLeak[]> {
  const namespaces = new Set([
    ...[...desired.networkIds].map(dhcpNamespace),
    ...[...desired.routerIds].map(routerNamespace),
    ...[...(desired.poolIds ?? [])].map(loadBalancerNamespace),
  ]);
  const parts = new Set([...desired.portIds].map(portPart));
  const strayDevice = (name: string): boolean => {
    const part = portPartOf(name);
    return part !== undefined && !parts.has(part);
  };
  const leaks: NetworkLeak[] = [];
  const report = (kind: NetworkLeak['kind'], names: Iterable<string>): void => {
    for (const name of names) leaks.push({ kind, name });
  };

  for (const folder of agentFolders(statePath).namespaces)
    report(
      'namespace',
      (await new OwnedNamespaces(run, folder).list()).filter((name) => !namespaces.has(name)),
    );
  report('device', [...(await new Ip(run).links()).keys()].filter(strayDevice));
  report('switch port', (bridges?.ports() ?? []).map(({ name }) => name).filter(strayDevice));
  report('iptables chain', await strayChains(run, desired.portIds));
  report('ipset', await straySets(run));
  return leaks;
}

async function strayChains(run: Run, portIds: ReadonlySet<string>): Promise<Set<string>> {
  const known = new Set([...portIds].map((id) => id.slice(0, 10)));
  const chains = new Set<string>();
  for (const family of [4, 6] as const) {
    const current = await new Iptables({ run, family, owns: ownsChain }).current();
    for (const chain of current.get('filter')?.keys() ?? []) {
      const part = /^neutron-openvswi-[ios]([0-9a-f]{8}-[0-9a-f])$/.exec(chain)?.[1];
      if (part && !known.has(part)) chains.add(chain);
    }
  }
  return chains;
}

/** Sets that no rule of ours names. */
async function straySets(run: Run): Promise<string[]> {
  const used = new Set<string>();
  for (const family of [4, 6] as const) {
    const current = await new Iptables({ run, family, owns: ownsChain }).current();
    for (const rules of current.get('filter')?.values() ?? [])
      for (const rule of rules) used.add(/--match-set (\S+)/.exec(rule)?.[1] ?? '');
  }
  return [...(await new IpSets(run, ownsSet).current()).keys()].filter((name) => !used.has(name));
}
