import type { PolicyTable } from '#common/auth/policy.ts';

const owner = 'rule:admin_or_owner';
const admin = 'rule:context_is_admin';
const all = (prefix: string, check: string, names: string): PolicyTable =>
  Object.fromEntries(
    names.split(' ').map((name) => [`os_compute_api:${prefix}${prefix === '' ? '' : ':'}${name}`, check]),
  );

/** Who may do what unless the operator's policy file says otherwise. Names are those of Nova's policy file. */
export const novaPolicies: PolicyTable = {
  context_is_admin: { check: 'role:admin', description: 'An administrator of the cloud.' },
  admin_or_owner: {
    check: 'is_admin:True or project_id:%(project_id)s',
    description: 'A member of the project that the resource belongs to.',
  },
  admin_or_user: { check: 'is_admin:True or user_id:%(user_id)s', description: 'The user that it belongs to.' },
  service_or_admin: { check: 'role:admin or role:service', description: 'Another service of the cloud.' },
  admin_api: { check: admin },

  ...all('servers', owner, 'index detail show create update delete reboot start stop'),
  ...all('servers', owner, 'create:attach_network create:trusted_certs'),
  ...all(
    'servers',
    admin,
    'index:get_all_tenants detail:get_all_tenants create:forced_host create:requested_destination allow_all_filters show:host_status',
  ),
  ...all('os-pause-server', owner, 'pause unpause'),
  ...all('os-lock-server', owner, 'lock unlock'),
  ...all('os-lock-server', admin, 'unlock:unlock_override'),
  ...all('os-deferred-delete', owner, 'force'),
  ...all('os-admin-actions', admin, 'reset_state'),
  ...all('', owner, 'os-console-output'),
  ...all('os-remote-consoles', owner, 'list'),
  ...all('os-multinic', owner, 'list'),
  ...all('os-floating-ips', owner, 'list show create delete add remove'),
  ...all('os-floating-ip-pools', '@', 'list'),
  ...all('os-security-groups', owner, 'list add remove get show create update delete rule:create rule:delete'),
  ...all('server-metadata', owner, 'index show create update update_all delete'),
  ...all('os-server-tags', owner, 'index show update update_all delete delete_all'),
  ...all('ips', owner, 'index show'),
  ...all('os-attach-interfaces', owner, 'list show create delete'),
  ...all('os-instance-actions', owner, 'list show events:details'),
  ...all('os-instance-actions', admin, 'events'),
  ...all('os-server-password', owner, 'show clear'),
  ...all('os-extended-server-attributes', admin, 'show'),

  ...all('flavors', '@', 'index show'),
  ...all('os-flavor-manage', admin, 'create update delete'),
  ...all('os-flavor-extra-specs', '@', 'index show'),
  ...all('os-flavor-extra-specs', admin, 'create update delete'),
  ...all('os-flavor-access', admin, 'list add_tenant_access remove_tenant_access'),
  ...all('os-keypairs', 'rule:admin_or_user', 'index show create delete'),
  ...all('', '@', 'limits extensions'),
  ...all('limits', admin, 'other_project'),
  ...all('os-quota-sets', owner, 'show detail'),
  ...all('os-quota-sets', '@', 'defaults'),
  ...all('os-quota-sets', admin, 'update delete'),
  ...all('os-quota-class-sets', admin, 'show update'),
  ...all('os-simple-tenant-usage', owner, 'show'),
  ...all('os-simple-tenant-usage', admin, 'list'),

  ...all('os-availability-zone', '@', 'list'),
  ...all('os-availability-zone', admin, 'detail'),
  ...all('os-services', admin, 'list update delete'),
  ...all('os-hosts', admin, 'list show'),
  ...all('os-hypervisors', admin, 'list list-detail show statistics servers search uptime'),
  ...all('os-aggregates', admin, 'index show create update delete add_host remove_host set_metadata'),
  ...all('os-migrations', admin, 'index'),
  ...all('os-server-groups', owner, 'index show create delete'),
  ...all('os-server-groups', admin, 'index:all_projects'),
  ...all('os-server-external-events', 'rule:service_or_admin', 'create'),
  ...all('os-networks', '@', 'list show'),
  ...all('os-tenant-networks', owner, 'list show'),
  ...all('images', '@', 'list show delete metadata'),

  ...all(
    '',
    admin,
    'os-agents os-cells os-fixed-ips os-floating-ips-bulk os-instance-usage-audit-log os-baremetal-nodes',
  ),
  ...all('', admin, 'os-cloudpipe os-console-auth-tokens os-security-group-default-rules os-fping:all_tenants'),
  ...all('os-networks', admin, 'create delete action'),
  ...all('os-tenant-networks', owner, 'create delete'),
  ...all('os-hosts', admin, 'update reboot startup shutdown'),
  ...all('os-aggregates', admin, 'images'),
  ...all('', owner, 'os-fping os-virtual-interfaces'),
  ...all('os-consoles', owner, 'index show create delete'),
  ...all('os-certificates', owner, 'show create'),
  ...all('', '@', 'os-floating-ip-dns os-cells:capabilities gone'),
  ...all('os-floating-ip-dns:domain', admin, 'update delete'),
};
