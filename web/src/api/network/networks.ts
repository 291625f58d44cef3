import { request } from '../client.ts';
import { sessionNow } from '../session.ts';
import type { Resource } from '../resource.ts';

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly status: string;
  readonly admin_state_up: boolean;
  readonly shared: boolean;
  readonly tenant_id: string;
  readonly subnets: readonly string[];
  readonly mtu?: number;
  readonly 'router:external': boolean;
  readonly port_security_enabled?: boolean;
  readonly created_at?: string;
  /** Administrators only. */
  readonly 'provider:network_type'?: string | null;
  readonly 'provider:physical_network'?: string | null;
  readonly 'provider:segmentation_id'?: number | null;
}

export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly network_id: string;
  readonly tenant_id: string;
  readonly cidr: string;
  readonly ip_version: 4 | 6;
  readonly gateway_ip: string | null;
  readonly enable_dhcp: boolean;
  readonly allocation_pools: readonly { readonly start: string; readonly end: string }[];
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly ipv6_address_mode?: string | null;
  readonly ipv6_ra_mode?: string | null;
}

export interface Port {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly tenant_id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly admin_state_up: boolean;
  readonly device_id: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
  readonly security_groups: readonly string[];
  readonly port_security_enabled?: boolean;
  readonly allowed_address_pairs?: readonly { readonly ip_address: string; readonly mac_address: string }[];
  /** Administrators only. */
  readonly 'binding:host_id'?: string;
  readonly 'binding:vif_type'?: string;
}

export interface Router {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly status: string;
  readonly admin_state_up: boolean;
  readonly tenant_id: string;
  readonly routes?: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly external_gateway_info: {
    readonly network_id: string;
    readonly enable_snat?: boolean;
    readonly external_fixed_ips?: readonly { readonly subnet_id: string; readonly ip_address: string }[];
  } | null;
}

export interface FloatingIp {
  readonly id: string;
  readonly floating_ip_address: string;
  readonly fixed_ip_address: string | null;
  readonly floating_network_id: string;
  readonly port_id: string | null;
  readonly router_id: string | null;
  readonly status: string;
  readonly tenant_id: string;
  readonly description?: string;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tenant_id: string;
  readonly security_group_rules: readonly SecurityGroupRule[];
}
export interface SecurityGroupRule {
  readonly id: string;
  readonly security_group_id: string;
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
  readonly description?: string;
}

export interface Agent {
  readonly id: string;
  readonly agent_type: string;
  readonly binary: string;
  readonly host: string;
  readonly alive: boolean;
  readonly admin_state_up: boolean;
  readonly heartbeat_timestamp: string;
  readonly description?: string | null;
  readonly configurations: Readonly<Record<string, unknown>>;
}

/**
 * Administrators get every project's from Neutron; their own list asks for their project's (and what is shared, for
 * networks and subnets, which the filter is done for here).
 */
function neutron<T extends { readonly id: string; readonly tenant_id: string }>(
  kind: string,
  singular: string,
  plural: string,
  sees: (item: T, project: string) => boolean = (item, project) => item.tenant_id === project,
): Resource<T> {
  return {
    kind,
    service: 'network',
    async list({ all }, signal) {
      const body = await request<Record<string, T[]>>('network', `/${plural}`, { signal });
      const items = body[plural.replaceAll('-', '_')] ?? [];
      const session = sessionNow();
      return all || !session?.signedIn || !session.isAdmin
        ? items
        : items.filter((one) => sees(one, session.project.id));
    },
    async get(id, signal) {
      const body = await request<Record<string, T>>('network', `/${plural}/${id}`, { signal });
      return body[singular] as T;
    },
    projectOf: ({ tenant_id }) => tenant_id,
  };
}

export const networks = neutron<Network>(
  'network',
  'network',
  'networks',
  (one, project) => one.tenant_id === project || one.shared || one['router:external'],
);
/** A subnet does not say that its network is shared: all that the API gives. */
export const subnets = neutron<Subnet>('subnet', 'subnet', 'subnets', () => true);
export const ports = neutron<Port>('port', 'port', 'ports');
export const routers = neutron<Router>('router', 'router', 'routers');
export const floatingIps = neutron<FloatingIp>('floatingip', 'floatingip', 'floatingips');
export const securityGroups = neutron<SecurityGroup>('security_group', 'security_group', 'security-groups');

export const agents: Resource<Agent> = {
  kind: 'agent',
  service: 'network',
  everyMs: 10_000,
  list: async (_reach, signal) => (await request<{ agents: Agent[] }>('network', '/agents', { signal })).agents,
};
