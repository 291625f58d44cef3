import type { TableRules } from '#common/host/iptables.ts';
import type { FirewallSpec } from '../../rpc.ts';

/** Begins the names of this agent's chains. */
export const WRAP = 'neutron-l3-agent-';
const FORWARD = `${WRAP}FORWARD`;
/** `fwaas-default-policy`, as far as a chain's name reaches. */
const DEFAULT_POLICY = `${WRAP}fwaas-defau`;

type Rule = FirewallSpec['rules'][number];

/**
 * A project's firewall in the filter table of one of its routers: what passes to or from the inner networks is judged by the
 * rules in order, and dropped when none decides. Chains are named as in Icehouse: `iv4<firewall>` inward, `ov4<firewall>` outward.
 */
export function firewallRules(family: 4 | 6, { id, adminStateUp, rules }: FirewallSpec): TableRules {
  const chain = (direction: 'i' | 'o'): string => `${WRAP}${direction}v${family}${id.slice(0, 8)}`;
  const own = [
    '-m conntrack --ctstate INVALID -j DROP',
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...rules.filter(({ ipVersion }) => ipVersion === family).map((rule) => filterRule(rule, family)),
  ];
  const inward = '-o qr-+';
  const outward = '-i qr-+';
  return {
    chains: {
      ...(adminStateUp && { [chain('i')]: own, [chain('o')]: own }),
      [DEFAULT_POLICY]: ['-j DROP'],
      [FORWARD]: [
        ...(adminStateUp ? [`${inward} -j ${chain('i')}`, `${outward} -j ${chain('o')}`] : []),
        `${inward} -j ${DEFAULT_POLICY}`,
        `${outward} -j ${DEFAULT_POLICY}`,
      ],
    },
    jumps: { FORWARD: [`-j ${FORWARD}`] },
  };
}

function filterRule(rule: Rule, family: 4 | 6): string {
  const whole = (address: string): string =>
    address.includes('/') ? address : `${address}/${family === 4 ? 32 : 128}`;
  const protocol = rule.protocol === 'icmp' && family === 6 ? 'ipv6-icmp' : rule.protocol;
  const ports = [
    ...(rule.sourcePort === null ? [] : [`--sport ${rule.sourcePort}`]),
    ...(rule.destinationPort === null ? [] : [`--dport ${rule.destinationPort}`]),
  ];
  return [
    ...(rule.source === null ? [] : [`-s ${whole(rule.source)}`]),
    ...(rule.destination === null ? [] : [`-d ${whole(rule.destination)}`]),
    ...(protocol === null ? [] : [`-p ${protocol}`]),
    ...(ports.length > 0 ? [`-m ${protocol}`, ...ports] : []),
    `-j ${rule.action === 'allow' ? 'ACCEPT' : 'DROP'}`,
  ].join(' ');
}
