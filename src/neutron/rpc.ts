/**
 * Neutron's remote interfaces. Agents ask the server for the desired state of their host (`plugin`), the server tells
 * agents that something changed (fanouts): a hint to ask again, never the state itself, so a lost message costs only time.
 */
import { call, cast, rpcContract } from '#common/bus/bus.ts';

export type NetworkType = 'local' | 'flat' | 'vlan' | 'gre' | 'vxlan';

/** neutron-server, asked by agents. */
export const pluginRpc = rpcContract('q-plugin', {
  /** Every agent's heartbeat; `startup` true asks for a full sync answer of nothing in particular, it only marks the row. */
  reportState: cast<AgentReport>(),
  /** Registers this agent's tunnel endpoint; gives all endpoints of that type. */
  tunnelSync: call<
    { host: string; tunnelType: 'gre' | 'vxlan'; localIp: string },
    { endpoints: readonly TunnelEndpoint[] }
  >(),
  /** Details of ports by the iface-id that the agent saw on its bridge; unknown ones are absent in the answer. */
  deviceDetails: call<{ host: string; portIds: readonly string[] }, { devices: readonly DeviceDetails[] }>(),
  /** The ports are wired (up) or gone (down); idempotent. The server turns the port ACTIVE/DOWN and tells Nova. */
  devicesUp: cast<{ host: string; portIds: readonly string[] }>(),
  devicesDown: cast<{ host: string; portIds: readonly string[] }>(),
  /**
   * Firewall of ports: rules already expanded, remote groups as set names with their members. `knownMembers`: which version
   * of which group's members the agent has; of those it may be told what changed since.
   */
  securityGroups: call<
    { host: string; portIds: readonly string[]; knownMembers?: Readonly<Record<string, string>> },
    SecurityGroupAnswer
  >(),
  /** Networks that this DHCP agent serves, whole. Makes the DHCP ports where they lack. */
  dhcpNetworks: call<{ host: string }, { networks: readonly DhcpNetwork[] }>(),
  /** One of them; null when it is gone or not served here. */
  dhcpNetwork: call<{ host: string; networkId: string }, { network: DhcpNetwork | null }>(),
  /** Routers of this L3 agent, whole (all, or the named ones). A named one that is absent in the answer is to be removed. */
  routers: call<{ host: string; routerIds?: readonly string[] }, { routers: readonly RouterSpec[] }>(),
  floatingIpStatus: cast<{ floatingIps: readonly { id: string; status: 'ACTIVE' | 'DOWN' | 'ERROR' }[] }>(),
  /** Which port has this address, for the metadata agent. By router id or by network id. */
  metadataPort: call<
    { routerId?: string; networkId?: string; fixedIp: string },
    { port: { portId: string; deviceId: string; projectId: string } | null }
  >(),
});

export interface AgentReport {
  /** `neutron-openvswitch-agent` */
  readonly binary: string;
  /** `Open vSwitch agent`, `DHCP agent`, `L3 agent`, `Metadata agent` */
  readonly agentType: string;
  readonly host: string;
  readonly topic: string;
  readonly configurations: Readonly<Record<string, unknown>>;
  readonly startup: boolean;
}

export interface TunnelEndpoint {
  readonly ip: string;
  readonly host: string;
}

export interface Segment {
  readonly networkType: NetworkType;
  /** flat and vlan */
  readonly physicalNetwork: string | null;
  /** VLAN id, GRE key or VNI */
  readonly segmentationId: number | null;
}

export interface DeviceDetails {
  readonly portId: string;
  readonly networkId: string;
  readonly mac: string;
  readonly adminStateUp: boolean;
  readonly segment: Segment;
  readonly deviceOwner: string;
  readonly fixedIps: readonly FixedIp[];
  readonly allowedAddressPairs: readonly { readonly mac: string; readonly cidr: string }[];
  readonly portSecurity: boolean;
  /** Bytes; what the network allows inside its encapsulation. */
  readonly mtu: number;
}

export interface FixedIp {
  readonly subnetId: string;
  readonly ip: string;
  readonly prefixLength: number;
}

/** One rule as the firewall driver needs it. */
export interface FirewallRule {
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  /** `tcp`, `udp`, `icmp`, a number as text, or null for any */
  readonly protocol: string | null;
  /** ICMP: type and code */
  readonly portMin: number | null;
  readonly portMax: number | null;
  readonly remoteCidr: string | null;
  readonly remoteGroupId: string | null;
}

export interface SecurityGroupAnswer {
  readonly ports: readonly {
    readonly portId: string;
    readonly mac: string;
    readonly networkId: string;
    readonly fixedIps: readonly FixedIp[];
    readonly allowedAddressPairs: readonly { readonly mac: string; readonly cidr: string }[];
    readonly portSecurity: boolean;
    readonly rules: readonly FirewallRule[];
    /** DHCP servers of its subnets: their answers pass. */
    readonly dhcpServers: readonly string[];
  }[];
  /** Members of every group that a rule above names, unless they are in `memberChanges`. */
  readonly members: Readonly<Record<string, Members>>;
  /** Since the version that the agent said it knows. */
  readonly memberChanges?: Readonly<Record<string, MemberChange>>;
  /** What the agent knows then. */
  readonly memberVersions?: Readonly<Record<string, string>>;
}

/** Addresses and prefixes, sorted. */
export interface Members {
  readonly IPv4: readonly string[];
  readonly IPv6: readonly string[];
}

export type MemberChange = Readonly<
  Record<keyof Members, { readonly added: readonly string[]; readonly removed: readonly string[] }>
>;

export interface DhcpSubnet {
  readonly id: string;
  readonly ipVersion: 4 | 6;
  readonly cidr: string;
  readonly gatewayIp: string | null;
  readonly enableDhcp: boolean;
  readonly dnsNameservers: readonly string[];
  readonly hostRoutes: readonly { readonly destination: string; readonly nexthop: string }[];
  /** A router stands at the gateway: it serves metadata. Otherwise the DHCP port does. */
  readonly hasRouter: boolean;
}

export interface DhcpNetwork {
  readonly id: string;
  readonly projectId: string;
  readonly adminStateUp: boolean;
  readonly mtu: number;
  readonly segment: Segment;
  readonly subnets: readonly DhcpSubnet[];
  /** The DHCP server's own port on this host. */
  readonly dhcpPort: { readonly id: string; readonly mac: string; readonly fixedIps: readonly FixedIp[] };
  /** Everybody else's. */
  readonly ports: readonly {
    readonly id: string;
    readonly mac: string;
    readonly fixedIps: readonly FixedIp[];
    readonly hostname: string;
    readonly extraDhcpOpts: readonly { readonly name: string; readonly value: string }[];
  }[];
}

export interface RouterPort {
  readonly id: string;
  readonly networkId: string;
  readonly mac: string;
  readonly mtu: number;
  readonly fixedIps: readonly FixedIp[];
  /** The gateway address of each subnet it stands in, for the external port's default route. */
  readonly subnets: readonly { readonly id: string; readonly cidr: string; readonly gatewayIp: string | null }[];
}

export interface RouterSpec {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly adminStateUp: boolean;
  readonly enableSnat: boolean;
  readonly gatewayPort: (RouterPort & { readonly segment: Segment }) | null;
  readonly interfaces: readonly RouterPort[];
  readonly routes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly floatingIps: readonly {
    readonly id: string;
    readonly floatingIp: string;
    readonly fixedIp: string;
  }[];
}

/** Every agent listens on its own topic. */
export const l2AgentRpc = rpcContract('q-agent-notifier', {
  portsChanged: cast<{ portIds: readonly string[] }>(),
  portsDeleted: cast<{ portIds: readonly string[] }>(),
  networkDeleted: cast<{ networkId: string }>(),
  /** Rules or members of these groups changed. */
  securityGroupsChanged: cast<{ groupIds: readonly string[] }>(),
  tunnelEndpointsChanged: cast<{ tunnelType: 'gre' | 'vxlan' }>(),
});

export const dhcpAgentRpc = rpcContract('dhcp_agent', {
  networksChanged: cast<{ networkIds: readonly string[] }>(),
});

export const l3AgentRpc = rpcContract('l3_agent', {
  routersChanged: cast<{ routerIds: readonly string[] }>(),
  /** The firewalls of these projects changed. */
  firewallsChanged: cast<{ projectIds: readonly string[] }>(),
});

/** The firewall plug-in of neutron-server, asked by L3 agents. */
export const firewallRpc = rpcContract('q-firewall-plugin', {
  /** Firewalls of these projects, as far as they have one. */
  firewalls: call<{ host: string; projectIds: readonly string[] }, { firewalls: readonly FirewallSpec[] }>(),
  /** What routers enforce now; null is none. */
  firewallStates: cast<{ host: string; routers: readonly RouterFirewall[] }>(),
});

export interface FirewallSpec {
  readonly id: string;
  readonly projectId: string;
  /** To be told back: what it was when it was applied. */
  readonly generation: number;
  /** Down: nothing passes. */
  readonly adminStateUp: boolean;
  /** Those that are enabled, in order; what none of them decides is dropped. */
  readonly rules: readonly {
    readonly ipVersion: 4 | 6;
    /** `tcp`, `udp`, `icmp`; null for any */
    readonly protocol: string | null;
    /** An address or `address/prefix`; null for any */
    readonly source: string | null;
    readonly destination: string | null;
    /** `80` or `80:90`; null for any */
    readonly sourcePort: string | null;
    readonly destinationPort: string | null;
    readonly action: 'allow' | 'deny';
  }[];
}

export interface RouterFirewall {
  readonly routerId: string;
  readonly firewallId: string | null;
  readonly generation: number;
  /** False: it could not be applied. */
  readonly applied: boolean;
}

/** The load balancing plug-in of neutron-server, asked by its agents. */
export const loadBalancerRpc = rpcContract('n-lbaas-plugin', {
  /**
   * Pools of this agent, whole: all (then it takes those that no agent has, too), or the named ones. A named one that is
   * absent in the answer is to be removed.
   */
  pools: call<{ host: string; poolIds?: readonly string[] }, { pools: readonly LoadBalancerSpec[] }>(),
  poolStates: cast<{ host: string; pools: readonly PoolState[] }>(),
  poolStats: cast<{ host: string; pools: readonly PoolStats[] }>(),
});

export const loadBalancerAgentRpc = rpcContract('n-lbaas_agent', {
  poolsChanged: cast<{ poolIds: readonly string[] }>(),
});

export type BalancedProtocol = 'TCP' | 'HTTP' | 'HTTPS';

export interface SessionPersistence {
  readonly type: 'SOURCE_IP' | 'HTTP_COOKIE' | 'APP_COOKIE';
  /** APP_COOKIE only */
  readonly cookie_name?: string;
}

/** A pool with all that belongs to it. */
export interface LoadBalancerSpec {
  readonly id: string;
  /** To be told back: what it was when it was applied. */
  readonly generation: number;
  readonly protocol: BalancedProtocol;
  readonly method: 'ROUND_ROBIN' | 'LEAST_CONNECTIONS' | 'SOURCE_IP';
  readonly adminStateUp: boolean;
  readonly vip: {
    readonly id: string;
    readonly protocolPort: number;
    /** -1: no limit */
    readonly connectionLimit: number;
    readonly adminStateUp: boolean;
    readonly persistence: SessionPersistence | null;
    readonly port: Omit<RouterPort, 'networkId'>;
  } | null;
  readonly members: readonly {
    readonly id: string;
    readonly address: string;
    readonly protocolPort: number;
    readonly weight: number;
    readonly adminStateUp: boolean;
  }[];
  readonly monitors: readonly {
    readonly id: string;
    readonly type: 'PING' | 'TCP' | 'HTTP' | 'HTTPS';
    /** Seconds. */
    readonly delay: number;
    readonly timeout: number;
    readonly maxRetries: number;
    readonly httpMethod: string;
    readonly urlPath: string;
    /** `200`, `200, 202` or `200-204` */
    readonly expectedCodes: string;
  }[];
}

export interface PoolState {
  readonly poolId: string;
  readonly generation: number;
  readonly status: 'ACTIVE' | 'ERROR';
  /** Why it is in ERROR. */
  readonly reason?: string;
}

/** Bytes and connections since the balancer was configured last. */
export interface TrafficStats {
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly active_connections: number;
  readonly total_connections: number;
}

export interface PoolStats {
  readonly poolId: string;
  readonly stats: TrafficStats;
  /** By their probes. */
  readonly members: readonly { readonly id: string; readonly status: 'ACTIVE' | 'INACTIVE' }[];
}

/** The metering plug-in of neutron-server, asked by its agents. */
export const meteringRpc = rpcContract('q-metering-plugin', {
  /** The routers of this host that have something to count. */
  meters: call<{ host: string }, { routers: readonly MeteredRouter[] }>(),
});

export const meteringAgentRpc = rpcContract('metering_agent', {
  metersChanged: cast<Record<string, never>>(),
});

export interface MeteredRouter {
  readonly id: string;
  /** Only what passes the gateway counts; null: nothing does. */
  readonly gatewayPortId: string | null;
  readonly labels: readonly MeteringLabelSpec[];
}

export interface MeteringLabelSpec {
  readonly id: string;
  readonly projectId: string;
  readonly rules: readonly {
    readonly direction: 'ingress' | 'egress';
    /** `address/prefix` on the tenant's side of the router */
    readonly prefix: string;
    /** Does not count, though another rule would count it. */
    readonly excluded: boolean;
  }[];
}
