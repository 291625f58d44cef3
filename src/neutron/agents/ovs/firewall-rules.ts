import { isIP } from 'node:net';
import type { RuleSet } from '#common/host/iptables.ts';
import type { FirewallRule, SecurityGroupAnswer } from '../../rpc.ts';
import { portPart } from '../names.ts';

/** What the server says about one port's filter. */
export type FilteredPort = SecurityGroupAnswer['ports'][number];

/** A port with the conntrack zone that its bridge has on this host. */
export interface ZonedPort {
  readonly port: FilteredPort;
  readonly zone: number;
}

const WRAP = 'neutron-openvswi-';
const FALLBACK = `${WRAP}sg-fallback`;

/** Whether a chain of the host's packet filter is this agent's. */
export const ownsChain = (chain: string): boolean => chain.startsWith(WRAP) || chain === 'neutron-filter-top';

/** `neutron-openvswi-i4f5a7c21-3`: a chain's name may have 28 characters. */
export const portChain = (direction: 'i' | 'o' | 's', portId: string): string =>
  `${WRAP}${direction}${portId.slice(0, 10)}`;

/** The kernel set with the addresses of a group's members; 31 characters at most. */
export const groupSet = (groupId: string, family: 4 | 6): string => `NIPv${family}${groupId}`.slice(0, 31);
export const ownsSet = (name: string): boolean => /^NIPv[46]/.test(name);

/** Addresses that a port may send from, each with its MAC address. */
export function allowedSources(port: FilteredPort, family: 4 | 6): { readonly mac: string; readonly cidr: string }[] {
  const host = family === 4 ? 32 : 128;
  const fixed = port.fixedIps.map(({ ip }) => ({ mac: port.mac, cidr: `${ip}/${host}` }));
  const pairs = port.allowedAddressPairs.map(({ mac, cidr }) => ({
    mac: mac || port.mac,
    cidr: cidr.includes('/') ? cidr : `${cidr}/${host}`,
  }));
  return [...fixed, ...pairs].filter(({ cidr }) => cidr.includes(':') === (family === 6));
}

export interface FilterInput {
  readonly ports: readonly ZonedPort[];
  /** Ids of ports without port security. */
  readonly openPorts: readonly string[];
  /** Devices named tap… that are ports of br-int themselves. */
  readonly switchTaps: readonly string[];
}

/**
 * The whole filter of a host for one address family: Icehouse's chains of the hybrid driver, and a shield before the
 * host's own network stack. The stack sees what arrives at a device of a userspace Open vSwitch, or at a qbr bridge, too;
 * guests' packets are never meant for it, nor for its routing.
 */
export function firewallRules(family: 4 | 6, { ports, openPorts, switchTaps }: FilterInput): RuleSet {
  const filtered = ports.map(({ port }) => port);
  const tap = (portId: string): string => `tap${portPart(portId)}`;
  const physdev = (direction: 'in' | 'out', portId: string): string =>
    `-m physdev --physdev-${direction} ${tap(portId)} --physdev-is-bridged`;
  const chains: Record<string, string[]> = {
    'neutron-filter-top': [`-j ${WRAP}local`],
    [`${WRAP}local`]: [],
    [`${WRAP}INPUT`]: [
      ...filtered.map(({ portId }) => `${physdev('in', portId)} -j ${portChain('o', portId)}`),
      '-i qbr+ -j DROP',
    ],
    [`${WRAP}OUTPUT`]: [],
    [`${WRAP}FORWARD`]: [
      '-i qbr+ -m physdev ! --physdev-is-bridged -j DROP',
      // Ports without port security pass, whatever the machine's policy for routed packets is.
      ...openPorts.flatMap((id) => [`${physdev('out', id)} -j ACCEPT`, `${physdev('in', id)} -j ACCEPT`]),
      ...filtered.flatMap(({ portId }) => [
        `${physdev('out', portId)} -j ${WRAP}sg-chain`,
        `${physdev('in', portId)} -j ${WRAP}sg-chain`,
      ]),
    ],
    [`${WRAP}sg-chain`]: [
      ...filtered.flatMap(({ portId }) => [
        `${physdev('out', portId)} -j ${portChain('i', portId)}`,
        `${physdev('in', portId)} -j ${portChain('o', portId)}`,
      ]),
      '-j ACCEPT',
    ],
    [FALLBACK]: ['-j DROP'],
  };
  for (const port of filtered) {
    chains[portChain('i', port.portId)] = ingress(family, port);
    chains[portChain('o', port.portId)] = egress(family, port);
    chains[portChain('s', port.portId)] = antiSpoof(family, port);
  }
  const zones = ports.flatMap(({ port, zone }) =>
    ['tap', 'qvb'].map((prefix) => `-m physdev --physdev-in ${prefix}${portPart(port.portId)} -j CT --zone ${zone}`),
  );
  const shield = ['qvo+', 'qr-+', 'qg-+', ...switchTaps].map((device) => `-i ${device} -j DROP`);
  return {
    raw: { chains: { [`${WRAP}PREROUTING`]: [...shield, ...zones] }, jumps: { PREROUTING: [`-j ${WRAP}PREROUTING`] } },
    filter: {
      chains,
      jumps: {
        INPUT: [`-j ${WRAP}INPUT`],
        FORWARD: ['-j neutron-filter-top', `-j ${WRAP}FORWARD`],
        OUTPUT: ['-j neutron-filter-top', `-j ${WRAP}OUTPUT`],
      },
    },
  };
}

/** The conntrack zones that the host's rules give to ports now: port part → zone. */
export function zonesOf(rawRules: readonly string[]): Map<string, number> {
  const zones = new Map<string, number>();
  for (const rule of rawRules) {
    const [, part, zone] = /--physdev-in (?:tap|qvb)(\S+) -j CT --zone (\d+)/.exec(rule) ?? [];
    if (part && zone) zones.set(part, Number(zone));
  }
  return zones;
}
export const ZONE_CHAIN = `${WRAP}PREROUTING`;

const ESTABLISHED = ['-m state --state INVALID -j DROP', '-m state --state RELATED,ESTABLISHED -j RETURN'];
/** Multicast listener queries and reports, neighbour solicitations and advertisements, router advertisements. */
const ICMPV6_IN = [130, 131, 132, 134, 135, 136];

function ingress(family: 4 | 6, port: FilteredPort): string[] {
  const servers = port.dhcpServers.filter((ip) => ip.includes(':') === (family === 6));
  const dhcp =
    family === 4
      ? servers.map((ip) => `-s ${ip}/32 -p udp -m udp --sport 67 --dport 68 -j RETURN`)
      : servers.map((ip) => `-s ${ip}/128 -p udp -m udp --sport 547 --dport 546 -j RETURN`);
  const icmp = family === 6 ? ICMPV6_IN.map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`) : [];
  return [...icmp, ...ESTABLISHED, ...dhcp, ...ruleLines('ingress', family, port), `-j ${FALLBACK}`];
}

function egress(family: 4 | 6, port: FilteredPort): string[] {
  const spoof = `-j ${portChain('s', port.portId)}`;
  // Asking for an address comes before having one; answering such questions is never a guest's business.
  const before =
    family === 4
      ? ['-s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -j RETURN']
      : [131, 135, 143].map((type) => `-s ::/128 -d ff02::/16 -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`);
  const after =
    family === 4
      ? ['-p udp -m udp --sport 68 --dport 67 -j RETURN', '-p udp -m udp --sport 67 --dport 68 -j DROP']
      : [
          '-p ipv6-icmp -m icmp6 --icmpv6-type 134 -j DROP',
          '-p ipv6-icmp -j RETURN',
          '-p udp -m udp --sport 546 --dport 547 -j RETURN',
          '-p udp -m udp --sport 547 --dport 546 -j DROP',
        ];
  return [...before, spoof, ...after, ...ESTABLISHED, ...ruleLines('egress', family, port), `-j ${FALLBACK}`];
}

function antiSpoof(family: 4 | 6, port: FilteredPort): string[] {
  const sources = allowedSources(port, family);
  if (family === 6) sources.push({ mac: port.mac, cidr: `${linkLocal(port.mac)}/128` });
  const lines = sources.map(({ mac, cidr }) => {
    const source = /\/0$/.test(cidr) ? '' : `-s ${cidr} `;
    return `${source}-m mac --mac-source ${mac} -j RETURN`;
  });
  return [...new Set(lines), '-j DROP'];
}

/** Rules that iptables would not take are left out (what they would allow stays closed): one must not spoil all others. */
const ruleLines = (direction: FirewallRule['direction'], family: 4 | 6, port: FilteredPort): string[] => [
  ...new Set(
    port.rules
      .filter((rule) => rule.direction === direction && rule.ethertype === `IPv${family}` && isSound(rule, family))
      .map((rule) => `${ruleMatch(rule, family)}-j RETURN`),
  ),
];

// By number where iptables would need /etc/protocols to know the name.
const PROTOCOLS: Readonly<Record<string, string>> = {
  ...{ 1: 'icmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 58: 'ipv6-icmp', 132: 'sctp', 136: 'udplite', icmpv6: 'ipv6-icmp' },
  ...{
    igmp: '2',
    ipip: '4',
    egp: '8',
    'ipv6-encap': '41',
    'ipv6-route': '43',
    'ipv6-frag': '44',
    rsvp: '46',
    gre: '47',
  },
  ...{ esp: '50', ah: '51', 'ipv6-nonxt': '59', 'ipv6-opts': '60', ospf: '89', vrrp: '112', pgm: '113' },
};
const WITH_PORTS = ['tcp', 'udp', 'sctp', 'udplite', 'dccp'];

/** `tcp`, `udp`, `icmp`, `ipv6-icmp`, a number …; null for any protocol. */
export function protocolOf({ protocol, ethertype }: FirewallRule): string | null {
  if (protocol === null || protocol === 'any' || protocol === '0') return null;
  const name = PROTOCOLS[protocol] ?? protocol;
  return ethertype === 'IPv6' && name === 'icmp' ? 'ipv6-icmp' : name;
}

function isSound(rule: FirewallRule, family: 4 | 6): boolean {
  const protocol = protocolOf(rule);
  const known =
    protocol === null || [...WITH_PORTS, 'icmp', 'ipv6-icmp'].includes(protocol) || /^\d{1,3}$/.test(protocol);
  const most = protocol !== null && WITH_PORTS.includes(protocol) ? 65_535 : 255;
  const inRange = [rule.portMin, rule.portMax].every((n) => n === null || (Number.isInteger(n) && n >= 0 && n <= most));
  const [address = '', length = '0'] = rule.remoteCidr?.split('/') ?? [];
  const network = rule.remoteCidr === null || (isIP(address) === family && /^\d{1,3}$/.test(length));
  const group = rule.remoteGroupId === null || /^[0-9a-f-]+$/.test(rule.remoteGroupId);
  return known && inRange && network && group;
}

function ruleMatch(rule: FirewallRule, family: 4 | 6): string {
  const [side, setSide] = rule.direction === 'ingress' ? ['-s', 'src'] : ['-d', 'dst'];
  const remote =
    rule.remoteCidr === null || /\/0$/.test(rule.remoteCidr) ? '' : `${side} ${withLength(rule.remoteCidr)} `;
  const group =
    rule.remoteGroupId === null ? '' : `-m set --match-set ${groupSet(rule.remoteGroupId, family)} ${setSide} `;
  const protocol = protocolOf(rule);
  return `${remote}${protocol === null ? '' : `-p ${protocol} `}${group}${protocol === null ? '' : portMatch(rule, protocol)}`;
}

function portMatch({ portMin, portMax }: FirewallRule, protocol: string): string {
  if (portMin === null) return '';
  if (protocol === 'icmp' || protocol === 'ipv6-icmp') {
    const [module, option] = protocol === 'icmp' ? ['icmp', 'icmp-type'] : ['icmp6', 'icmpv6-type'];
    return `-m ${module} --${option} ${portMin}${portMax === null ? '' : `/${portMax}`} `;
  }
  if (!WITH_PORTS.includes(protocol)) return '';
  const range = portMax === null || portMax === portMin ? `${portMin}` : `${portMin}:${portMax}`;
  return `-m ${protocol} --dport ${range} `;
}

const withLength = (cidr: string): string => (cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`);

/** The link-local address that a host makes from its MAC address (RFC 4291, appendix A). */
export function linkLocal(mac: string): string {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const word = (high: number, low: number): string => ((high << 8) | low).toString(16);
  return `fe80::${word(a ^ 2, b)}:${word(c, 0xff)}:${word(0xfe, d)}:${word(e, f)}`;
}
