import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const localSettings = readFileSync(join(import.meta.dirname, 'local_settings'), 'utf8');

/** What one package of the manual brings to a host. */
export interface Package {
  /** The account that its daemons run as, its files belong to. */
  readonly user?: string;
  /** Folders of that account. */
  readonly folders?: readonly string[];
  /** Commands in `bin/`. */
  readonly commands?: readonly string[];
  /** Names in the catalogue of services. */
  readonly services?: readonly string[];
  /** Configuration files to begin with; one that is there already is left alone. */
  readonly files?: Readonly<Record<string, string>>;
}

const folders = (service: string): readonly string[] =>
  ['/etc', '/var/lib', '/var/log', '/var/run'].map((at) => `${at}/${service}`);
const empty = (...paths: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path) => [path, '']));

/**
 * A distribution's file, read before the one in /etc: until an operator says more, the service's database is the one
 * that `openstack-db --init` makes on this host.
 */
const dist = (service: string, more = ''): string =>
  `[DEFAULT]\n${more}\n[database]\nconnection = mysql://${service}:${service}@localhost/${service}\n`;

/** What several packages of one service share, as the distribution's `…-common` packages. */
const novaCommon: Package = {
  user: 'nova',
  folders: [...folders('nova'), '/var/lib/nova/instances'],
  commands: ['nova-manage'],
  files: { '/usr/share/nova/nova-dist.conf': dist('nova'), ...empty('/etc/nova/nova.conf') },
};
const nova = (...parts: readonly string[]): Package => ({
  ...novaCommon,
  services: parts.map((part) => `openstack-nova-${part}`),
});
const neutronFiles = {
  ...empty('/etc/neutron/neutron.conf', '/etc/neutron/l3_agent.ini', '/etc/neutron/dhcp_agent.ini'),
  ...empty('/etc/neutron/metadata_agent.ini', '/etc/neutron/plugins/ml2/ml2_conf.ini'),
  // Tenants may choose the same addresses: the distribution's choice, not the program's default.
  '/usr/share/neutron/neutron-dist.conf': dist('neutron', 'allow_overlapping_ips = True\n'),
};

/** The manual's packages that Igloo provides. What other programs bring (a database, a switch) is the distribution's. */
export const packages: Readonly<Record<string, Package>> = {
  'openstack-utils': { commands: ['openstack-config', 'openstack-db'] },
  'python-keystoneclient': { commands: ['keystone'] },
  'python-glanceclient': { commands: ['glance'] },
  'python-novaclient': { commands: ['nova'] },
  'python-neutronclient': { commands: ['neutron'] },
  'python-cinderclient': { commands: ['cinder'] },
  'openstack-keystone': {
    user: 'keystone',
    folders: folders('keystone'),
    commands: ['keystone-manage'],
    services: ['openstack-keystone'],
    files: { '/usr/share/keystone/keystone-dist.conf': dist('keystone'), ...empty('/etc/keystone/keystone.conf') },
  },
  'openstack-glance': {
    user: 'glance',
    folders: [...folders('glance'), '/var/lib/glance/images'],
    commands: ['glance-manage'],
    services: ['openstack-glance-api', 'openstack-glance-registry'],
    files: {
      '/usr/share/glance/glance-api-dist.conf': dist('glance'),
      '/usr/share/glance/glance-registry-dist.conf': dist('glance'),
      ...empty('/etc/glance/glance-api.conf', '/etc/glance/glance-registry.conf'),
    },
  },
  'openstack-nova-api': nova('api'),
  'openstack-nova-cert': nova('cert'),
  'openstack-nova-conductor': nova('conductor'),
  'openstack-nova-console': nova('consoleauth', 'xvpvncproxy'),
  'openstack-nova-novncproxy': nova('novncproxy'),
  'openstack-nova-serialproxy': nova('serialproxy'),
  'openstack-nova-scheduler': nova('scheduler'),
  'openstack-nova-compute': nova('compute'),
  'openstack-neutron': {
    user: 'neutron',
    folders: [...folders('neutron'), '/etc/neutron/plugins/ml2'],
    commands: ['neutron-db-manage'],
    services: ['neutron-server', 'neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent'],
    files: neutronFiles,
  },
  'openstack-neutron-metering-agent': {
    user: 'neutron',
    folders: folders('neutron'),
    services: ['neutron-metering-agent'],
    files: { ...neutronFiles, ...empty('/etc/neutron/metering_agent.ini') },
  },
  'openstack-neutron-ml2': {
    user: 'neutron',
    folders: [...folders('neutron'), '/etc/neutron/plugins/ml2'],
    files: neutronFiles,
  },
  'openstack-neutron-openvswitch': {
    user: 'neutron',
    folders: [...folders('neutron'), '/etc/neutron/plugins/openvswitch'],
    services: ['neutron-openvswitch-agent'],
    files: { ...neutronFiles, ...empty('/etc/neutron/plugins/openvswitch/ovs_neutron_plugin.ini') },
  },
  'openstack-dashboard': {
    user: 'apache',
    folders: ['/etc/openstack-dashboard'],
    files: {
      // On the port and the addresses of the manual's Apache.
      '/usr/share/openstack-dashboard/openstack-dashboard-dist.conf':
        '[DEFAULT]\nbind_host = 0.0.0.0\nbind_port = 80\n',
      ...empty('/etc/openstack-dashboard/dashboard.conf'),
      '/etc/openstack-dashboard/local_settings': localSettings,
    },
  },
  httpd: { user: 'apache', folders: ['/var/log/httpd', '/var/run/httpd'], services: ['httpd'] },
  mod_wsgi: {},
  'python-memcached': {},
  'openstack-cinder': {
    user: 'cinder',
    folders: [...folders('cinder'), '/etc/cinder/volumes', '/var/lib/cinder/volumes'],
    commands: ['cinder-manage', 'cinder'],
    services: [
      'openstack-cinder-api',
      'openstack-cinder-scheduler',
      'openstack-cinder-volume',
      'openstack-cinder-backup',
    ],
    files: { '/usr/share/cinder/cinder-dist.conf': dist('cinder'), ...empty('/etc/cinder/cinder.conf') },
  },
};
