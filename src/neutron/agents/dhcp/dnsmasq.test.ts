import { describe, expect, it } from 'vitest';
import type { DhcpNetwork } from '../../rpc.ts';
import { needsRestart, planDnsmasq } from './dnsmasq.ts';

const settings = {
  folder: '/state/dhcp',
  domain: 'openstacklocal',
  leaseSeconds: 86_400,
  configFile: '',
  dnsServers: [],
  isolatedMetadata: true,
};
const network: DhcpNetwork = {
  id: 'n1',
  projectId: 'p1',
  adminStateUp: true,
  mtu: 1454,
  segment: { networkType: 'gre', physicalNetwork: null, segmentationId: 1 },
  subnets: [
    {
      id: 's1',
      ipVersion: 4,
      cidr: '192.168.27.0/24',
      gatewayIp: '192.168.27.1',
      enableDhcp: true,
      dnsNameservers: [],
      hostRoutes: [],
      hasRouter: true,
    },
  ],
  dhcpPort: {
    id: 'd1',
    mac: 'fa:16:3e:00:00:01',
    fixedIps: [{ subnetId: 's1', ip: '192.168.27.3', prefixLength: 24 }],
  },
  ports: [
    {
      id: 'p1',
      mac: 'fa:16:3e:00:00:02',
      fixedIps: [{ subnetId: 's1', ip: '192.168.27.2', prefixLength: 24 }],
      hostname: 'host-192-168-27-2',
      extraDhcpOpts: [],
    },
  ],
};
const plan = (over: Partial<DhcpNetwork> = {}) => planDnsmasq({ ...network, ...over }, 'tapd1', settings);
const subnet = network.subnets[0]!;

describe('planDnsmasq', () => {
  it('names each host, the MTU of the network, and itself as name server', () => {
    const { argv, files, pidFile } = plan();
    expect(argv).toContain('--dhcp-range=set:tag0,192.168.27.0,static,255.255.255.0,86400s');
    expect(argv).toContain('--dhcp-option-force=option:mtu,1454');
    expect(argv).toContain('--dhcp-lease-max=256');
    expect(pidFile).toBe('/state/dhcp/n1/pid');
    expect(files.host).toBe('fa:16:3e:00:00:02,host-192-168-27-2.openstacklocal,192.168.27.2\n');
    expect(files.addn_hosts).toBe('192.168.27.2\thost-192-168-27-2.openstacklocal host-192-168-27-2\n');
    expect(files.opts).toBe('tag:tag0,option:dns-server,192.168.27.3\ntag:tag0,option:router,192.168.27.1\n');
  });

  it('repeats the default route where it gives static routes, and sends metadata to itself without a router', () => {
    const routes = [{ destination: '10.0.0.0/8', nexthop: '192.168.27.9' }];
    const { files } = plan({
      subnets: [{ ...subnet, hasRouter: false, hostRoutes: routes, dnsNameservers: ['9.9.9.9'] }],
    });
    const all = '169.254.169.254/32,192.168.27.3,10.0.0.0/8,192.168.27.9,0.0.0.0/0,192.168.27.1';
    expect(files.opts.split('\n')).toEqual([
      'tag:tag0,option:dns-server,9.9.9.9',
      `tag:tag0,option:classless-static-route,${all}`,
      `tag:tag0,249,${all}`,
      'tag:tag0,option:router,192.168.27.1',
      '',
    ]);
    expect(plan({ subnets: [{ ...subnet, gatewayIp: null }] }).files.opts).toContain('tag:tag0,option:router\n');
  });

  it('gives ports their own options by a tag, and takes nothing that would make another line', () => {
    const port = {
      ...network.ports[0]!,
      hostname: 'x\n00:00:00:00:00:01,evil',
      extraDhcpOpts: [
        { name: 'bootfile-name', value: 'a.img' },
        { name: 'x', value: 'a\nb' },
      ],
    };
    const { files } = plan({ ports: [port] });
    expect(files.host).toBe('fa:16:3e:00:00:02,set:p1,host-192-168-27-2.openstacklocal,192.168.27.2\n');
    expect(files.opts).toContain('tag:p1,option:bootfile-name,a.img\n');
    expect(files.opts).not.toContain('\nb');
  });

  it('computes the mask of any length', () => {
    const mask = (cidr: string) =>
      plan({ subnets: [{ ...subnet, cidr }] })
        .argv.find((word) => word.includes('dhcp-range'))!
        .split(',')[3];
    expect([mask('10.0.0.0/8'), mask('10.0.0.0/19'), mask('10.0.0.0/30')]).toEqual([
      '255.0.0.0',
      '255.255.224.0',
      '255.255.255.252',
    ]);
  });
});

describe('needsRestart', () => {
  it('is for hosts that went, changed, or carry a tag', () => {
    expect(needsRestart('a,b,1\n', 'a,b,1\nc,d,2\n')).toBe(false);
    expect(needsRestart('a,b,1\nc,d,2\n', 'a,b,1\n')).toBe(true);
    expect(needsRestart('a,b,1\n', 'a,b,3\n')).toBe(true);
    expect(needsRestart('a,b,1\n', 'a,b,1\nc,set:t,d,2\n')).toBe(true);
  });
});
