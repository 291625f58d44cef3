import type { ConnectionMatch } from '#common/host/conntrack.ts';
import type { FirewallRule } from '../../rpc.ts';
import { groupSet, protocolOf, type FilteredPort, type ZonedPort } from './firewall-rules.ts';

/** Connections that rules of a port allowed and that no longer may go on, because the rule is gone. */
export function cutsForRules(before: FilteredPort, after: FilteredPort, zone: number): ConnectionMatch[] {
  const kept = new Set(after.rules.map((rule) => JSON.stringify(rule)));
  return before.rules
    .filter((rule) => !kept.has(JSON.stringify(rule)))
    .flatMap((rule) => addresses(before, rule).map((own) => match(rule, own, zone)));
}

/** Connections with addresses that are no longer members of a group that rules of the port name. */
export function cutsForMembers(
  port: FilteredPort,
  zone: number,
  gone: ReadonlyMap<string, readonly string[]>,
): ConnectionMatch[] {
  return port.rules.flatMap((rule) => {
    const set = rule.remoteGroupId && groupSet(rule.remoteGroupId, rule.ethertype === 'IPv4' ? 4 : 6);
    return (set ? (gone.get(set) ?? []) : []).flatMap((member) =>
      addresses(port, rule).map((own) => ({
        ...match(rule, own, zone),
        ...(rule.direction === 'ingress' ? { source: member } : { destination: member }),
      })),
    );
  });
}

/** What neighbours on this host had with a port that is gone: its address may be another guest's next. */
export function cutsForNeighbours(gone: FilteredPort, ports: readonly ZonedPort[]): ConnectionMatch[] {
  const neighbours = ports.filter(({ port }) => port.networkId === gone.networkId);
  return neighbours.flatMap(({ zone }) =>
    gone.fixedIps.flatMap(({ ip }) => {
      const family = ip.includes(':') ? 6 : 4;
      return [{ family, zone, source: ip } as const, { family, zone, destination: ip } as const];
    }),
  );
}

const addresses = (port: FilteredPort, { ethertype }: FirewallRule): string[] =>
  port.fixedIps.map(({ ip }) => ip).filter((ip) => ip.includes(':') === (ethertype === 'IPv6'));

function match(rule: FirewallRule, own: string, zone: number): ConnectionMatch {
  const protocol = protocolOf(rule);
  const name = protocol === 'ipv6-icmp' ? 'icmpv6' : protocol;
  return {
    family: rule.ethertype === 'IPv4' ? 4 : 6,
    zone,
    // conntrack names only these; any other protocol is cut with all the rest of that address
    ...(name !== null &&
      ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'dccp', 'udplite'].includes(name) && { protocol: name }),
    ...(rule.direction === 'ingress' ? { destination: own } : { source: own }),
  };
}
