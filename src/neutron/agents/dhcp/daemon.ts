import { loadConfig } from '#common/config/load.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { dhcpAgentRpc, pluginRpc } from '../../rpc.ts';
import { dhcpAgentOptions } from '../config.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { Reconciler } from '../reconciler.ts';
import { connectSwitch } from '../switch.ts';
import { DhcpAgent } from './agent.ts';

const BINARY = 'neutron-dhcp-agent';

/** neutron-dhcp-agent: gives guests their addresses. */
export const createDhcpAgentDaemon = (): Daemon => ({
  name: BINARY,
  configFiles: ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf', '/etc/neutron/dhcp_agent.ini'],
  start: startDhcpAgent,
});

async function startDhcpAgent(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, host, run } = env;
  const log = env.log.child('agent.dhcp_agent');
  const config = loadConfig(dhcpAgentOptions, env.config, (line) => log.warn(line));
  const options = config.DEFAULT;
  const ovs = await connectSwitch(config.ovs, env, log);
  const plugin = bus.client(pluginRpc);
  const agent = new DhcpAgent({
    host,
    run,
    ovs,
    plugin,
    log,
    integrationBridge: config.ovs.integration_bridge,
    metadataSocket: options.metadata_proxy_socket,
    dnsmasq: {
      folder: options.dhcp_confs,
      domain: options.dhcp_domain,
      leaseSeconds: options.dhcp_lease_duration,
      configFile: options.dnsmasq_config_file,
      dnsServers: options.dnsmasq_dns_servers,
      isolatedMetadata: options.enable_isolated_metadata,
    },
  });
  const reconciler = new Reconciler({
    log,
    intervalMs: config.agent.resync_interval * 1_000,
    all: () => agent.all(),
    some: (ids) => agent.some(ids),
  });
  const subscription = await bus.serve(dhcpAgentRpc, host, {
    networksChanged: ({ networkIds }) => reconciler.request(networkIds),
  });
  reconciler.start();
  const stopHeartbeat = startHeartbeat({
    plugin,
    log,
    intervalMs: config.agent.report_interval * 1_000,
    report: () => ({
      binary: BINARY,
      agentType: 'DHCP agent',
      host,
      topic: dhcpAgentRpc.topic,
      configurations: {
        dhcp_driver: options.dhcp_driver,
        use_namespaces: options.use_namespaces,
        dhcp_lease_duration: options.dhcp_lease_duration,
        ...agent.counts(),
      },
    }),
  });
  return {
    health: () => reconciler.health('DHCP of this host'),
    stop: async () => {
      stopHeartbeat();
      await subscription.close();
      await reconciler.stop();
      await agent.close();
      ovs.bridges.close();
    },
  };
}
