import { describe, expect, it } from 'vitest';
import { covers, exposes, fingerprint, partsOf, type Match } from './rule.ts';

const rule = (some: Partial<Match> = {}): Match => ({
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  port_range_min: 22,
  port_range_max: 22,
  remote_ip_prefix: null,
  remote_group_id: null,
  ...some,
});
const any = { protocol: null, port_range_min: null, port_range_max: null };
const parts = (some: Partial<Match>) => partsOf(rule(some), (id) => `group ${id}`);

describe('a rule in words', () => {
  it('says who', () => {
    expect(parts({}).who).toEqual({ kind: 'anyone' });
    expect(parts({ remote_ip_prefix: '0.0.0.0/0' }).who).toEqual({ kind: 'anyone' });
    expect(parts({ remote_ip_prefix: '10.0.0.0/8' }).who).toEqual({ kind: 'cidr', name: '10.0.0.0/8' });
    expect(parts({ remote_ip_prefix: '10.0.0.7/32' }).who).toEqual({ kind: 'host', name: '10.0.0.7' });
    expect(parts({ remote_group_id: 'g1' }).who).toEqual({ kind: 'group', name: 'group g1' });
  });
  it('says what', () => {
    expect(parts({}).what).toEqual({ kind: 'ports', protocol: 'TCP', ports: '22', service: 'SSH' });
    expect(parts({ protocol: '17', port_range_min: 53, port_range_max: 53 }).what).toMatchObject({ service: 'DNS' });
    expect(parts({ port_range_min: 8000, port_range_max: 8099 }).what).toMatchObject({
      ports: '8000–8099',
      service: null,
    });
    expect(parts({ port_range_min: 1, port_range_max: 65535 }).what).toEqual({ kind: 'protocol', protocol: 'TCP' });
    expect(parts(any).what).toEqual({ kind: 'everything' });
    expect(parts({ protocol: 'icmp', port_range_min: 8, port_range_max: null }).what).toEqual({ kind: 'ping' });
    expect(parts({ ethertype: 'IPv6', protocol: 'icmp', port_range_min: 128, port_range_max: null }).what).toEqual({
      kind: 'ping',
    });
    expect(parts({ protocol: 'icmp', port_range_min: 3, port_range_max: 4 }).what).toEqual({
      kind: 'icmp',
      type: 3,
      code: 4,
    });
    expect(parts({ protocol: 'vrrp', port_range_min: null, port_range_max: null }).what).toEqual({
      kind: 'protocol',
      protocol: 'VRRP',
    });
  });
});

describe('rules that say the same', () => {
  it('are found whatever way they are written', () => {
    expect(fingerprint(rule({ protocol: '6', remote_ip_prefix: '0.0.0.0/0' }))).toBe(fingerprint(rule()));
    expect(fingerprint(rule({ remote_ip_prefix: '10.0.0.5/24' }))).toBe(
      fingerprint(rule({ remote_ip_prefix: '10.0.0.0/24' })),
    );
    expect(fingerprint(rule({ ethertype: 'IPv6', protocol: 'icmp' }))).toBe(
      fingerprint(rule({ ethertype: 'IPv6', protocol: 'ipv6-icmp' })),
    );
    expect(fingerprint(rule({ ethertype: 'IPv6' }))).not.toBe(fingerprint(rule()));
  });
  it('are covered by wider ones', () => {
    expect(covers(rule(any), rule())).toBe(true);
    expect(covers(rule({ port_range_min: 1, port_range_max: 100 }), rule())).toBe(true);
    expect(covers(rule(), rule({ port_range_min: 1, port_range_max: 100 }))).toBe(false);
    expect(covers(rule(), rule(any))).toBe(false);
    expect(covers(rule({ remote_ip_prefix: '10.0.0.0/8' }), rule({ remote_ip_prefix: '10.1.0.0/16' }))).toBe(true);
    expect(covers(rule({ remote_ip_prefix: '10.0.0.0/8' }), rule())).toBe(false);
    expect(covers(rule(), rule({ remote_group_id: 'g1' }))).toBe(true);
    expect(covers(rule({ remote_group_id: 'g1' }), rule())).toBe(false);
    expect(covers(rule({ remote_group_id: 'g1' }), rule({ remote_group_id: 'g2' }))).toBe(false);
    expect(covers(rule({ direction: 'egress' }), rule())).toBe(false);
    const icmp = { protocol: 'icmp', port_range_min: null, port_range_max: null };
    expect(covers(rule(icmp), rule({ ...icmp, port_range_min: 8 }))).toBe(true);
    expect(covers(rule({ ...icmp, port_range_min: 3 }), rule({ ...icmp, port_range_min: 8 }))).toBe(false);
  });
});

describe('what is open to the whole world', () => {
  it('names services that are often attacked', () => {
    expect(exposes(rule())).toEqual(['SSH']);
    expect(exposes(rule({ port_range_min: 3300, port_range_max: 3400 }))).toEqual(['MySQL', 'RDP']);
    expect(exposes(rule({ port_range_min: 443, port_range_max: 443 }))).toEqual([]);
    expect(exposes(rule({ remote_ip_prefix: '10.0.0.0/8' }))).toEqual([]);
    expect(exposes(rule({ direction: 'egress' }))).toEqual([]);
    expect(exposes(rule(any))).toBe('all');
    expect(exposes(rule({ ...any, remote_group_id: 'g1' }))).toEqual([]);
  });
});
