import { describe, expect, it } from 'vitest';
import { emptyRule, portsIn, ruleProblem, rulesIn, withPreset, type RuleValues } from './rule-form.ts';

const form = (some: Partial<RuleValues>): RuleValues => ({ ...emptyRule, ...some });
const brief = (values: RuleValues) =>
  rulesIn(values).map((rule) =>
    [
      rule.ethertype,
      rule.protocol,
      rule.port_range_min,
      rule.port_range_max,
      rule.remote_ip_prefix ?? rule.remote_group_id,
    ].join(' '),
  );

describe('the form of a rule', () => {
  it('reads ports', () => {
    expect(portsIn('all')).toEqual([{ min: null, max: null }]);
    expect(portsIn('22, 8000-8099')).toEqual([
      { min: 22, max: 22 },
      { min: 8000, max: 8099 },
    ]);
    expect(['', '0', '65536', '9-5', 'ssh', '1-2-3'].map(portsIn)).toEqual([null, null, null, null, null, null]);
  });
  it('makes a rule for each version and range', () => {
    expect(brief(form({ ports: '80,443' }))).toEqual([
      'IPv4 tcp 80 80 0.0.0.0/0',
      'IPv4 tcp 443 443 0.0.0.0/0',
      'IPv6 tcp 80 80 ::/0',
      'IPv6 tcp 443 443 ::/0',
    ]);
    expect(brief(form({ ports: '22', remote: 'cidr', cidr: '2001:db8::/32' }))).toEqual([
      'IPv6 tcp 22 22 2001:db8::/32',
    ]);
    expect(brief(form({ protocol: 'other', other: 'VRRP', ipv6: false }))).toEqual(['IPv4 vrrp   0.0.0.0/0']);
  });
  it('knows what a ping is in both versions', () => {
    expect(brief(withPreset(form({}), 'ping', 'g1'))).toEqual(['IPv4 icmp 8  0.0.0.0/0', 'IPv6 ipv6-icmp 128  ::/0']);
  });
  it('lets the members of a group reach each other', () => {
    expect(brief(withPreset(form({ direction: 'egress' }), 'within', 'g1'))).toEqual(['IPv4    g1', 'IPv6    g1']);
  });
  it('keeps where from when another preset is chosen', () => {
    const values = withPreset(form({ remote: 'cidr', cidr: '10.0.0.0/8' }), 'mysql', 'g1');
    expect(brief(values)).toEqual(['IPv4 tcp 3306 3306 10.0.0.0/8']);
  });
  it.each([
    [{ ports: 'x' }, 'ports'],
    [{}, 'ports'],
    [{ protocol: 'icmp', icmpType: '300' }, 'icmp'],
    [{ protocol: 'icmp', icmpCode: '0' }, 'icmp'],
    [{ protocol: 'other', ports: '' }, 'other'],
    [{ ports: '22', remote: 'cidr', cidr: 'lan' }, 'cidr'],
    [{ ports: '22', remote: 'group' }, 'group'],
    [{ ports: '22', ipv4: false, ipv6: false }, 'family'],
    [{ ports: 'all', remote: 'cidr', cidr: '10.0.0.5' }, null],
    [{ ports: '22' }, null],
  ] as const)('says what is wrong: %j', (some, problem) => expect(ruleProblem(form(some))).toBe(problem));
});
