import { describe, expect, it } from 'vitest';
import type { FirewallSpec } from '../../rpc.ts';
import { firewallRules } from './firewall-rules.ts';
import { ownsRouterChain } from './router-rules.ts';

const rule: FirewallSpec['rules'][number] = {
  ...{ ipVersion: 4, protocol: 'tcp', source: null, destination: null, sourcePort: null, destinationPort: null },
  action: 'allow',
};
const firewall: FirewallSpec = {
  id: '12345678-9abc-4def-8000-000000000000',
  projectId: 'p',
  generation: 1,
  adminStateUp: true,
  rules: [
    { ...rule, source: '10.0.0.0/8', destination: '10.1.2.3', sourcePort: '1000:2000', destinationPort: '80' },
    { ...rule, protocol: 'icmp' },
    { ...rule, protocol: null, action: 'deny' },
    { ...rule, ipVersion: 6, protocol: 'icmp', source: '2001:db8::1' },
  ],
};

describe('the firewall of a router', () => {
  it('judges what passes by the rules in order, and drops the rest', () => {
    const { chains, jumps } = firewallRules(4, firewall);
    const expected = [
      '-m conntrack --ctstate INVALID -j DROP',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-s 10.0.0.0/8 -d 10.1.2.3/32 -p tcp -m tcp --sport 1000:2000 --dport 80 -j ACCEPT',
      '-p icmp -j ACCEPT',
      '-j DROP',
    ];
    expect(chains).toEqual({
      'neutron-l3-agent-iv412345678': expected,
      'neutron-l3-agent-ov412345678': expected,
      'neutron-l3-agent-fwaas-defau': ['-j DROP'],
      'neutron-l3-agent-FORWARD': [
        '-o qr-+ -j neutron-l3-agent-iv412345678',
        '-i qr-+ -j neutron-l3-agent-ov412345678',
        '-o qr-+ -j neutron-l3-agent-fwaas-defau',
        '-i qr-+ -j neutron-l3-agent-fwaas-defau',
      ],
    });
    expect(jumps).toEqual({ FORWARD: ['-j neutron-l3-agent-FORWARD'] });
    // The kernel's limit.
    for (const chain of Object.keys(chains)) expect([ownsRouterChain(chain), chain.length <= 28]).toEqual([true, true]);
  });

  it('has rules of its own for IPv6', () => {
    const { chains } = firewallRules(6, firewall);
    expect(chains['neutron-l3-agent-iv612345678']?.slice(2)).toEqual(['-s 2001:db8::1/128 -p ipv6-icmp -j ACCEPT']);
  });

  it('lets nothing pass when it is down', () => {
    const { chains } = firewallRules(4, { ...firewall, adminStateUp: false });
    expect(Object.keys(chains)).toEqual(['neutron-l3-agent-fwaas-defau', 'neutron-l3-agent-FORWARD']);
  });
});
