import type { ConfigOf } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { Ip } from '#common/host/ip.ts';
import { createOpenFlow } from '#common/host/openflow.ts';
import { watchSwitch } from '#common/host/ovs-watch.ts';
import { l2AgentRpc, pluginRpc } from '../../rpc.ts';
import { ovsAgentOptions } from '../config.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { Reconciler } from '../reconciler.ts';
import { connectSwitch } from '../switch.ts';
import { FIREWALL, OvsAgent, TUNNELS, type OvsAgentSettings } from './agent.ts';
import { HybridFirewall } from './firewall.ts';

const BINARY = 'neutron-openvswitch-agent';
type Config = ConfigOf<typeof ovsAgentOptions>;

/** neutron-openvswitch-agent: wires the ports of this host and enforces their security groups. */
export const createOvsAgentDaemon = (): Daemon => ({
  name: BINARY,
  configFiles: ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf', '/etc/neutron/plugin.ini'],
  start: startOvsAgent,
});

async function startOvsAgent(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, host, run } = env;
  const log = env.log.child('plugins.openvswitch.agent');
  const config = loadConfig(ovsAgentOptions, env.config, (line) => log.warn(line));
  const settings = settingsOf(config);
  const firewall = filters(config) ? new HybridFirewall(run) : null;
  const ovs = await connectSwitch(config.ovs, env, log);
  const plugin = bus.client(pluginRpc);
  const openflow = createOpenFlow(run, ovs.runDir);
  const agent = new OvsAgent({ host, ovs, openflow, ip: new Ip(run), plugin, firewall, settings, log });
  const reconciler = new Reconciler({
    log,
    intervalMs: config.agent.resync_interval * 1_000,
    all: () => agent.all(),
    some: (keys) => agent.some(keys),
  });

  // Which ports were there when we last looked; the mirror is current when its listeners are called.
  let known = agent.present();
  const forgetInterfaces = ovs.bridges.onInterfaceChange(() => {
    const now = agent.present();
    const changed = [...new Set([...known.keys(), ...now.keys()])].filter(
      (id) => known.get(id)?.ofport !== now.get(id)?.ofport || known.get(id)?.name !== now.get(id)?.name,
    );
    known = now;
    reconciler.request(changed);
  });
  const forgetConnection = ovs.bridges.db.onConnection((up) => {
    if (up) reconciler.requestAll();
  });
  const watch = watchSwitch(ovs.runDir, settings.integrationBridge, {
    onUp: () => {
      agent.switchRestarted();
      reconciler.requestAll();
    },
    onDown: () => log.warn('ovs-vswitchd is gone; its flows will be set anew when it is back'),
  });
  const subscription = await bus.serve(l2AgentRpc, host, {
    portsChanged: ({ portIds }) => reconciler.request(portIds.filter((id) => agent.present().has(id))),
    portsDeleted: ({ portIds }) => reconciler.request(portIds.filter((id) => agent.present().has(id))),
    networkDeleted: ({ networkId }) => reconciler.request(agent.portsOf(networkId)),
    securityGroupsChanged: () => reconciler.request(firewall ? [FIREWALL] : []),
    tunnelEndpointsChanged: () => reconciler.request([TUNNELS]),
  });
  reconciler.start();
  const stopHeartbeat = startHeartbeat({
    plugin,
    log,
    intervalMs: config.agent.report_interval * 1_000,
    report: () => ({
      binary: BINARY,
      agentType: 'Open vSwitch agent',
      host,
      topic: 'N/A',
      configurations: {
        bridge_mappings: Object.fromEntries(settings.bridgeMappings),
        tunnel_types: settings.tunnels?.types ?? [],
        tunneling_ip: settings.tunnels?.localIp ?? '',
        l2_population: false,
        devices: agent.deviceCount(),
      },
    }),
  });
  return {
    health: () => {
      const wiring = reconciler.health('ports of this host');
      const database = ovs.bridges.db.connected;
      return {
        ok: wiring.ok && database,
        detail: [...wiring.detail, `Open vSwitch: ${database ? 'reachable' : 'away'}`],
      };
    },
    stop: async () => {
      stopHeartbeat();
      forgetInterfaces();
      forgetConnection();
      await Promise.all([subscription.close(), watch.close()]);
      await reconciler.stop();
      ovs.bridges.close();
    },
  };
}

function settingsOf({ ovs, agent }: Config): OvsAgentSettings {
  return {
    integrationBridge: ovs.integration_bridge,
    bridgeMappings: mappings(ovs.bridge_mappings),
    tunnels: ovs.enable_tunneling || agent.tunnel_types.length > 0 ? tunnelSettings({ ovs, agent }) : null,
  };
}

function tunnelSettings({ ovs, agent }: Pick<Config, 'ovs' | 'agent'>): NonNullable<OvsAgentSettings['tunnels']> {
  const types = agent.tunnel_types.length > 0 ? agent.tunnel_types : [ovs.tunnel_type || 'gre'];
  const known = types.filter((type): type is 'gre' | 'vxlan' => type === 'gre' || type === 'vxlan');
  if (known.length < types.length)
    throw new StartupError(`[agent] tunnel_types = ${types.join()}: only gre and vxlan are tunnel types.`);
  if (!/^\d+(\.\d+){3}$/.test(ovs.local_ip))
    throw new StartupError(
      `[ovs] local_ip = ${ovs.local_ip || '(unset)'}: tunnelling is on, so set it to this host's IPv4 address for tunnels.`,
    );
  return {
    bridge: ovs.tunnel_bridge,
    localIp: ovs.local_ip,
    types: known,
    vxlanUdpPort: agent.vxlan_udp_port,
    intPatch: ovs.int_peer_patch_port,
    tunPatch: ovs.tun_peer_patch_port,
  };
}

function mappings(entries: readonly string[]): Map<string, string> {
  return new Map(
    entries.map((entry) => {
      const [network = '', bridge = ''] = entry.split(':').map((part) => part.trim());
      if (!network || !bridge)
        throw new StartupError(`[ovs] bridge_mappings: "${entry}" is not <physical network>:<bridge>.`);
      return [network, bridge];
    }),
  );
}

function filters({ securitygroup: { enable_security_group: enabled, firewall_driver: driver } }: Config): boolean {
  if (!enabled || driver === 'noop' || driver.endsWith('.NoopFirewallDriver')) return false;
  if (driver === 'iptables_hybrid' || driver.endsWith('.OVSHybridIptablesFirewallDriver')) return true;
  throw new StartupError(
    `[securitygroup] firewall_driver = ${driver} is not supported. Use neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver.`,
  );
}
