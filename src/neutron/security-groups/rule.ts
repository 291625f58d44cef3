import { errors } from '../errors.ts';
import { formatCidr, parseCidr } from '../ipam/address.ts';
import type { View } from '../api/resource.ts';
import { standardView } from '../api/standard-view.ts';
import type { RuleRow } from '../tables.ts';
import { protocolNumber } from './schema.ts';

/** What a rule says, apart from its group. */
export interface RuleContent {
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
}

const [tcp, udp, icmp, icmpv6] = [6, 17, 1, 58] as const;
/** Protocols with port numbers: TCP, UDP, SCTP, DCCP, UDP-Lite. */
const withPorts: ReadonlySet<number> = new Set([tcp, udp, 132, 33, 136]);

/** @throws ApiError 400 for what no packet could match */
export function checkRule(rule: RuleContent): void {
  const { port_range_min: min, port_range_max: max, remote_ip_prefix: prefix } = rule;
  if (prefix !== null && rule.remote_group_id !== null) throw errors.ruleTwoRemotes();
  if (prefix !== null && parseCidr(prefix)?.version !== (rule.ethertype === 'IPv4' ? 4 : 6))
    throw errors.ruleEthertype(rule.ethertype, prefix);
  const number = protocolNumber(rule.protocol, rule.ethertype);
  if (min === null && max === null) return;
  if (number === null) throw errors.ruleNeedsProtocol();
  if (number === icmp || number === icmpv6) {
    for (const [field, attribute, value] of [
      ['type', 'port-range-min', min],
      ['code', 'port-range-max', max],
    ] as const)
      if (value !== null && (value < 0 || value > 255)) throw errors.ruleIcmpValue(field, attribute, value);
    if (min === null && max !== null) throw errors.ruleIcmpType(max);
    return;
  }
  for (const port of [min, max])
    if (port !== null && (port < 0 || port > 65535 || (withPorts.has(number) && port === 0)))
      throw errors.rulePortValue(port);
  if (min === null || max === null || min > max) throw errors.rulePortRange();
}

/** Equal for two rules that match the same packets as written: `tcp` and `6` are one protocol. */
export function fingerprintOf(rule: RuleContent): string {
  const cidr = rule.remote_ip_prefix === null ? null : parseCidr(rule.remote_ip_prefix);
  // Everything is the same as no prefix at all.
  const prefix = cidr && cidr.prefix > 0 ? formatCidr(cidr) : null;
  return [
    rule.direction,
    rule.ethertype,
    protocolNumber(rule.protocol, rule.ethertype) ?? 'any',
    rule.port_range_min ?? '',
    rule.port_range_max ?? '',
    prefix ?? '',
    rule.remote_group_id ?? '',
  ].join('|');
}

export function ruleView(row: RuleRow): View {
  const cidr = row.remote_ip_prefix === null ? null : parseCidr(row.remote_ip_prefix);
  return {
    id: row.id,
    security_group_id: row.security_group_id,
    ethertype: row.ethertype,
    direction: row.direction,
    protocol: row.protocol,
    port_range_min: row.port_range_min,
    port_range_max: row.port_range_max,
    remote_ip_prefix: row.remote_ip_prefix,
    remote_address_group_id: null,
    normalized_cidr: cidr && formatCidr(cidr),
    remote_group_id: row.remote_group_id,
    ...standardView(row),
  };
}

/** The rules that every new group begins with: all may go out. @param groupId of a project's default group, whose members may reach each other */
export const initialRules = (groupId: string | null): readonly RuleContent[] =>
  (['IPv4', 'IPv6'] as const).flatMap((ethertype) => {
    const any = { ethertype, protocol: null, port_range_min: null, port_range_max: null, remote_ip_prefix: null };
    return [
      ...(groupId === null ? [] : [{ ...any, direction: 'ingress' as const, remote_group_id: groupId }]),
      { ...any, direction: 'egress' as const, remote_group_id: null },
    ];
  });
