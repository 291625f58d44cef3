import { join } from 'node:path';
import { loadConfig } from '#common/config/load.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { firewallRpc, l3AgentRpc, pluginRpc } from '../../rpc.ts';
import { l3AgentOptions } from '../config.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { Reconciler } from '../reconciler.ts';
import { connectSwitch } from '../switch.ts';
import { L3Agent } from './agent.ts';

const BINARY = 'neutron-l3-agent';

/** neutron-l3-agent: the routers of this host, between tenants' networks and the outside. */
export const createL3AgentDaemon = (): Daemon => ({
  name: BINARY,
  configFiles: [
    '/usr/share/neutron/neutron-dist.conf',
    '/etc/neutron/neutron.conf',
    '/etc/neutron/l3_agent.ini',
    '/etc/neutron/fwaas_driver.ini',
  ],
  start: startL3Agent,
});

async function startL3Agent(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, host, run } = env;
  const log = env.log.child('agent.l3_agent');
  const config = loadConfig(l3AgentOptions, env.config, (line) => log.warn(line));
  const options = config.DEFAULT;
  const ovs = await connectSwitch(config.ovs, env, log);
  const plugin = bus.client(pluginRpc);
  const agent = new L3Agent({
    host,
    run,
    ovs,
    plugin,
    log,
    folder: join(options.state_path, 'l3'),
    integrationBridge: config.ovs.integration_bridge,
    externalBridge: options.external_network_bridge,
    metadata: options.enable_metadata_proxy
      ? { port: options.metadata_port, socket: options.metadata_proxy_socket }
      : null,
    firewalls: config.fwaas.enabled ? bus.client(firewallRpc) : null,
  });
  const reconciler = new Reconciler({
    log,
    intervalMs: config.agent.resync_interval * 1_000,
    all: () => agent.all(),
    some: (ids) => agent.some(ids),
  });
  const subscription = await bus.serve(l3AgentRpc, host, {
    routersChanged: ({ routerIds }) => reconciler.request(routerIds),
    firewallsChanged: ({ projectIds }) => reconciler.request(agent.routersOf(projectIds)),
  });
  reconciler.start();
  const stopHeartbeat = startHeartbeat({
    plugin,
    log,
    intervalMs: config.agent.report_interval * 1_000,
    report: () => ({
      binary: BINARY,
      agentType: 'L3 agent',
      host,
      topic: l3AgentRpc.topic,
      configurations: {
        use_namespaces: options.use_namespaces,
        interface_driver: options.interface_driver,
        external_network_bridge: options.external_network_bridge,
        handle_internal_only_routers: true,
        router_id: '',
        gateway_external_network_id: '',
        ...agent.counts(),
      },
    }),
  });
  return {
    health: () => reconciler.health('routers of this host'),
    stop: async () => {
      stopHeartbeat();
      await subscription.close();
      await reconciler.stop();
      await agent.close();
      ovs.bridges.close();
    },
  };
}
