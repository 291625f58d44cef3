/** neutron-server's options, under the names and in the files of the manual: neutron.conf and ml2_conf.ini (plugin.ini). */
import { policyFileOption } from '#common/auth/policy-file.ts';
import { authtokenOptions, databaseOptions, loggingOptions } from '#common/config/common-options.ts';
import { bool, int, list, oneOf, optionalStr, str } from '#common/config/config.ts';

const api = {
  bind_host: str({ default: '0.0.0.0', help: 'Address that the Networking API listens on.' }),
  bind_port: int({ default: 9696, help: 'Its port.' }),
  auth_strategy: oneOf(['keystone', 'noauth'], {
    default: 'keystone',
    help: 'keystone checks tokens. noauth lets everybody do everything: for tests only.',
  }),
  policy_file: policyFileOption('/etc/neutron'),
  pagination_max_limit: str({ default: '-1', help: 'The most rows of a page; -1 or infinite for no limit.' }),
} as const;

const plugins = {
  core_plugin: oneOf(
    ['ml2'],
    { default: 'ml2', help: 'The core plug-in.' },
    { 'neutron.plugins.ml2.plugin.Ml2Plugin': 'ml2', 'neutron.plugins.ml2.plugin:Ml2Plugin': 'ml2' },
  ),
  service_plugins: list({
    default: ['router'],
    help: 'Service plug-ins. router: routers and floating IPs; lbaas: load balancers; firewall: firewalls of routers; metering: counting of their traffic.',
  }),
} as const;

const addresses = {
  base_mac: str({
    default: 'fa:16:3e:00:00:00',
    help: 'The first three octets of every MAC address; the fourth too unless it is 00.',
  }),
  allow_overlapping_ips: bool({
    default: true,
    help: 'Whether subnets of different networks may overlap. False in the original unless the distribution file says True.',
  }),
  max_dns_nameservers: int({ default: 5, help: 'Name servers of a subnet.' }),
  max_subnet_host_routes: int({ default: 20, help: 'Host routes of a subnet.' }),
  max_fixed_ips_per_port: int({ default: 5, help: 'Addresses of a port.' }),
  max_allowed_address_pair: int({ default: 10, help: 'Allowed address pairs of a port.' }),
  max_routes: int({ default: 30, help: 'Extra routes of a router.', deprecated: ['quotas/max_routes'] }),
  enable_snat_by_default: bool({ default: true, help: 'Whether a gateway without enable_snat translates addresses.' }),
  global_physnet_mtu: int({ default: 1500, help: 'Bytes of an IP packet on the physical networks.' }),
} as const;

const agents = {
  agent_down_time: int({
    default: 75,
    help: 'Seconds of silence after which an agent counts as dead; twice its report_interval at least.',
  }),
  dhcp_agents_per_network: int({ default: 1, help: 'DHCP agents that serve a network.' }),
  network_auto_schedule: bool({ default: true, help: 'A DHCP agent that starts takes networks that nobody serves.' }),
  router_auto_schedule: bool({ default: true, help: 'An L3 agent that starts takes routers that nobody runs.' }),
  allow_automatic_dhcp_failover: bool({ default: true, help: 'Give networks of a dead DHCP agent to a living one.' }),
  allow_automatic_l3agent_failover: bool({ default: false, help: 'Give routers of a dead L3 agent to a living one.' }),
} as const;

const nova = {
  notify_nova_on_port_status_changes: bool({
    default: true,
    help: 'Tell Nova when a port of a server is wired or not any more.',
  }),
  notify_nova_on_port_data_changes: bool({
    default: true,
    help: "Tell Nova when addresses of a server's port change.",
  }),
  nova_url: str({ default: 'http://127.0.0.1:8774/v2', help: 'The Compute API; the tenant id is appended.' }),
  nova_admin_username: optionalStr({ default: null, help: 'Account for the events. Without one nothing is sent.' }),
  nova_admin_password: optionalStr({ default: null, help: 'Its password.', secret: true }),
  nova_admin_tenant_id: optionalStr({ default: null, help: 'Its tenant, by id.' }),
  nova_admin_tenant_name: optionalStr({ default: null, help: 'Its tenant, by name, unless the id is given.' }),
  nova_admin_auth_url: str({ default: 'http://localhost:5000/v2.0', help: 'Where it signs in.' }),
  send_events_interval: int({ default: 2, help: 'Seconds to gather events before they are sent together.' }),
} as const;

const limit = (value: number, what: string) => int({ default: value, help: `${what} of a project; -1 for no limit.` });

export const neutronServerOptions = {
  DEFAULT: { ...loggingOptions, ...api, ...plugins, ...addresses, ...agents, ...nova },
  database: databaseOptions('sqlite:////var/lib/neutron/neutron.sqlite'),
  keystone_authtoken: authtokenOptions,
  quotas: {
    quota_network: limit(10, 'Networks'),
    quota_subnet: limit(10, 'Subnets'),
    quota_subnetpool: limit(-1, 'Subnet pools'),
    quota_port: limit(50, 'Ports'),
    quota_router: limit(10, 'Routers'),
    quota_floatingip: limit(50, 'Floating IPs'),
    quota_security_group: limit(10, 'Security groups'),
    quota_security_group_rule: limit(100, 'Security group rules'),
    quota_vip: limit(10, 'VIPs of load balancers'),
    quota_pool: limit(10, 'Pools of load balancers'),
    quota_member: limit(-1, 'Members of pools'),
    quota_health_monitor: limit(-1, 'Health monitors'),
    quota_firewall: limit(1, 'Firewalls'),
    quota_firewall_policy: limit(1, 'Firewall policies'),
    quota_firewall_rule: limit(100, 'Firewall rules'),
  },
  ml2: {
    type_drivers: list({
      default: ['local', 'flat', 'vlan', 'gre', 'vxlan'],
      help: 'Network types that there are: local, flat, vlan, gre, vxlan.',
    }),
    tenant_network_types: list({
      default: ['local'],
      help: 'Types tried in order for a network that names none.',
    }),
    mechanism_drivers: list({
      default: [],
      help: 'Drivers that connect ports, asked in order: openvswitch, logger, fake.',
    }),
    external_network_type: optionalStr({
      default: null,
      help: 'Type of an external network that names none; as any other unless given.',
    }),
    path_mtu: int({ default: 0, help: 'Bytes of an IP packet between tunnel endpoints; 0: global_physnet_mtu.' }),
    overlay_ip_version: int({ default: 4, help: 'IP version of the tunnel endpoints: 4 or 6.' }),
  },
  service_providers: {
    service_provider: list({
      default: [
        'LOADBALANCER:Haproxy:neutron.services.loadbalancer.drivers.haproxy.plugin_driver.HaproxyOnHostPluginDriver:default',
      ],
      help: 'Who provides an advanced service: <type>:<name>:<driver>[:default]. Load balancers are provided by haproxy.',
    }),
  },
  ml2_type_flat: {
    flat_networks: list({ default: ['*'], help: 'Physical networks with an untagged network; * for any.' }),
  },
  ml2_type_vlan: {
    network_vlan_ranges: list({
      default: [],
      help: 'physical_network:first:last for tenants; physical_network alone for administrators only.',
    }),
  },
  ml2_type_gre: { tunnel_id_ranges: list({ default: [], help: 'GRE keys for tenant networks: first:last.' }) },
  ml2_type_vxlan: {
    vni_ranges: list({ default: [], help: 'VXLAN network identifiers for tenant networks: first:last.' }),
  },
  securitygroup: {
    firewall_driver: str({
      default: 'neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver',
      help: 'How the agents enforce security groups; a Noop driver does not.',
    }),
    enable_security_group: bool({ default: true, help: 'Whether security groups are enforced.' }),
  },
} as const;
