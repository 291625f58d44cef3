import { join } from 'node:path';
import { loadConfig } from '#common/config/load.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { meteringAgentRpc, meteringRpc, pluginRpc } from '../../rpc.ts';
import { meteringAgentOptions } from '../config.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { Reconciler } from '../reconciler.ts';
import { MeteringAgent } from './agent.ts';
import { Readings } from './readings.ts';

const BINARY = 'neutron-metering-agent';

/** neutron-metering-agent: counts the traffic that passes the gateways of this host's routers, by label. */
export const createMeteringAgentDaemon = (): Daemon => ({
  name: BINARY,
  configFiles: ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf', '/etc/neutron/metering_agent.ini'],
  start: startMeteringAgent,
});

async function startMeteringAgent(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, clock, host, run } = env;
  const log = env.log.child('agent.metering_agent');
  const config = loadConfig(meteringAgentOptions, env.config, (line) => log.warn(line));
  const options = config.DEFAULT;
  const readings = new Readings(join(options.state_path, 'metering', 'readings.json'));
  await readings.load();
  const agent = new MeteringAgent({
    host,
    run,
    bus,
    plugin: bus.client(meteringRpc),
    clock,
    readings,
    reportInterval: options.report_interval,
  });
  const reconciler = new Reconciler({
    log,
    intervalMs: options.measure_interval * 1_000,
    all: () => agent.round(),
    // A round is the least that can be asked for.
    some: () => agent.round(),
  });
  const subscription = await bus.serve(meteringAgentRpc, host, { metersChanged: () => reconciler.requestAll() });
  reconciler.start();
  const stopHeartbeat = startHeartbeat({
    plugin: bus.client(pluginRpc),
    log,
    intervalMs: config.agent.report_interval * 1_000,
    report: () => ({
      binary: BINARY,
      agentType: 'Metering agent',
      host,
      topic: meteringAgentRpc.topic,
      configurations: {
        metering_driver: options.driver,
        measure_interval: options.measure_interval,
        report_interval: options.report_interval,
      },
    }),
  });
  return {
    health: () => reconciler.health('meters of this host'),
    stop: async () => {
      stopHeartbeat();
      await subscription.close();
      await reconciler.stop();
    },
  };
}
