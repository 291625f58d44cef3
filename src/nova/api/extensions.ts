import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';

/** Extensions that are truly here: alias, name, description. */
const extensions = (
  [
    ['OS-DCF', 'DiskConfig', 'Disk Management Extension.'],
    ['OS-EXT-AZ', 'ExtendedAvailabilityZone', 'Extended Availability Zone support.'],
    ['OS-EXT-IMG-SIZE', 'ImageSize', 'Adds image size to image listings.'],
    ['OS-EXT-IPS', 'ExtendedIps', 'Adds type parameter to the ip list.'],
    ['OS-EXT-IPS-MAC', 'ExtendedIpsMac', 'Adds mac address parameter to the ip list.'],
    ['OS-EXT-SRV-ATTR', 'ExtendedServerAttributes', 'Extended Server Attributes support.'],
    ['OS-EXT-STS', 'ExtendedStatus', 'Extended Status support.'],
    ['OS-FLV-DISABLED', 'FlavorDisabled', 'Support to show the disabled status of a flavor.'],
    ['OS-FLV-EXT-DATA', 'FlavorExtraData', 'Provide additional data for flavors.'],
    ['OS-SCH-HNT', 'SchedulerHints', 'Pass arbitrary key/value pairs to the scheduler.'],
    ['OS-SRV-USG', 'ServerUsage', 'Adds launched_at and terminated_at on Servers.'],
    ['os-admin-actions', 'AdminActions', 'Administrator actions on servers: os-resetState.'],
    ['os-aggregates', 'Aggregates', 'Admin-only aggregate administration.'],
    ['os-attach-interfaces', 'AttachInterfaces', 'Attach interface support.'],
    ['os-availability-zone', 'AvailabilityZone', 'Zones of servers and of hosts.'],
    ['os-config-drive', 'ConfigDrive', 'Config Drive Extension.'],
    ['os-console-output', 'ConsoleOutput', "Read a server's serial console."],
    ['os-consoles', 'Consoles', "Open a server's screen."],
    ['os-deferred-delete', 'DeferredDelete', 'Force the deletion of a server.'],
    ['os-extended-quotas', 'ExtendedQuotas', 'Reset quotas to their defaults, and force them below what is used.'],
    ['os-extended-services', 'ExtendedServices', 'Disable services with a reason.'],
    ['os-extended-services-delete', 'ExtendedServicesDelete', 'Delete services.'],
    ['os-extended-volumes', 'ExtendedVolumes', 'Show the volumes of servers.'],
    ['os-flavor-access', 'FlavorAccess', 'Flavor access support.'],
    ['os-flavor-extra-specs', 'FlavorExtraSpecs', 'Flavors extra specs support.'],
    ['os-flavor-manage', 'FlavorManage', 'Make and delete flavors.'],
    ['os-flavor-rxtx', 'FlavorRxtx', 'Show the rxtx factor of a flavor.'],
    ['os-flavor-swap', 'FlavorSwap', 'Show the swap of a flavor.'],
    ['os-floating-ip-pools', 'FloatingIpPools', 'Floating IPs pools support.'],
    ['os-floating-ips', 'FloatingIps', 'Floating IPs support.'],
    ['os-hosts', 'Hosts', 'Admin-only host administration.'],
    ['os-hypervisors', 'Hypervisors', 'Admin-only hypervisor administration.'],
    ['os-instance-actions', 'InstanceActions', 'View a log of actions and events taken on a server.'],
    ['os-keypairs', 'Keypairs', 'Keypair Support.'],
    ['os-lock-server', 'LockServer', 'Lock and unlock servers.'],
    ['os-migrations', 'Migrations', 'Information on migrations.'],
    ['os-multiple-create', 'MultipleCreate', 'Make several servers with one request.'],
    ['os-networks', 'Networks', 'Networks of the network service.'],
    ['os-pause-server', 'PauseServer', 'Pause and unpause servers.'],
    ['os-personality', 'Personality', 'Put files into new servers.'],
    ['os-quota-class-sets', 'QuotaClasses', 'Quota classes management support.'],
    ['os-quota-sets', 'Quotas', 'Quotas management support.'],
    ['os-security-groups', 'SecurityGroups', 'Security group support.'],
    ['os-server-external-events', 'ServerExternalEvents', 'Server External Event Triggers.'],
    ['os-server-groups', 'ServerGroups', 'Server group support.'],
    ['os-server-password', 'ServerPassword', 'The password that a guest has set.'],
    ['os-server-start-stop', 'ServerStartStop', 'Start and stop servers.'],
    ['os-services', 'Services', 'Services support.'],
    ['os-simple-tenant-usage', 'SimpleTenantUsage', 'Simple tenant usage extension.'],
    ['os-tenant-networks', 'TenantNetworks', "The project's networks."],
    ['os-used-limits', 'UsedLimits', 'Show what is used of the limits.'],
    ['os-user-data', 'UserData', 'Give user data to new servers.'],
  ] as const
).map(([alias, name, description]) => ({
  alias,
  name,
  description,
  links: [],
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  updated: '2014-12-03T00:00:00Z',
}));

const route = routesFor<object>();

export const extensionRoutes = [
  route({
    id: 'extensions.list',
    summary: 'List API extensions',
    method: 'GET',
    path: '/extensions',
    policy: 'os_compute_api:extensions',
    status: 200,
    handle: () => ({ extensions }),
  }),
  route({
    id: 'extensions.show',
    summary: 'Show an API extension',
    method: 'GET',
    path: '/extensions/:alias',
    policy: 'os_compute_api:extensions',
    status: 200,
    params: Type.Object({ alias: Type.String() }),
    handle: (_nothing, { params: { alias } }) => {
      const extension = extensions.find((one) => one.alias === alias);
      if (!extension) throw notFound(`No extension "${alias}" is here.`);
      return { extension };
    },
  }),
  route({
    id: 'migrations.list',
    summary: 'List migrations of servers: there are none yet',
    method: 'GET',
    path: '/os-migrations',
    policy: 'os_compute_api:os-migrations:index',
    status: 200,
    handle: () => ({ migrations: [] }),
  }),
];
