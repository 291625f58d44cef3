import { describe, expect, it } from 'vitest';
import type { FirewallRule } from '../../rpc.ts';
import { cutsForMembers, cutsForRules } from './firewall-cuts.ts';
import { firewallRules, groupSet, linkLocal, zonesOf, type FilteredPort } from './firewall-rules.ts';

const rule = (over: Partial<FirewallRule>): FirewallRule => ({
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: null,
  portMin: null,
  portMax: null,
  remoteCidr: null,
  remoteGroupId: null,
  ...over,
});
const port = (rules: FirewallRule[], over: Partial<FilteredPort> = {}): FilteredPort => ({
  portId: '4f5a7c21-3b9d-4d0e-8f00-000000000001',
  mac: 'fa:16:3e:00:00:01',
  networkId: 'n1',
  fixedIps: [{ subnetId: 's1', ip: '10.0.0.5', prefixLength: 24 }],
  allowedAddressPairs: [],
  portSecurity: true,
  rules,
  dhcpServers: ['10.0.0.2'],
  ...over,
});
const all = (family: 4 | 6, filtered: FilteredPort) =>
  firewallRules(family, { ports: [{ port: filtered, zone: 3 }], openPorts: [], switchTaps: ['tapdhcp'] });
const chains = (family: 4 | 6, filtered: FilteredPort) => all(family, filtered).filter!.chains;
const ingress = (rules: FirewallRule[], family: 4 | 6 = 4) =>
  chains(family, port(rules))['neutron-openvswi-i4f5a7c21-3']!.filter((line) => line.endsWith('RETURN'));

describe('firewallRules', () => {
  it('lets in nothing but answers and DHCP by default', () => {
    expect(chains(4, port([]))['neutron-openvswi-i4f5a7c21-3']).toEqual([
      '-m state --state INVALID -j DROP',
      '-m state --state RELATED,ESTABLISHED -j RETURN',
      '-s 10.0.0.2/32 -p udp -m udp --sport 67 --dport 68 -j RETURN',
      '-j neutron-openvswi-sg-fallback',
    ]);
    expect(chains(4, port([]))['neutron-openvswi-sg-fallback']).toEqual(['-j DROP']);
  });

  it('writes every kind of rule as iptables prints it', () => {
    const group = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
    const lines = ingress([
      rule({ protocol: 'tcp', portMin: 22, portMax: 22, remoteCidr: '0.0.0.0/0' }),
      rule({ protocol: 'udp', portMin: 1, portMax: 100, remoteCidr: '192.0.2.0/24' }),
      rule({ protocol: 'icmp', portMin: 8, portMax: 0 }),
      rule({ protocol: '112' }),
      rule({ protocol: 'vrrp' }),
      rule({ remoteGroupId: group }),
      rule({ direction: 'egress', protocol: 'tcp' }),
    ]);
    expect(lines.slice(2)).toEqual([
      '-p tcp -m tcp --dport 22 -j RETURN',
      '-s 192.0.2.0/24 -p udp -m udp --dport 1:100 -j RETURN',
      '-p icmp -m icmp --icmp-type 8/0 -j RETURN',
      '-p 112 -j RETURN',
      '-m set --match-set NIPv4aaaaaaaa-bbbb-cccc-dddd-ee src -j RETURN',
    ]);
    expect(groupSet(group, 4)).toHaveLength(31);
    expect(ingress([rule({ ethertype: 'IPv6', protocol: 'icmp', portMin: 128 })], 6)).toContain(
      '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j RETURN',
    );
  });

  it('leaves out what iptables would refuse, so that one rule cannot spoil the others', () => {
    const bad = [
      { protocol: 'tcp\n-A INPUT' },
      { protocol: 'nonsense' },
      { protocol: 'tcp', portMin: 70_000 },
      { remoteCidr: 'fd00::/8' },
      { remoteCidr: '1.2.3.4/8 -j ACCEPT' },
    ];
    expect(ingress(bad.map(rule))).toEqual(ingress([]));
  });

  it('lets a port send only from its own and its allowed addresses', () => {
    const pairs = [
      { mac: 'fa:16:3e:00:00:02', cidr: '10.0.0.100' },
      { mac: 'fa:16:3e:00:00:01', cidr: '0.0.0.0/0' },
    ];
    expect(chains(4, port([], { allowedAddressPairs: pairs.slice(0, 1) }))['neutron-openvswi-s4f5a7c21-3']).toEqual([
      '-s 10.0.0.5/32 -m mac --mac-source fa:16:3e:00:00:01 -j RETURN',
      '-s 10.0.0.100/32 -m mac --mac-source fa:16:3e:00:00:02 -j RETURN',
      '-j DROP',
    ]);
    expect(chains(4, port([], { allowedAddressPairs: pairs }))['neutron-openvswi-s4f5a7c21-3']).toContain(
      '-m mac --mac-source fa:16:3e:00:00:01 -j RETURN',
    );
    expect(chains(6, port([]))['neutron-openvswi-s4f5a7c21-3']![0]).toContain('-s fe80::f816:3eff:fe00:1/128');
    expect(linkLocal('00:11:22:33:44:55')).toBe('fe80::211:22ff:fe33:4455');
  });

  it('keeps guests from the host behind the switch', () => {
    const { raw, filter } = all(4, port([]));
    expect(raw!.chains['neutron-openvswi-PREROUTING']).toEqual(
      expect.arrayContaining(['-i qvo+ -j DROP', '-i tapdhcp -j DROP']),
    );
    expect(filter!.chains['neutron-openvswi-INPUT']).toContain('-i qbr+ -j DROP');
  });

  it('names zones that can be read back', () => {
    const { raw } = all(4, port([]));
    expect(zonesOf(raw!.chains['neutron-openvswi-PREROUTING']!)).toEqual(new Map([['4f5a7c21-3b', 3]]));
  });
});

describe('connections that are cut', () => {
  it('are those of removed rules, by protocol and direction', () => {
    const ssh = rule({ protocol: 'tcp', portMin: 22, portMax: 22 });
    const out = rule({ direction: 'egress', protocol: '50' });
    expect(cutsForRules(port([ssh, out]), port([]), 3)).toEqual([
      { family: 4, zone: 3, protocol: 'tcp', destination: '10.0.0.5' },
      { family: 4, zone: 3, source: '10.0.0.5' },
    ]);
    expect(cutsForRules(port([ssh]), port([ssh, out]), 3)).toEqual([]);
  });

  it('are those with addresses that left a remote group', () => {
    const group = rule({ remoteGroupId: 'g1' });
    expect(cutsForMembers(port([group]), 3, new Map([['NIPv4g1', ['10.0.0.9']]]))).toEqual([
      { family: 4, zone: 3, source: '10.0.0.9', destination: '10.0.0.5' },
    ]);
  });
});
