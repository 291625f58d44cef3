import { describe, expect, it } from 'vitest';
import type { FloatingIp, Port, Router, SecurityGroup, SecurityGroupRule, Subnet } from '#api/network/networks.ts';
import { candidates, checks, verdictOf, type Surroundings } from './reachability.ts';

const port = (
  id: string,
  owner: string,
  device: string,
  ips: readonly [string, string][],
  more: Partial<Port> = {},
): Port => ({
  id,
  name: '',
  network_id: 'n1',
  tenant_id: 'p1',
  mac_address: 'fa:16:3e:00:00:01',
  status: 'ACTIVE',
  admin_state_up: true,
  device_id: device,
  device_owner: owner,
  fixed_ips: ips.map(([subnet_id, ip_address]) => ({ subnet_id, ip_address })),
  security_groups: ['g1'],
  ...more,
});
const subnet = (id: string, cidr: string, gateway_ip: string): Subnet => ({
  id,
  name: id,
  network_id: 'n1',
  tenant_id: 'p1',
  cidr,
  ip_version: 4,
  gateway_ip,
  enable_dhcp: true,
  allocation_pools: [],
  dns_nameservers: [],
  host_routes: [],
});
const router = (id: string, pool: string | null): Router => ({
  id,
  name: id,
  status: 'ACTIVE',
  admin_state_up: true,
  tenant_id: 'p1',
  external_gateway_info: pool === null ? null : { network_id: pool },
});
const rule = (some: Partial<SecurityGroupRule>): SecurityGroupRule => ({
  id: 'r',
  security_group_id: 'g1',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  port_range_min: 22,
  port_range_max: 22,
  remote_ip_prefix: null,
  remote_group_id: null,
  ...some,
});
const group = (...rules: readonly SecurityGroupRule[]): SecurityGroup => ({
  id: 'g1',
  name: 'web',
  description: '',
  tenant_id: 'p1',
  security_group_rules: rules,
});
const ping = rule({ protocol: 'icmp', port_range_min: null, port_range_max: null });
const floating: FloatingIp = {
  id: 'f1',
  floating_ip_address: '192.0.2.9',
  fixed_ip_address: '10.0.0.5',
  floating_network_id: 'ext',
  port_id: 'web',
  router_id: 'edge',
  status: 'ACTIVE',
  tenant_id: 'p1',
};
const around = (some: Partial<Surroundings> = {}): Surroundings => ({
  ports: [
    port('web', 'compute:nova', 's1', [['a', '10.0.0.5']]),
    port('leg', 'network:router_interface', 'edge', [['a', '10.0.0.1']]),
  ],
  routers: [router('edge', 'ext')],
  subnets: [subnet('a', '10.0.0.0/24', '10.0.0.1'), subnet('b', '10.0.1.0/24', '10.0.1.1')],
  groups: [group(rule({}), ping)],
  floating: [],
  ...some,
});
const failing = (some: Partial<Surroundings>, of = floating, status: string | undefined = 'ACTIVE') =>
  checks(of, around(some), status)
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ id, verdict }) => `${id} ${verdict}`);

describe('what a floating IP can stand for', () => {
  const obstacles = (some: Partial<Surroundings>) =>
    candidates({ id: 'ext' }, around(some)).map(({ key, obstacle }) => `${key}: ${obstacle?.kind ?? 'ok'}`);

  it('is whatever a router leads to from the pool', () => {
    expect(obstacles({})).toEqual(['web 10.0.0.5: ok']);
  });
  it('leaves out IPv6 and what belongs to the network itself; says why others cannot be', () => {
    const ports = [
      port('six', 'compute:nova', 's3', [['a', '2001:db8::5']]),
      port('lonely', 'compute:nova', 's2', [['b', '10.0.1.5']]),
      ...around().ports,
      port('dhcp', 'network:dhcp', 'd', [['a', '10.0.0.2']]),
    ];
    expect(obstacles({ ports })).toEqual(['web 10.0.0.5: ok', 'lonely 10.0.1.5: noRouter']);
    expect(obstacles({ routers: [router('edge', null)] })).toEqual(['web 10.0.0.5: noGateway']);
    expect(obstacles({ routers: [router('edge', 'other')] })).toEqual(['web 10.0.0.5: otherPool']);
    expect(obstacles({ floating: [floating] })).toEqual(['web 10.0.0.5: taken']);
  });
});

describe('whether a floating IP is reached', () => {
  it('is well when everything is', () => {
    const all = checks(floating, around(), 'ACTIVE');
    expect(all.map(({ id }) => id)).toEqual([
      'associated',
      'floating',
      'router',
      'gateway',
      'answers',
      'instance',
      'port',
      'ping',
      'ssh',
    ]);
    expect(verdictOf(all)).toBe('yes');
  });
  it('is nothing while it stands for nothing', () => {
    const all = checks({ ...floating, port_id: null }, around(), undefined);
    expect([all, verdictOf(all)]).toEqual([[{ id: 'associated', verdict: 'bad' }], 'unused']);
  });
  it('says what is in the way', () => {
    expect(failing({}, floating, 'SHUTOFF')).toEqual(['instance bad']);
    expect(failing({ routers: [] })).toEqual(['router bad', 'gateway bad']);
    expect(failing({ routers: [router('edge', null)] })).toEqual(['gateway bad']);
    expect(failing({ subnets: [subnet('a', '10.0.0.0/24', '10.0.0.254')] })).toEqual(['answers partly']);
    expect(failing({}, { ...floating, status: 'DOWN' })).toEqual(['floating bad']);
    const down = around().ports.map((one) => (one.id === 'web' ? { ...one, status: 'DOWN' } : one));
    expect(failing({ ports: down })).toEqual(['port bad']);
  });
  it('looks for ssh and ping in the security groups', () => {
    expect(failing({ groups: [group()] })).toEqual(['ping bad', 'ssh bad']);
    expect(verdictOf(checks(floating, around({ groups: [group()] }), 'ACTIVE'))).toBe('no');
    expect(failing({ groups: [group(ping)] })).toEqual(['ssh bad']);
    expect(verdictOf(checks(floating, around({ groups: [group(ping)] }), 'ACTIVE'))).toBe('partly');
    const some = { groups: [group(ping, rule({ remote_ip_prefix: '198.51.100.0/24' }))] };
    expect(checks(floating, around(some), 'ACTIVE').at(-1)).toEqual({
      id: 'ssh',
      verdict: 'partly',
      from: ['198.51.100.0/24'],
    });
    const open = around().ports.map((one) => (one.id === 'web' ? { ...one, port_security_enabled: false } : one));
    expect(failing({ ports: open, groups: [] })).toEqual([]);
  });
});
