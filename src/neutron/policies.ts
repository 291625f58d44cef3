/** Who may do what: Neutron's rules under their own names. An operator's policy.json replaces single ones. */
import type { PolicyTable } from '#common/auth/policy.ts';

const admin = 'rule:admin_only';
const owner = 'rule:admin_or_owner';
const networkOwner = 'rule:admin_or_network_owner';
const anybody = 'rule:regular_user';

/** The same rule for several names. */
const each = (check: string, ...names: readonly string[]): PolicyTable =>
  Object.fromEntries(names.map((name) => [name, check]));

const provider = ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id'];

export const neutronPolicies: PolicyTable = {
  context_is_admin: { check: 'role:admin', description: 'Who administers the network of the whole cloud.' },
  admin_only: 'rule:context_is_admin',
  regular_user: { check: '', description: 'Everybody with a token.' },
  admin_or_owner: 'rule:context_is_admin or tenant_id:%(project_id)s',
  admin_or_network_owner: 'rule:context_is_admin or tenant_id:%(network:tenant_id)s',
  // Their own attributes say so: `field:networks:shared=True` in Icehouse's spelling.
  shared: "'true':%(shared)s",
  external: "'true':%(router:external)s",

  create_network: anybody,
  get_network: 'rule:admin_or_owner or rule:shared or rule:external',
  update_network: owner,
  delete_network: owner,
  ...each(
    admin,
    'create_network:shared',
    'update_network:shared',
    'create_network:is_default',
    'update_network:is_default',
  ),
  ...each(admin, 'create_network:router:external', 'update_network:router:external'),
  ...each(owner, 'create_network:port_security_enabled', 'update_network:port_security_enabled'),
  ...each(
    admin,
    ...provider.flatMap((name) => [`create_network:${name}`, `update_network:${name}`, `get_network:${name}`]),
  ),

  create_subnet: networkOwner,
  get_subnet: 'rule:admin_or_owner or rule:shared',
  update_subnet: 'rule:admin_or_owner or rule:admin_or_network_owner',
  delete_subnet: 'rule:admin_or_owner or rule:admin_or_network_owner',

  create_subnetpool: anybody,
  get_subnetpool: 'rule:admin_or_owner or rule:shared',
  ...each(owner, 'update_subnetpool', 'delete_subnetpool', 'add_prefixes', 'remove_prefixes'),
  ...each(admin, 'create_subnetpool:shared', 'create_subnetpool:is_default', 'update_subnetpool:is_default'),

  create_port: anybody,
  get_port: owner,
  update_port: owner,
  delete_port: owner,
  ...each(
    networkOwner,
    ...['mac_address', 'fixed_ips', 'port_security_enabled'].flatMap((name) => [
      `create_port:${name}`,
      `update_port:${name}`,
    ]),
  ),
  ...each(
    admin,
    ...['binding:host_id', 'binding:profile'].flatMap((name) => [
      `create_port:${name}`,
      `update_port:${name}`,
      `get_port:${name}`,
    ]),
    'get_port:binding:vif_type',
    'get_port:binding:vif_details',
  ),

  create_router: anybody,
  get_router: owner,
  update_router: owner,
  delete_router: owner,
  ...each(owner, 'add_router_interface', 'remove_router_interface'),
  ...each(
    admin,
    'get_router:distributed',
    'get_router:ha',
    ...['create_router', 'update_router'].flatMap((rule) => [
      `${rule}:external_gateway_info:enable_snat`,
      `${rule}:external_gateway_info:external_fixed_ips`,
    ]),
  ),

  create_floatingip: anybody,
  'create_floatingip:floating_ip_address': admin,
  ...each(owner, 'get_floatingip', 'update_floatingip', 'delete_floatingip'),

  create_security_group: owner,
  ...each(owner, 'get_security_group', 'update_security_group', 'delete_security_group'),
  create_security_group_rule: owner,
  ...each(owner, 'get_security_group_rule', 'delete_security_group_rule'),

  get_quota: anybody,
  ...each(admin, 'get_quota:all', 'update_quota', 'delete_quota'),

  ...each(
    admin,
    ...['metering_label', 'metering_label_rule'].flatMap((name) => [`create_${name}`, `get_${name}`, `delete_${name}`]),
  ),
  ...each(anybody, 'get_metering_labels', 'get_metering_label_rules'),

  ...each(admin, 'get_agent', 'update_agent', 'delete_agent'),
  ...each(
    admin,
    'get_dhcp-networks',
    'create_dhcp-network',
    'delete_dhcp-network',
    'get_dhcp-agents',
    'get_l3-routers',
    'create_l3-router',
    'delete_l3-router',
    'get_l3-agents',
  ),
  get_network_ip_availability: admin,

  // Load balancers
  ...each(
    owner,
    ...['vip', 'pool', 'member', 'health_monitor'].flatMap((name) => [
      `create_${name}`,
      `get_${name}`,
      `update_${name}`,
      `delete_${name}`,
    ]),
    'create_pool_health_monitor',
    'delete_pool_health_monitor',
    'get_pool_stats',
  ),
  ...each(admin, 'get_loadbalancer-agent', 'get_loadbalancer-pools'),

  // Firewalls
  ...each(anybody, 'create_firewall', 'create_firewall_policy', 'create_firewall_rule'),
  ...each(admin, 'create_firewall:shared', 'get_firewall:shared', 'update_firewall:shared'),
  shared_firewalls: "'true':%(shared)s",
  ...each('rule:admin_or_owner or rule:shared_firewalls', 'get_firewall_policy', 'get_firewall_rule'),
  ...each(
    owner,
    'get_firewall',
    'update_firewall',
    'delete_firewall',
    'create_firewall_policy:shared',
    ...['firewall_policy', 'firewall_rule'].flatMap((name) => [`update_${name}`, `delete_${name}`]),
    'insert_rule',
    'remove_rule',
  ),
  ...each(anybody, 'get_agents', 'get_availability_zone', 'get_extension', 'get_service_provider'),
};
