/** One daemon under the name that `service` and `chkconfig` know it by. */
export interface Service {
  /** The manual's: `openstack-nova-api`. */
  readonly name: string;
  readonly description: string;
  /** The command in `bin/`. */
  readonly program: string;
  /** Whom it runs as. Agents and nova-compute change the host's network and start guests: they are root's. */
  readonly user: string;
  /** What that account may do beside: `net_bind_service` for a port below 1024. */
  readonly capability?: string;
  /** Given with `--config-file`, in reading order. */
  readonly configFiles: readonly string[];
  readonly logFile: string;
  /** TCP ports that it listens on with the default configuration: it has started when all of them answer. */
  readonly ports: readonly number[];
}

const etc = (service: string, file: string): readonly string[] => [
  `/usr/share/${service}/${service}-dist.conf`,
  `/etc/${service}/${file}`,
];

const nova = (part: string, description: string, ports: readonly number[] = [], user = 'nova'): Service => ({
  name: `openstack-nova-${part}`,
  description,
  program: `nova-${part}`,
  user,
  configFiles: etc('nova', 'nova.conf'),
  logFile: `/var/log/nova/${part}.log`,
  ports,
});

const glance = (part: string, description: string, port: number): Service => ({
  name: `openstack-glance-${part}`,
  description,
  program: `glance-${part}`,
  user: 'glance',
  configFiles: [`/usr/share/glance/glance-${part}-dist.conf`, `/etc/glance/glance-${part}.conf`],
  logFile: `/var/log/glance/${part}.log`,
  ports: [port],
});

const cinder = (part: string, description: string, ports: readonly number[] = [], user = 'cinder'): Service => ({
  name: `openstack-cinder-${part}`,
  description,
  program: `cinder-${part}`,
  user,
  configFiles: etc('cinder', 'cinder.conf'),
  logFile: `/var/log/cinder/${part}.log`,
  ports,
});

const agent = (part: string, description: string, file: string): Service => ({
  name: `neutron-${part}`,
  description,
  program: `neutron-${part}`,
  user: 'root',
  configFiles: [...etc('neutron', 'neutron.conf'), `/etc/neutron/${file}`],
  logFile: `/var/log/neutron/${part}.log`,
  ports: [],
});

/** Every service of the manual that Igloo itself provides. */
export const services: readonly Service[] = [
  {
    name: 'openstack-keystone',
    description: 'OpenStack Identity Service',
    program: 'keystone-all',
    user: 'keystone',
    configFiles: etc('keystone', 'keystone.conf'),
    logFile: '/var/log/keystone/keystone.log',
    ports: [5000, 35357],
  },
  glance('api', 'OpenStack Image Service API', 9292),
  glance('registry', 'OpenStack Image Service Registry', 9191),
  nova('api', 'OpenStack Compute API', [8774, 8775]),
  nova('cert', 'OpenStack Compute X.509 certificates'),
  nova('conductor', 'OpenStack Compute Conductor'),
  nova('consoleauth', 'OpenStack Compute console tokens'),
  nova('novncproxy', 'OpenStack Compute noVNC proxy', [6080]),
  nova('xvpvncproxy', 'OpenStack Compute XVP VNC proxy', [6081]),
  nova('serialproxy', 'OpenStack Compute serial console proxy', [6083]),
  nova('scheduler', 'OpenStack Compute Scheduler'),
  nova('compute', 'OpenStack Compute hypervisor host', [], 'root'),
  {
    name: 'neutron-server',
    description: 'OpenStack Networking API',
    program: 'neutron-server',
    user: 'neutron',
    configFiles: [...etc('neutron', 'neutron.conf'), '/etc/neutron/plugin.ini'],
    logFile: '/var/log/neutron/server.log',
    ports: [9696],
  },
  // The file is the old plug-in's on purpose: the packages of the time had it so, and the manual mends it.
  agent('openvswitch-agent', 'OpenStack Networking Open vSwitch agent', 'plugins/openvswitch/ovs_neutron_plugin.ini'),
  agent('l3-agent', 'OpenStack Networking L3 agent', 'l3_agent.ini'),
  agent('dhcp-agent', 'OpenStack Networking DHCP agent', 'dhcp_agent.ini'),
  agent('metadata-agent', 'OpenStack Networking metadata agent', 'metadata_agent.ini'),
  agent('metering-agent', 'OpenStack Networking metering agent', 'metering_agent.ini'),
  {
    // The manual's Apache serves the dashboard and nothing else.
    name: 'httpd',
    description: 'OpenStack Dashboard',
    program: 'openstack-dashboard',
    user: 'apache',
    capability: 'net_bind_service',
    configFiles: [
      '/usr/share/openstack-dashboard/openstack-dashboard-dist.conf',
      '/etc/openstack-dashboard/dashboard.conf',
    ],
    logFile: '/var/log/httpd/error_log',
    ports: [80],
  },
  cinder('api', 'OpenStack Block Storage API', [8776]),
  cinder('scheduler', 'OpenStack Block Storage Scheduler'),
  cinder('backup', 'OpenStack Block Storage Backup', [], 'root'),
  cinder('volume', 'OpenStack Block Storage volumes', [], 'root'),
];
