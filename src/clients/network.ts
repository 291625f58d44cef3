import { createRestClient, queryString, type Caller } from './rest.ts';

/** Neutron's resources, with the fields that other services read. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly tenant_id: string;
  readonly shared: boolean;
  readonly admin_state_up: boolean;
  readonly subnets: readonly string[];
  readonly mtu?: number;
  readonly 'router:external'?: boolean;
  readonly [name: string]: unknown;
}
export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly ip_version: 4 | 6;
  readonly cidr: string;
  readonly gateway_ip: string | null;
  readonly enable_dhcp: boolean;
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[];
}
export interface Port {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly tenant_id: string;
  readonly mac_address: string;
  readonly admin_state_up: boolean;
  readonly status: string;
  readonly device_id: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
  readonly security_groups: readonly string[];
  readonly 'binding:host_id'?: string;
  readonly 'binding:vif_type'?: string;
  readonly 'binding:vif_details'?: Readonly<Record<string, unknown>>;
}
export interface SecurityGroupRule {
  readonly id: string;
  readonly security_group_id: string;
  readonly tenant_id: string;
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: string;
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
}
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tenant_id: string;
  readonly security_group_rules: readonly SecurityGroupRule[];
}
export interface FloatingIp {
  readonly id: string;
  readonly floating_ip_address: string;
  readonly fixed_ip_address: string | null;
  readonly floating_network_id: string;
  readonly port_id: string | null;
  readonly tenant_id: string;
  readonly status: string;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What one kind of Neutron's resources can do. */
export interface Collection<T> {
  list(query?: Query): Promise<readonly T[]>;
  /** @throws ApiError 404 */
  show(id: string): Promise<T>;
  create(values: Readonly<Record<string, unknown>>): Promise<T>;
  update(id: string, values: Readonly<Record<string, unknown>>): Promise<T>;
  delete(id: string): Promise<void>;
}

/** Neutron, as far as other services need it. */
export interface NetworkClient {
  readonly networks: Collection<Network>;
  readonly subnets: Collection<Subnet>;
  readonly ports: Collection<Port>;
  readonly securityGroups: Collection<SecurityGroup>;
  readonly securityGroupRules: Collection<SecurityGroupRule>;
  readonly floatingIps: Collection<FloatingIp>;
}

/** @param baseUrl `http://controller:9696` */
export function createNetworkClient(baseUrl: string, call: Caller): NetworkClient {
  const rest = createRestClient({ service: 'Neutron', baseUrl, call });
  const collection = <T>(path: string, one: string, many: string): Collection<T> => {
    const url = (id: string): string => `/v2.0/${path}/${encodeURIComponent(id)}`;
    return {
      list: async (query = {}) =>
        (await rest.json<Record<string, T[]>>('GET', `/v2.0/${path}${queryString(query)}`))[many] ?? [],
      show: async (id) => (await rest.json<Record<string, T>>('GET', url(id)))[one] as T,
      create: async (values) =>
        (await rest.json<Record<string, T>>('POST', `/v2.0/${path}`, { [one]: values }))[one] as T,
      update: async (id, values) => (await rest.json<Record<string, T>>('PUT', url(id), { [one]: values }))[one] as T,
      delete: (id) => rest.json<undefined>('DELETE', url(id)),
    };
  };
  return {
    networks: collection('networks', 'network', 'networks'),
    subnets: collection('subnets', 'subnet', 'subnets'),
    ports: collection('ports', 'port', 'ports'),
    securityGroups: collection('security-groups', 'security_group', 'security_groups'),
    securityGroupRules: collection('security-group-rules', 'security_group_rule', 'security_group_rules'),
    floatingIps: collection('floatingips', 'floatingip', 'floatingips'),
  };
}
