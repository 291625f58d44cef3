import type { RuleContent } from '#api/network/security-group-writes.ts';
import { parseCidr, parseIp } from '../networks/address.ts';

/** What is typed into the form of a rule. */
export interface RuleValues {
  readonly direction: 'ingress' | 'egress';
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'any' | 'other';
  /** A port or a range, several separated by commas; `all`. */
  readonly ports: string;
  readonly icmpType: string;
  readonly icmpCode: string;
  /** A name or a number, for `other`. */
  readonly other: string;
  readonly remote: 'anyone' | 'cidr' | 'group';
  readonly cidr: string;
  readonly group: string;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly description: string;
}

export const emptyRule: RuleValues = {
  direction: 'ingress',
  protocol: 'tcp',
  ports: '',
  icmpType: '',
  icmpCode: '',
  other: '',
  remote: 'anyone',
  cidr: '',
  group: '',
  ipv4: true,
  ipv6: true,
  description: '',
};

/** What most people open, each by one click. `within` stands for the group's own members. */
export const presets = [
  { id: 'ssh', label: 'SSH', set: { protocol: 'tcp', ports: '22' } },
  { id: 'ping', label: null, set: { protocol: 'icmp', ports: '' } },
  { id: 'http', label: 'HTTP', set: { protocol: 'tcp', ports: '80' } },
  { id: 'https', label: 'HTTPS', set: { protocol: 'tcp', ports: '443' } },
  { id: 'rdp', label: 'RDP', set: { protocol: 'tcp', ports: '3389' } },
  { id: 'dns', label: 'DNS', set: { protocol: 'udp', ports: '53' } },
  { id: 'mysql', label: 'MySQL', set: { protocol: 'tcp', ports: '3306' } },
  { id: 'postgresql', label: 'PostgreSQL', set: { protocol: 'tcp', ports: '5432' } },
  { id: 'smtp', label: 'SMTP', set: { protocol: 'tcp', ports: '25' } },
  { id: 'within', label: null, set: { protocol: 'any', ports: '', remote: 'group' } },
  { id: 'allTcp', label: null, set: { protocol: 'tcp', ports: 'all' } },
  { id: 'allUdp', label: null, set: { protocol: 'udp', ports: 'all' } },
  { id: 'allIcmp', label: null, set: { protocol: 'icmp', ports: '' } },
  { id: 'everything', label: null, set: { protocol: 'any', ports: '' } },
] as const satisfies readonly {
  readonly id: string;
  readonly label: string | null;
  readonly set: Partial<RuleValues>;
}[];
export type PresetId = (typeof presets)[number]['id'];

/** The form as a preset fills it; direction, remote and description stay as they are unless it names them. */
export function withPreset(values: RuleValues, id: PresetId, ownGroup: string): RuleValues {
  const preset = presets.find((one) => one.id === id);
  return {
    ...values,
    icmpCode: '',
    other: '',
    ...preset?.set,
    icmpType: id === 'ping' ? '8' : '',
    ...(id === 'within' && { group: ownGroup, direction: 'ingress' as const }),
  };
}

interface Span {
  readonly min: number | null;
  readonly max: number | null;
}

/** Null: not ports. Nothing typed is not all: that must be meant. */
export function portsIn(text: string): readonly Span[] | null {
  if (/^\s*(all|\*|全部)\s*$/i.test(text)) return [{ min: null, max: null }];
  const parts = text.split(/[,，\s]+/).filter(Boolean);
  if (parts.length === 0) return null;
  const spans: Span[] = [];
  for (const part of parts) {
    const match = /^(\d{1,5})(?:[-–:](\d{1,5}))?$/.exec(part);
    const min = Number(match?.[1]);
    const max = Number(match?.[2] ?? match?.[1]);
    if (!match || min < 1 || max > 65535 || min > max) return null;
    spans.push({ min, max });
  }
  return spans;
}

const byte = (text: string): boolean => /^\d{1,3}$/.test(text.trim()) && Number(text) <= 255;

export type RuleProblem = 'ports' | 'icmp' | 'other' | 'cidr' | 'group' | 'family';

/** What is wrong with a form; null when it can be sent. */
export function ruleProblem(values: RuleValues): RuleProblem | null {
  const { protocol, icmpType, icmpCode } = values;
  if ((protocol === 'tcp' || protocol === 'udp') && !portsIn(values.ports)) return 'ports';
  if (protocol === 'icmp' && ![icmpType, icmpCode].every((text) => text.trim() === '' || byte(text))) return 'icmp';
  if (protocol === 'icmp' && icmpType.trim() === '' && icmpCode.trim() !== '') return 'icmp';
  if (protocol === 'other' && !/^([a-z][a-z\d-]*|\d{1,3})$/i.test(values.other.trim())) return 'other';
  if (values.remote === 'cidr' && !parseCidr(values.cidr) && !parseIp(values.cidr)) return 'cidr';
  if (values.remote === 'group' && values.group === '') return 'group';
  if (values.remote !== 'cidr' && !values.ipv4 && !values.ipv6) return 'family';
  return null;
}

/** The rules that a form makes: one for each version and each range of ports. Only of values without a problem. */
export function rulesIn(values: RuleValues): readonly RuleContent[] {
  const address = values.remote === 'cidr' ? (parseCidr(values.cidr) ?? parseIp(values.cidr)) : null;
  const families: readonly ('IPv4' | 'IPv6')[] = address
    ? [address.version === 4 ? 'IPv4' : 'IPv6']
    : [...(values.ipv4 ? (['IPv4'] as const) : []), ...(values.ipv6 ? (['IPv6'] as const) : [])];
  return families.flatMap((ethertype) =>
    spansOf(values, ethertype).map(({ min, max }) => ({
      direction: values.direction,
      ethertype,
      protocol: protocolIn(values, ethertype),
      port_range_min: min,
      port_range_max: max,
      remote_ip_prefix:
        values.remote === 'cidr' ? values.cidr.trim() : values.remote === 'group' ? null : anywhere[ethertype],
      remote_group_id: values.remote === 'group' ? values.group : null,
      description: values.description.trim(),
    })),
  );
}
const anywhere = { IPv4: '0.0.0.0/0', IPv6: '::/0' } as const;

function protocolIn({ protocol, other }: RuleValues, ethertype: 'IPv4' | 'IPv6'): string | null {
  if (protocol === 'any') return null;
  if (protocol === 'other') return other.trim().toLowerCase();
  return protocol === 'icmp' && ethertype === 'IPv6' ? 'ipv6-icmp' : protocol;
}

function spansOf(values: RuleValues, ethertype: 'IPv4' | 'IPv6'): readonly Span[] {
  if (values.protocol === 'tcp' || values.protocol === 'udp') return portsIn(values.ports) ?? [];
  if (values.protocol !== 'icmp' || values.icmpType.trim() === '') return [{ min: null, max: null }];
  // An echo request has another number in ICMPv6; other types are the reader's own.
  const type = Number(values.icmpType);
  const min = ethertype === 'IPv6' && type === 8 ? 128 : type;
  return [{ min, max: values.icmpCode.trim() === '' ? null : Number(values.icmpCode) }];
}
