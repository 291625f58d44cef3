import { loadConfig } from '#common/config/load.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { loadBalancerAgentRpc, loadBalancerRpc, pluginRpc } from '../../rpc.ts';
import { loadBalancerAgentOptions } from '../config.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { Reconciler } from '../reconciler.ts';
import { connectSwitch } from '../switch.ts';
import { LoadBalancerAgent } from './agent.ts';

const BINARY = 'neutron-lbaas-agent';
/** How often haproxy is asked what it counted. */
const STATS_MS = 6_000;

/** neutron-lbaas-agent: the load balancers of this host. */
export const createLoadBalancerAgentDaemon = (): Daemon => ({
  name: BINARY,
  configFiles: ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf', '/etc/neutron/lbaas_agent.ini'],
  start: startLoadBalancerAgent,
});

async function startLoadBalancerAgent(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, host, run } = env;
  const log = env.log.child('agent.lbaas_agent');
  const config = loadConfig(loadBalancerAgentOptions, env.config, (line) => log.warn(line));
  const ovs = await connectSwitch(config.ovs, env, log);
  const agent = new LoadBalancerAgent({
    host,
    run,
    ovs,
    log,
    plugin: bus.client(loadBalancerRpc),
    folder: config.haproxy.loadbalancer_state_path,
    group: config.haproxy.user_group,
    integrationBridge: config.ovs.integration_bridge,
  });
  const reconciler = new Reconciler({
    log,
    intervalMs: config.agent.resync_interval * 1_000,
    all: () => agent.all(),
    some: (ids) => agent.some(ids),
  });
  const subscription = await bus.serve(loadBalancerAgentRpc, host, {
    poolsChanged: ({ poolIds }) => reconciler.request(poolIds),
  });
  const stopHeartbeat = startHeartbeat({
    plugin: bus.client(pluginRpc),
    log,
    intervalMs: config.agent.report_interval * 1_000,
    report: () => ({
      binary: BINARY,
      agentType: 'Loadbalancer agent',
      host,
      topic: loadBalancerAgentRpc.topic,
      configurations: { device_drivers: ['haproxy_ns'], instances: agent.instances },
    }),
  });
  reconciler.start();
  const stopStats = everySoOften(STATS_MS, () =>
    agent.reportStats().catch((error: unknown) => log.warn('Traffic could not be reported to neutron-server', error)),
  );
  return {
    health: () => reconciler.health('load balancers of this host'),
    stop: async () => {
      stopHeartbeat();
      await subscription.close();
      await stopStats();
      await reconciler.stop();
      await agent.close();
      ovs.bridges.close();
    },
  };
}

/** Never twice at a time. The answer ends it and waits for the end. */
function everySoOften(intervalMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work().finally(() => (running = undefined));
  }, intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
