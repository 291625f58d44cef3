import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigSource } from '#common/config/config.ts';
import { fromObject, mergeSources, readConfigFiles, type PlainValue } from '#common/config/sources.ts';
import { hasProgram } from '#common/host/privileges.ts';
import { QEMU_ISCSI } from './packages.ts';
import type { Ports } from './ports.ts';
import type { Secrets, StateFolder } from './state.ts';

/** Everything that decides how the daemons of the all-in-one are configured. */
export interface CloudSettings {
  readonly state: StateFolder;
  readonly secrets: Secrets;
  readonly ports: Ports;
  /** Where to listen. */
  readonly bind: string;
  /** Where clients and services reach it. */
  readonly address: string;
  readonly host: string;
  readonly virt: 'libvirt' | 'qemu' | 'fake';
  readonly network: 'openvswitch' | 'fake';
  /** Folder with Open vSwitch's sockets, and its datapath. */
  readonly openvswitch: { readonly runDir: string; readonly datapathType: 'system' | 'netdev' } | null;
  /** `--config-dir`: files below it win over everything here. */
  readonly configDir: string | undefined;
}

type Sections = Readonly<Record<string, Readonly<Record<string, PlainValue>>>>;
export type ServiceName = 'keystone' | 'glance' | 'nova' | 'neutron' | 'cinder' | 'events' | 'dashboard';

/** A daemon's configuration in the all-in-one, in the manual's own options; then the operator's files of its service. */
export function daemonConfig(service: ServiceName, daemon: string, settings: CloudSettings): ConfigSource {
  const own = [sectionsOf[service](settings), exceptions[daemon]?.(settings) ?? {}];
  const sources = own.map((sections) => fromObject(sections, 'igloo up'));
  if (settings.configDir !== undefined) sources.push(operatorFiles(join(settings.configDir, service)));
  return mergeSources(...sources);
}

/** Daemons that hear another value than their siblings under the same name. */
const exceptions: Readonly<Record<string, (settings: CloudSettings) => Sections>> = {
  'glance-registry': (s) => ({ DEFAULT: { bind_port: s.ports.glanceRegistry } }),
};

/** The manual's file, where the operator has one: `dashboard/local_settings`. */
function localSettings({ configDir }: CloudSettings): string {
  const path = join(configDir ?? '', 'dashboard/local_settings');
  return configDir !== undefined && existsSync(path) ? path : '';
}

/** `nova/nova.conf` and what else ends in .conf or .ini, in the order of the names. */
function operatorFiles(folder: string): ConfigSource {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return readConfigFiles(names.filter((name) => /\.(conf|ini)$/.test(name)).map((name) => join(folder, name)));
}

const root = (settings: CloudSettings, port: keyof Ports): string =>
  `http://${settings.address}:${settings.ports[port]}`;

const database = (settings: CloudSettings, name: string): Sections => ({
  database: { connection: `sqlite:///${settings.state.path('db', `${name}.sqlite`)}` },
});

const authtoken = (settings: CloudSettings, user: string): Sections => ({
  keystone_authtoken: {
    auth_uri: root(settings, 'keystonePublic'),
    identity_uri: root(settings, 'keystoneAdmin'),
    admin_user: user,
    admin_password: settings.secrets.servicePassword,
    admin_tenant_name: 'service',
    // Asking is a call within the process: a revoked token is refused soon.
    token_cache_time: 5,
  },
});

const sectionsOf: Readonly<Record<ServiceName, (settings: CloudSettings) => Sections>> = {
  keystone: (s) => ({
    ...database(s, 'keystone'),
    DEFAULT: {
      public_bind_host: s.bind,
      admin_bind_host: s.bind,
      public_port: s.ports.keystonePublic,
      admin_port: s.ports.keystoneAdmin,
      admin_token: s.secrets.adminToken,
      notification_driver: 'messaging',
    },
    token: { provider: 'uuid' },
    fernet_tokens: { key_repository: s.state.path('keystone', 'fernet-keys') },
  }),
  glance: (s) => ({
    ...database(s, 'glance'),
    ...authtoken(s, 'glance'),
    DEFAULT: {
      bind_host: s.bind,
      bind_port: s.ports.glance,
      registry_host: s.address,
      registry_port: s.ports.glanceRegistry,
      filesystem_store_datadir: s.state.path('images'),
      notification_driver: 'messaging',
    },
    paste_deploy: { flavor: 'keystone' },
  }),
  nova: (s) => ({
    ...database(s, 'nova'),
    ...authtoken(s, 'nova'),
    DEFAULT: {
      my_ip: s.address,
      state_path: s.state.path('nova'),
      instances_path: s.state.path('nova', 'instances'),
      enabled_apis: 'ec2,osapi_compute,metadata',
      ec2_listen: s.bind,
      ec2_listen_port: s.ports.novaEc2,
      ec2_host: s.address,
      ec2_port: s.ports.novaEc2,
      osapi_compute_listen: s.bind,
      osapi_compute_listen_port: s.ports.nova,
      metadata_listen: s.bind,
      metadata_listen_port: s.ports.novaMetadata,
      auth_strategy: 'keystone',
      compute_driver: s.virt,
      vnc_enabled: true,
      vncserver_listen: '127.0.0.1',
      vncserver_proxyclient_address: '127.0.0.1',
      novncproxy_host: s.bind,
      novncproxy_port: s.ports.novnc,
      novncproxy_base_url: `${root(s, 'novnc')}/vnc_auto.html`,
      xvpvncproxy_host: s.bind,
      xvpvncproxy_port: s.ports.xvpvnc,
      xvpvncproxy_base_url: `${root(s, 'xvpvnc')}/console`,
      glance_host: s.address,
      glance_port: s.ports.glance,
      cinder_endpoint_template: root(s, 'cinder'),
      neutron_url: root(s, 'neutron'),
      neutron_admin_username: 'neutron',
      neutron_admin_password: s.secrets.servicePassword,
      neutron_admin_tenant_name: 'service',
      neutron_admin_auth_url: `${root(s, 'keystoneAdmin')}/v2.0`,
      service_neutron_metadata_proxy: true,
      neutron_metadata_proxy_shared_secret: s.secrets.metadataSecret,
      vif_plugging_is_fatal: true,
      vif_plugging_timeout: 60,
      // A machine that is a whole cloud has memory for guests that a host reserve of half a gigabyte would deny.
      reserved_host_memory_mb: 256,
      // There is one host.
      allow_resize_to_same_host: true,
    },
    serial_console: {
      enabled: true,
      listen: '127.0.0.1',
      proxyclient_address: '127.0.0.1',
      serialproxy_host: s.bind,
      serialproxy_port: s.ports.serialproxy,
      base_url: `${root(s, 'serialproxy').replace(/^http/, 'ws')}/`,
    },
    ovs: s.openvswitch ? { run_dir: s.openvswitch.runDir } : {},
  }),
  neutron: (s) => ({
    ...database(s, 'neutron'),
    ...authtoken(s, 'neutron'),
    DEFAULT: {
      bind_host: s.bind,
      bind_port: s.ports.neutron,
      state_path: s.state.path('neutron'),
      core_plugin: 'ml2',
      service_plugins: 'router,metering',
      allow_overlapping_ips: true,
      notify_nova_on_port_status_changes: true,
      notify_nova_on_port_data_changes: true,
      nova_url: `${root(s, 'nova')}/v2`,
      nova_admin_username: 'nova',
      nova_admin_password: s.secrets.servicePassword,
      nova_admin_tenant_name: 'service',
      nova_admin_auth_url: `${root(s, 'keystoneAdmin')}/v2.0`,
      send_events_interval: 0,
      metadata_proxy_shared_secret: s.secrets.metadataSecret,
      nova_metadata_ip: s.address,
      nova_metadata_port: s.ports.novaMetadata,
      external_network_bridge: 'br-ex',
    },
    ml2: {
      type_drivers: 'local,flat,vlan,gre,vxlan',
      tenant_network_types: 'gre',
      mechanism_drivers: s.network === 'fake' ? 'fake' : 'openvswitch',
    },
    ml2_type_gre: { tunnel_id_ranges: '1:1000' },
    ml2_type_vxlan: { vni_ranges: '1001:2000' },
    securitygroup: {
      enable_security_group: true,
      firewall_driver: 'neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver',
    },
    ovs: s.openvswitch
      ? {
          run_dir: s.openvswitch.runDir,
          datapath_type: s.openvswitch.datapathType,
          local_ip: '127.0.0.1',
          enable_tunneling: true,
        }
      : {},
    agent: { tunnel_types: 'gre,vxlan' },
  }),
  cinder: (s) => ({
    ...database(s, 'cinder'),
    ...authtoken(s, 'cinder'),
    DEFAULT: {
      my_ip: s.address,
      state_path: s.state.path('cinder'),
      osapi_volume_listen: s.bind,
      osapi_volume_listen_port: s.ports.cinder,
      auth_strategy: 'keystone',
      glance_host: s.address,
      glance_port: s.ports.glance,
      enabled_backends: volumeBackend(s),
      private_tgtd: true,
      iscsi_ip_address: '127.0.0.1',
      iscsi_port: s.ports.iscsi,
    },
    file: { volume_driver: 'file', iscsi_helper: volumeTarget(), volume_backend_name: 'file' },
    fake: { volume_driver: 'fake', iscsi_helper: 'fake', volume_backend_name: 'fake' },
  }),
  events: (s) => ({
    ...authtoken(s, 'events'),
    DEFAULT: { bind_host: s.bind, bind_port: s.ports.events },
  }),
  dashboard: (s) => ({
    DEFAULT: {
      bind_host: s.bind,
      bind_port: s.ports.dashboard,
      keystone_url: `${root(s, 'keystonePublic')}/v3`,
      local_settings: localSettings(s),
    },
  }),
};

/** Exported as to other hosts where this machine has the programs; else guests open the files themselves. */
const volumeTarget = (): string => (hasProgram('tgtd') && existsSync(QEMU_ISCSI) ? 'tgtadm' : 'local');

/** Volumes that no guest can open need no bytes. */
const volumeBackend = ({ virt }: CloudSettings): string => (virt === 'fake' ? 'fake' : 'file');
