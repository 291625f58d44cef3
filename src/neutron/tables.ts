/** Neutron's tables. Flags are 0 or 1, times `YYYY-MM-DDThh:mm:ss.ffffff` in UTC, addresses keys of `ipam/address.ts`. */

/** What every API resource has. */
export interface StandardColumns {
  id: string;
  project_id: string;
  description: string | null;
  /** JSON: sorted list of strings. */
  tags: string;
  created_at: string;
  updated_at: string;
  revision_number: number;
}

export interface NetworkRow extends StandardColumns {
  name: string;
  admin_state_up: number;
  status: string;
  shared: number;
  external: number;
  is_default: number;
  mtu: number;
  port_security_enabled: number;
  network_type: string;
  physical_network: string | null;
  segmentation_id: number | null;
  /** JSON list */
  availability_zone_hints: string;
}

export interface SubnetRow extends StandardColumns {
  name: string;
  network_id: string;
  ip_version: number;
  cidr: string;
  /** The pool that its addresses come from. */
  subnetpool_id: string | null;
  gateway_ip: string | null;
  enable_dhcp: number;
  ipv6_ra_mode: string | null;
  ipv6_address_mode: string | null;
  /** JSON lists */
  dns_nameservers: string;
  host_routes: string;
  service_types: string;
}

export interface PortRow extends StandardColumns {
  name: string;
  network_id: string;
  mac_address: string;
  admin_state_up: number;
  status: string;
  device_id: string;
  device_owner: string;
  port_security_enabled: number;
  host: string;
  vnic_type: string;
  vif_type: string;
  /** JSON */
  binding_profile: string;
  vif_details: string;
  allowed_address_pairs: string;
  extra_dhcp_opts: string;
}

export interface AllocationRow {
  network_id: string;
  subnet_id: string;
  ip_address: string;
  port_id: string;
  /** Order among the port's addresses. */
  position: number;
}

export interface RouterRow extends StandardColumns {
  name: string;
  admin_state_up: number;
  status: string;
  gw_port_id: string | null;
  enable_snat: number;
  /** JSON lists */
  routes: string;
  availability_zone_hints: string;
}

export interface FloatingIpRow extends StandardColumns {
  floating_network_id: string;
  floating_ip_address: string;
  floating_port_id: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  status: string;
}

export interface SecurityGroupRow extends StandardColumns {
  name: string;
}

export interface RuleRow extends StandardColumns {
  security_group_id: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  /** What makes two rules of a group the same rule; unique per group. */
  fingerprint: string;
}

export interface AgentRow {
  id: string;
  agent_type: string;
  binary: string;
  topic: string;
  host: string;
  admin_state_up: number;
  created_at: string;
  started_at: string;
  heartbeat_timestamp: string;
  description: string | null;
  /** JSON */
  configurations: string;
  availability_zone: string | null;
}

/** What the resources of load balancing and firewalls have. */
export interface OwnedColumns {
  id: string;
  project_id: string;
}

export interface PoolRow extends OwnedColumns {
  name: string;
  description: string;
  subnet_id: string;
  protocol: string;
  provider: string;
  lb_method: string;
  admin_state_up: number;
  status: string;
  status_description: string | null;
  /** Counts the changes of the pool and of all that belongs to it. */
  generation: number;
  /** JSON */
  stats: string;
}

export interface VipRow extends OwnedColumns {
  name: string;
  description: string;
  subnet_id: string;
  port_id: string | null;
  protocol_port: number;
  protocol: string;
  pool_id: string;
  /** JSON */
  session_persistence: string | null;
  connection_limit: number;
  admin_state_up: number;
  status: string;
  status_description: string | null;
}

export interface MemberRow extends OwnedColumns {
  pool_id: string;
  address: string;
  protocol_port: number;
  weight: number;
  admin_state_up: number;
  status: string;
  status_description: string | null;
}

export interface MonitorRow extends OwnedColumns {
  type: string;
  delay: number;
  timeout: number;
  max_retries: number;
  http_method: string;
  url_path: string;
  expected_codes: string;
  admin_state_up: number;
}

export interface AssociationRow {
  pool_id: string;
  monitor_id: string;
  status: string;
  status_description: string | null;
}

export interface FirewallPolicyRow extends OwnedColumns {
  name: string;
  description: string;
  shared: number;
  audited: number;
}

export interface FirewallRuleRow extends OwnedColumns {
  name: string;
  description: string;
  firewall_policy_id: string | null;
  shared: number;
  protocol: string | null;
  ip_version: number;
  source_ip_address: string | null;
  destination_ip_address: string | null;
  /** `80` or `80:90` */
  source_port: string | null;
  destination_port: string | null;
  action: string;
  enabled: number;
  /** From 1, within its policy. */
  position: number | null;
}

export interface FirewallRow extends OwnedColumns {
  name: string;
  description: string;
  shared: number;
  admin_state_up: number;
  status: string;
  firewall_policy_id: string | null;
  /** Counts the changes of the firewall, its policy and its rules. */
  generation: number;
}

export interface MeteringLabelRow extends OwnedColumns {
  name: string;
  description: string;
  shared: number;
}

export interface MeteringRuleRow extends OwnedColumns {
  metering_label_id: string;
  direction: string;
  remote_ip_prefix: string;
  excluded: number;
}

export interface SubnetPoolRow extends StandardColumns {
  name: string;
  ip_version: number;
  /** JSON: list of `address/prefix`, disjoint, in order */
  prefixes: string;
  default_prefixlen: number;
  min_prefixlen: number;
  max_prefixlen: number;
  /** How much a project may take: addresses of IPv4, /64 networks of IPv6 */
  default_quota: number | null;
  shared: number;
  is_default: number;
  /** Its IP version when it is the default, else null: unique. */
  default_of: number | null;
}

export interface NeutronTables {
  networks: NetworkRow;
  subnets: SubnetRow;
  ports: PortRow;
  routers: RouterRow;
  floatingips: FloatingIpRow;
  securitygroups: SecurityGroupRow;
  securitygrouprules: RuleRow;
  agents: AgentRow;

  /** Ranges that addresses may be taken from, as the user wrote them. */
  ipallocationpools: { id?: number; subnet_id: string; first_ip: string; last_ip: string };
  /** What of the pools is free now: disjoint ranges. */
  ipavailabilityranges: { subnet_id: string; first_ip: string; last_ip: string };
  ipallocations: AllocationRow;
  securitygroupportbindings: { port_id: string; security_group_id: string };
  default_security_group: { project_id: string; security_group_id: string };

  /** One row per segment of the configured ranges; pool: `gre`, `vxlan`, `vlan:<physical network>`, `flat`. */
  ml2_allocations: { pool: string; segmentation_id: number; allocated: number };
  ml2_flat_allocations: { physical_network: string };
  ml2_tunnel_endpoints: { tunnel_type: string; host: string; ip_address: string };

  networkdhcpagentbindings: { network_id: string; agent_id: string; binding_index: number };
  routerl3agentbindings: { router_id: string; agent_id: string };

  pools: PoolRow;
  vips: VipRow;
  members: MemberRow;
  healthmonitors: MonitorRow;
  poolmonitorassociations: AssociationRow;
  poolloadbalanceragentbindings: { pool_id: string; agent_id: string };

  firewall_policies: FirewallPolicyRow;
  firewall_rules: FirewallRuleRow;
  firewalls: FirewallRow;
  /** Which state of which firewall each router enforces, as its agent said; applied 0: it could not. */
  routerfirewalls: { router_id: string; firewall_id: string; generation: number; applied: number };

  meteringlabels: MeteringLabelRow;
  meteringlabelrules: MeteringRuleRow;

  subnetpools: SubnetPoolRow;

  quotas: { project_id: string; resource: string; limit_value: number };
  quotausages: { project_id: string; resource: string; in_use: number };

  /** Events for Nova that it has not confirmed yet. */
  nova_events: {
    id?: number;
    name: string;
    server_uuid: string;
    tag: string | null;
    status: string | null;
    created_at: string;
  };
}
