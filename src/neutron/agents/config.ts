import { bool, int, list, oneOf, optionalStr, str } from '#common/config/config.ts';

const common = {
  state_path: str({ default: '/var/lib/neutron', help: "Folder of the agents' own files." }),
};

/** How an agent finds Open vSwitch. */
const ovsAccess = {
  run_dir: str({
    default: '/run/openvswitch',
    help: "Folder with Open vSwitch's sockets: db.sock and one <bridge>.mgmt per bridge.",
  }),
  datapath_type: oneOf(['auto', 'system', 'netdev'], {
    default: 'auto',
    help: "Datapath of the bridges that agents make: the kernel's (system) or userspace (netdev). auto takes the kernel's where it has one.",
  }),
  integration_bridge: str({ default: 'br-int', help: 'The bridge that every port of this host is plugged into.' }),
};

const reportInterval = int({
  default: 30,
  help: 'Seconds between two heartbeats of an agent.',
  deprecated: ['DEFAULT/report_interval'],
});

const resync = (help: string) => int({ default: 300, help });

export const ovsAgentOptions = {
  DEFAULT: common,
  ovs: {
    ...ovsAccess,
    local_ip: str({ default: '', help: 'Local endpoint of the tunnels. Required when tunnelling is on.' }),
    enable_tunneling: bool({ default: false, help: 'Make br-tun and the mesh of tunnels.' }),
    tunnel_type: str({ default: '', help: 'Tunnel type of the old plug-in; used when [agent] tunnel_types is unset.' }),
    tunnel_bridge: str({ default: 'br-tun', help: 'The bridge with the tunnels.' }),
    int_peer_patch_port: str({ default: 'patch-tun', help: 'The port of br-int that leads to br-tun.' }),
    tun_peer_patch_port: str({ default: 'patch-int', help: 'The port of br-tun that leads to br-int.' }),
    bridge_mappings: list({
      default: [],
      help: 'Physical networks and their bridges: physnet1:br-eth1,physnet2:br-ex. The bridges must exist.',
    }),
  },
  agent: {
    report_interval: reportInterval,
    tunnel_types: list({ default: [], help: 'Tunnel types of this host: gre, vxlan.' }),
    vxlan_udp_port: int({ default: 4789, help: 'UDP port of VXLAN tunnels.' }),
    resync_interval: resync('Seconds between two full comparisons of what should be with what is.'),
  },
  securitygroup: {
    firewall_driver: str({
      default: 'neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver',
      help: 'OVSHybridIptablesFirewallDriver (alias iptables_hybrid) filters on the qbr bridges; NoopFirewallDriver (alias noop) filters nothing.',
    }),
    enable_security_group: bool({ default: true, help: 'Whether security groups are enforced.' }),
  },
} as const;

/** Older files put these into the section [agent] of neutron.conf. */
const agentSection = {
  report_interval: reportInterval,
  resync_interval: resync('Seconds between two full comparisons of what should be with what is.'),
};

const interfaceDriver = str({
  default: 'neutron.agent.linux.interface.OVSInterfaceDriver',
  help: "How the agent's ports are made; only Open vSwitch is supported.",
});
const useNamespaces = bool({ default: true, help: 'One network namespace each; it cannot be switched off.' });

export const dhcpAgentOptions = {
  DEFAULT: {
    ...common,
    interface_driver: interfaceDriver,
    use_namespaces: useNamespaces,
    dhcp_driver: str({ default: 'neutron.agent.linux.dhcp.Dnsmasq', help: 'Only dnsmasq is supported.' }),
    dhcp_confs: str({ default: '$state_path/dhcp', help: "Folder of dnsmasq's files, one folder per network." }),
    dhcp_domain: str({ default: 'openstacklocal', help: 'Domain of the names that dnsmasq knows.' }),
    dhcp_lease_duration: int({ default: 86_400, help: 'Seconds; -1 for ever.' }),
    dnsmasq_config_file: str({ default: '', help: 'More configuration for each dnsmasq.' }),
    dnsmasq_dns_servers: list({ default: [], help: 'Name servers that dnsmasq asks for names that it does not know.' }),
    enable_isolated_metadata: bool({
      default: true,
      help: 'Serve metadata at 169.254.169.254 in networks without a router.',
    }),
    metadata_proxy_socket: str({ default: '$state_path/metadata_proxy', help: "The metadata agent's socket." }),
  },
  ovs: ovsAccess,
  agent: agentSection,
} as const;

export const l3AgentOptions = {
  DEFAULT: {
    ...common,
    interface_driver: interfaceDriver,
    use_namespaces: useNamespaces,
    external_network_bridge: str({
      default: 'br-ex',
      help: "The bridge of the routers' outer ports. Empty: they are plugged into br-int and reach the outside by bridge_mappings.",
    }),
    enable_metadata_proxy: bool({ default: true, help: "Serve metadata in the routers' namespaces." }),
    metadata_port: int({ default: 9697, help: 'TCP port of the metadata proxy in a namespace.' }),
    metadata_proxy_socket: str({ default: '$state_path/metadata_proxy', help: "The metadata agent's socket." }),
  },
  fwaas: {
    enabled: bool({ default: false, help: 'Enforce the firewalls of projects at their routers.' }),
    driver: str({
      default: 'neutron.services.firewall.drivers.linux.iptables_fwaas.IptablesFwaasDriver',
      help: 'How; only iptables is supported.',
    }),
  },
  ovs: ovsAccess,
  agent: agentSection,
} as const;

export const loadBalancerAgentOptions = {
  DEFAULT: {
    ...common,
    interface_driver: interfaceDriver,
    use_namespaces: useNamespaces,
    device_driver: list({
      default: ['neutron.services.loadbalancer.drivers.haproxy.namespace_driver.HaproxyNSDriver'],
      help: 'What balances; only haproxy in a namespace is supported.',
    }),
  },
  haproxy: {
    loadbalancer_state_path: str({
      default: '$state_path/lbaas',
      help: "Folder of haproxy's files, one folder per pool.",
    }),
    user_group: str({ default: 'nogroup', help: 'The group that haproxy runs as.' }),
  },
  ovs: ovsAccess,
  agent: agentSection,
} as const;

export const metadataAgentOptions = {
  DEFAULT: {
    ...common,
    nova_metadata_ip: str({ default: '127.0.0.1', help: "Host of Nova's metadata API." }),
    nova_metadata_port: int({ default: 8775, help: 'Its port.' }),
    nova_metadata_protocol: oneOf(['http', 'https'], { default: 'http', help: 'Its scheme.' }),
    metadata_proxy_shared_secret: str({
      default: '',
      help: "Signs instance ids; the same as Nova's neutron_metadata_proxy_shared_secret.",
      secret: true,
    }),
    metadata_proxy_socket: str({ default: '$state_path/metadata_proxy', help: 'Unix socket to listen at.' }),
    // Read by the original to find neutron-server; ours asks over the bus. Accepted, so that the manual's file fits.
    auth_url: optionalStr({ default: null, help: 'Not used: the agent asks neutron-server over the message bus.' }),
    auth_region: optionalStr({ default: null, help: 'Not used.' }),
    admin_tenant_name: optionalStr({ default: null, help: 'Not used.' }),
    admin_user: optionalStr({ default: null, help: 'Not used.' }),
    admin_password: optionalStr({ default: null, help: 'Not used.', secret: true }),
  },
  agent: agentSection,
} as const;

export const meteringAgentOptions = {
  DEFAULT: {
    ...common,
    driver: str({
      default: 'neutron.services.metering.drivers.iptables.iptables_driver.IptablesMeteringDriver',
      help: 'How traffic is counted; only iptables is supported.',
    }),
    interface_driver: interfaceDriver,
    use_namespaces: useNamespaces,
    measure_interval: int({ default: 30, help: 'Seconds between two readings of the counters.' }),
    report_interval: int({ default: 300, help: 'Seconds between two reports of what was counted.' }),
  },
  agent: {
    // Not under DEFAULT, as with the others: that name means something else here.
    report_interval: int({ default: 30, help: 'Seconds between two heartbeats of an agent.' }),
  },
} as const;
