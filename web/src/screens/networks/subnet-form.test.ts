import { describe, expect, it } from 'vitest';
import {
  emptySubnet,
  newSubnet,
  subnetChange,
  overlapping,
  subnetOutlook,
  subnetProblems,
  type SubnetValues,
} from './subnet-form.ts';

const form = (some: Partial<SubnetValues>): SubnetValues => ({ ...emptySubnet, cidr: '10.0.0.0/24', ...some });
const wrong = (some: Partial<SubnetValues>) =>
  Object.fromEntries(Object.entries(subnetProblems(form(some))).map(([field, problem]) => [field, problem.kind]));

describe('the form of a subnet', () => {
  it('has nothing against an ordinary one', () => {
    expect(wrong({})).toEqual({});
    expect(
      wrong({ gateway: '10.0.0.254', pools: '10.0.0.10-10.0.0.20\n10.0.0.30 - 10.0.0.40', dns: '1.1.1.1, 8.8.8.8' }),
    ).toEqual({});
    expect(wrong({ cidr: '2001:db8::/64', gateway: 'fe80::1' })).toEqual({});
  });
  it('says which field is wrong, and how', () => {
    expect(wrong({ cidr: 'ten' })).toEqual({ cidr: 'notCidr' });
    expect(subnetProblems(form({ cidr: '10.0.0.5/24' }))).toEqual({ cidr: { kind: 'hostBits', meant: '10.0.0.0/24' } });
    expect(wrong({ gateway: '10.0.1.1' })).toEqual({ gateway: 'outside' });
    expect(wrong({ gateway: '10.0.0.255' })).toEqual({ gateway: 'outside' });
    expect(wrong({ gateway: '::1' })).toEqual({ gateway: 'notAddress' });
    expect(wrong({ pools: '10.0.0.9-10.0.0.5' })).toEqual({ pools: 'notRange' });
    expect(wrong({ pools: '10.0.0.1-10.0.0.5' })).toEqual({ pools: 'gatewayInPool' });
    expect(wrong({ pools: '10.0.0.5-10.0.0.9\n10.0.0.9-10.0.0.12' })).toEqual({ pools: 'overlapping' });
    expect(wrong({ pools: '10.0.1.5-10.0.1.9' })).toEqual({ pools: 'outside' });
    expect(wrong({ dns: 'dns.example' })).toEqual({ dns: 'notAddress' });
    expect(wrong({ routes: '10.9.0.0/16' })).toEqual({ routes: 'notRoute' });
    expect(wrong({ cidr: '2001:db8::/80' })).toEqual({ ipv6Mode: 'slaacSize' });
  });
  it('tells gateway, ranges and how many addresses there will be', () => {
    expect(subnetOutlook(form({}))).toEqual({
      gateway: '10.0.0.1',
      pools: ['10.0.0.2 – 10.0.0.254'],
      addresses: 253n,
    });
    expect(subnetOutlook(form({ gatewayOff: true, pools: '10.0.0.10-10.0.0.19' }))).toEqual({
      gateway: null,
      pools: ['10.0.0.10 – 10.0.0.19'],
      addresses: 10n,
    });
    expect(subnetOutlook(form({ cidr: '' }))).toBeNull();
  });
  it('finds the subnets that a network overlaps', () => {
    const others = [{ cidr: '10.0.0.0/16' }, { cidr: '10.1.0.0/24' }, { cidr: '2001:db8::/64' }];
    expect(overlapping('10.0.3.0/24', others)).toEqual([{ cidr: '10.0.0.0/16' }]);
    expect(overlapping('nonsense', others)).toEqual([]);
  });
  it('sends what was typed, and leaves the rest to Neutron', () => {
    expect(newSubnet(form({ routes: '10.9.0.0/16 via 10.0.0.5', dns: '1.1.1.1' }), { id: 'n1', name: 'lan' })).toEqual({
      network_id: 'n1',
      ip_version: 4,
      cidr: '10.0.0.0/24',
      name: 'lan-subnet',
      enable_dhcp: true,
      dns_nameservers: ['1.1.1.1'],
      host_routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.0.5' }],
    });
    expect(newSubnet(form({ cidr: '2001:db8::/64', gatewayOff: true }), { id: 'n1', name: 'lan' })).toMatchObject({
      ip_version: 6,
      name: 'lan-subnet-v6',
      gateway_ip: null,
      ipv6_ra_mode: 'slaac',
      ipv6_address_mode: 'slaac',
    });
  });
  it('fills in what was emptied when a subnet is changed', () => {
    expect(subnetChange(form({ name: ' lan ' }))).toEqual({
      name: 'lan',
      enable_dhcp: true,
      dns_nameservers: [],
      host_routes: [],
      gateway_ip: '10.0.0.1',
      allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.254' }],
    });
    expect(subnetChange(form({ gatewayOff: true })).gateway_ip).toBeNull();
  });
});
