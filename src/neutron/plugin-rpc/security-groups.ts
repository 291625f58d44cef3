import { keyText } from '../ipam/address.ts';
import { groupBy } from '../list-rows.ts';
import { findPorts } from '../ports/rows.ts';
import type { FirewallRule, SecurityGroupAnswer } from '../rpc.ts';
import type { Db } from '../store.ts';
import { dhcpServers, heldAddresses, memberAddresses, memberPairs, rulesOfPorts, type PortRule } from './rows.ts';
import type { MemberAnswer, MemberVersions } from './member-versions.ts';
import { fixedIpOf, pairsOf } from './shapes.ts';

/** The firewall of ports. Six queries, however many ports, rules and members. */
export async function securityGroupsOf(
  db: Db,
  portIds: readonly string[],
  versions: MemberVersions,
  known: Readonly<Record<string, string>> = {},
): Promise<SecurityGroupAnswer> {
  const ports = await findPorts(db, portIds);
  const ids = ports.map(({ id }) => id);
  const addresses = groupBy(await heldAddresses(db, ids), (row) => row.port_id);
  const rules = await rulesOfPorts(db, ids);
  const byPort = groupBy(rules, (rule) => rule.port_id);
  const servers = groupBy(
    await dhcpServers(db, [...new Set(ports.map((port) => port.network_id))]),
    (row) => row.network_id,
  );
  const remote = [...new Set(rules.map((rule) => rule.remote_group_id).filter((id) => id !== null))];
  const answers = Object.entries(await membersOf(db, remote)).map(
    ([id, members]) => [id, versions.answer(id, members, known[id])] as const,
  );
  return {
    ports: ports.map((port) => ({
      portId: port.id,
      mac: port.mac_address,
      networkId: port.network_id,
      fixedIps: (addresses.get(port.id) ?? []).map(fixedIpOf),
      allowedAddressPairs: pairsOf(port),
      portSecurity: port.port_security_enabled === 1,
      rules: (byPort.get(port.id) ?? []).map(firewallRule),
      dhcpServers: (servers.get(port.network_id) ?? []).map(({ ip_address }) => keyText(ip_address)),
    })),
    members: pick(answers, ({ whole }) => whole),
    memberChanges: pick(answers, ({ change }) => change),
    memberVersions: pick(answers, ({ version }) => version),
  };
}

function pick<T>(
  answers: readonly (readonly [string, MemberAnswer])[],
  of: (answer: MemberAnswer) => T | undefined,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    answers.flatMap(([id, answer]) => {
      const value = of(answer);
      return value === undefined ? [] : [[id, value] as const];
    }),
  );
}

const firewallRule = (rule: PortRule): FirewallRule => ({
  direction: rule.direction as FirewallRule['direction'],
  ethertype: rule.ethertype as FirewallRule['ethertype'],
  protocol: rule.protocol,
  portMin: rule.port_range_min,
  portMax: rule.port_range_max,
  remoteCidr: rule.remote_ip_prefix,
  remoteGroupId: rule.remote_group_id,
});

/** Every address that a group's ports may send from: what it was given, and its allowed pairs. */
async function membersOf(db: Db, groupIds: readonly string[]): Promise<SecurityGroupAnswer['members']> {
  const members = new Map(groupIds.map((id) => [id, { IPv4: new Set<string>(), IPv6: new Set<string>() }]));
  const add = (groupId: string, text: string): void => {
    members.get(groupId)?.[text.includes(':') ? 'IPv6' : 'IPv4'].add(text);
  };
  for (const { security_group_id, ip_address } of await memberAddresses(db, groupIds))
    add(security_group_id, keyText(ip_address));
  for (const row of await memberPairs(db, groupIds))
    for (const { cidr } of pairsOf(row)) add(row.security_group_id, cidr);
  return Object.fromEntries(
    [...members].map(([id, { IPv4, IPv6 }]) => [id, { IPv4: [...IPv4].sort(), IPv6: [...IPv6].sort() }]),
  );
}
