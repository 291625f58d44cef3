import { cutConnections, type ConnectionMatch } from '#common/host/conntrack.ts';
import { IpSets, type IpSet } from '#common/host/ipset.ts';
import { Iptables } from '#common/host/iptables.ts';
import type { Run } from '#common/host/run.ts';
import { setSysctls } from '#common/host/sysctl.ts';
import type { SecurityGroupAnswer } from '../../rpc.ts';
import { portPart } from '../names.ts';
import { cutsForMembers, cutsForNeighbours, cutsForRules } from './firewall-cuts.ts';
import {
  firewallRules,
  groupSet,
  ownsChain,
  ownsSet,
  portChain,
  zonesOf,
  ZONE_CHAIN,
  type FilteredPort,
  type ZonedPort,
} from './firewall-rules.ts';

/** What the filter of this host is to be. */
export interface FirewallState {
  readonly ports: readonly FilteredPort[];
  readonly members: SecurityGroupAnswer['members'];
  /** Ids of ports without port security. */
  readonly openPorts: readonly string[];
  /** Names of devices tap… that are ports of br-int themselves. */
  readonly switchTaps: readonly string[];
}

/**
 * Security groups by iptables on the bridges (qbr…) between guests' taps and br-int. All of a host's filter is brought
 * to a state at once: sets, then rules in one transaction per address family, then connections that rules or members
 * no longer allow are cut.
 */
export class HybridFirewall {
  readonly #run: Run;
  readonly #tables: readonly { readonly family: 4 | 6; readonly tables: Iptables }[];
  readonly #sets: IpSets;
  readonly #zones = new Map<string, number>();
  #before: ReadonlyMap<string, FilteredPort> | undefined;

  constructor(run: Run) {
    this.#run = run;
    this.#tables = ([4, 6] as const).map((family) => ({
      family,
      tables: new Iptables({ run, family, owns: ownsChain }),
    }));
    this.#sets = new IpSets(run, ownsSet);
  }

  /** @throws CommandError when the kernel refuses; what was allowed before stays so, nothing is opened */
  async apply(state: FirewallState): Promise<void> {
    const first = this.#before === undefined;
    const earlier = first ? await this.#begin() : new Map<string, string>();
    const zoned = state.ports.map((port) => ({ port, zone: this.#zone(port.portId) }));
    const gone = await this.#sets.ensure(setsOf(state));
    await Promise.all(
      this.#tables.map(({ family, tables }) => tables.apply(firewallRules(family, { ...state, ports: zoned }))),
    );
    await this.#sets.prune(new Set(setsOf(state).keys()));
    const cuts = first ? await this.#cutsAfterRestart(earlier, zoned) : this.#cuts(zoned, gone);
    await cutConnections(this.#run, cuts);
    this.#before = new Map(state.ports.map((port) => [port.portId, port]));
    this.#freeZones(state);
  }

  /** Takes over zones from before; returns the chains as they are. */
  async #begin(): Promise<Map<string, string>> {
    await setSysctls(this.#run, {
      'net.bridge.bridge-nf-call-iptables': 1,
      'net.bridge.bridge-nf-call-ip6tables': 1,
    });
    const chains = new Map<string, string>();
    for (const { family, tables } of this.#tables) {
      const current = await tables.current();
      for (const [part, zone] of zonesOf(current.get('raw')?.get(ZONE_CHAIN) ?? [])) this.#zones.set(part, zone);
      for (const [chain, rules] of current.get('filter') ?? []) chains.set(`${family} ${chain}`, rules.join('\n'));
    }
    return chains;
  }

  /** We do not know which rules went while we were away: every port whose rules differ loses its connections. */
  async #cutsAfterRestart(
    earlier: ReadonlyMap<string, string>,
    ports: readonly ZonedPort[],
  ): Promise<ConnectionMatch[]> {
    const cuts: ConnectionMatch[] = [];
    for (const { family, tables } of this.#tables) {
      const now = (await tables.current()).get('filter');
      for (const { port, zone } of ports) {
        const differs = (['i', 'o'] as const).some((direction) => {
          const chain = portChain(direction, port.portId);
          const before = earlier.get(`${family} ${chain}`);
          return before !== undefined && before !== (now?.get(chain) ?? []).join('\n');
        });
        if (differs) cuts.push({ family, zone });
      }
    }
    return [...cuts, ...this.#cutsOfGonePorts(ports)];
  }

  #cuts(ports: readonly ZonedPort[], gone: ReadonlyMap<string, readonly string[]>): ConnectionMatch[] {
    return [
      ...ports.flatMap(({ port, zone }) => {
        const before = this.#before?.get(port.portId);
        return [...(before ? cutsForRules(before, port, zone) : []), ...cutsForMembers(port, zone, gone)];
      }),
      ...this.#cutsOfGonePorts(ports),
      ...[...(this.#before?.values() ?? [])]
        .filter(({ portId }) => !ports.some(({ port }) => port.portId === portId))
        .flatMap((port) => cutsForNeighbours(port, ports)),
    ];
  }

  #cutsOfGonePorts(ports: readonly ZonedPort[]): ConnectionMatch[] {
    const used = new Set(ports.map(({ zone }) => zone));
    return [...this.#zones.values()]
      .filter((zone) => !used.has(zone))
      .flatMap((zone) => ([4, 6] as const).map((family) => ({ family, zone })));
  }

  #zone(portId: string): number {
    const part = portPart(portId);
    const known = this.#zones.get(part);
    if (known !== undefined) return known;
    const used = new Set(this.#zones.values());
    let zone = 1;
    while (used.has(zone)) zone++;
    if (zone > 65_535) throw new Error('This host has 65535 filtered ports already; no conntrack zone is free');
    this.#zones.set(part, zone);
    return zone;
  }

  #freeZones({ ports }: FirewallState): void {
    const parts = new Set(ports.map(({ portId }) => portPart(portId)));
    for (const part of this.#zones.keys()) if (!parts.has(part)) this.#zones.delete(part);
  }
}

function setsOf({ ports, members }: FirewallState): Map<string, IpSet> {
  const sets = new Map<string, IpSet>();
  for (const { remoteGroupId: group, ethertype } of ports.flatMap(({ rules }) => rules)) {
    if (group === null) continue;
    const family = ethertype === 'IPv4' ? 4 : 6;
    sets.set(groupSet(group, family), { family, members: members[group]?.[ethertype] ?? [] });
  }
  return sets;
}
