import { describe, expect, it } from 'vitest';
import type { RouterSpec } from '../../rpc.ts';
import { routerRules } from './router-rules.ts';

const router: RouterSpec = {
  id: 'r1',
  name: 'demo-router',
  projectId: 'p1',
  adminStateUp: true,
  enableSnat: true,
  gatewayPort: {
    id: '11111111-1111-4111-8111-111111111111',
    networkId: 'ext',
    mac: 'fa:16:3e:00:00:01',
    mtu: 1500,
    fixedIps: [{ subnetId: 'e', ip: '172.24.4.10', prefixLength: 24 }],
    subnets: [{ id: 'e', cidr: '172.24.4.0/24', gatewayIp: '172.24.4.1' }],
    segment: { networkType: 'flat', physicalNetwork: 'ext', segmentationId: null },
  },
  interfaces: [
    {
      id: '22222222-2222-4222-8222-222222222222',
      networkId: 'n1',
      mac: 'fa:16:3e:00:00:02',
      mtu: 1454,
      fixedIps: [{ subnetId: 's', ip: '192.168.27.1', prefixLength: 24 }],
      subnets: [
        { id: 's', cidr: '192.168.27.0/24', gatewayIp: '192.168.27.1' },
        { id: 'other', cidr: '10.9.0.0/24', gatewayIp: null },
      ],
    },
  ],
  routes: [],
  floatingIps: [{ id: 'f1', floatingIp: '172.24.4.11', fixedIp: '192.168.27.2' }],
};
const nat = (over: Partial<RouterSpec>) => routerRules({ ...router, ...over }, { port: 9697 }).nat!.chains;

describe('routerRules', () => {
  it('translates floating IPs both ways, everybody else to the gateway address', () => {
    const chains = nat({});
    expect(chains['neutron-l3-agent-PREROUTING']).toEqual([
      '-d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697',
      '-d 172.24.4.11/32 -j DNAT --to-destination 192.168.27.2',
    ]);
    expect(chains['neutron-l3-agent-float-snat']).toEqual(['-s 192.168.27.2/32 -j SNAT --to-source 172.24.4.11']);
    expect(chains['neutron-l3-agent-snat']).toEqual([
      '-j neutron-l3-agent-float-snat',
      '-s 192.168.27.0/24 -j SNAT --to-source 172.24.4.10',
    ]);
  });

  it('translates only floating IPs with SNAT off, and nothing without a gateway', () => {
    expect(nat({ enableSnat: false })['neutron-l3-agent-snat']).toEqual(['-j neutron-l3-agent-float-snat']);
    const without = nat({ gatewayPort: null });
    expect(without['neutron-l3-agent-float-snat']).toEqual([]);
    expect(without['neutron-l3-agent-POSTROUTING']).toEqual([]);
  });
});
