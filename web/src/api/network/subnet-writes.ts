import type { Subnet } from './networks.ts';
import { writes } from './writes.ts';

export interface SubnetChange {
  readonly name?: string;
  readonly description?: string;
  /** Null: none. */
  readonly gateway_ip?: string | null;
  readonly enable_dhcp?: boolean;
  readonly allocation_pools?: readonly { readonly start: string; readonly end: string }[];
  readonly dns_nameservers?: readonly string[];
  readonly host_routes?: readonly { readonly destination: string; readonly nexthop: string }[];
}
export interface NewSubnet extends SubnetChange {
  readonly network_id: string;
  readonly ip_version: 4 | 6;
  readonly cidr: string;
  readonly ipv6_ra_mode?: string;
  readonly ipv6_address_mode?: string;
  readonly tenant_id?: string;
}

export const subnetWrites = writes<Subnet, NewSubnet, SubnetChange>('subnet', 'subnets');
