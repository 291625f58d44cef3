import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { authTokenOf, serviceSession } from '#common/auth/service-account.ts';
import { loadConfig } from '#common/config/load.ts';
import type { Daemon } from '#common/daemon.ts';
import { healthOf } from '#common/telemetry/health.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createEventsApp } from './app.ts';
import { eventsOptions } from './config.ts';
import { History } from './history.ts';
import { normalise } from './normalise.ts';
import { eventsPolicies } from './policies.ts';
import { Streams } from './stream.ts';

/** igloo-events: tells everybody who listens what happens in the cloud, as far as it is theirs. */
export const iglooEvents: Daemon = {
  name: 'igloo-events',
  configFiles: ['/etc/igloo/events.conf'],
  async start(env) {
    const { bus, clock, log, transport } = env;
    const conf = loadConfig(eventsOptions, env.config, (line) => log.warn(line));
    const options = conf.DEFAULT;
    const enforcer = createEnforcer(eventsPolicies, readPolicyFile(options.policy_file, '/etc/igloo'));
    const history = new History({ start: clock.now().getTime(), size: options.history_size });
    const streams = new Streams({
      history,
      clock,
      log,
      limits: {
        pauseMs: options.max_stream_pause * 1000,
        total: options.max_streams,
        perProject: options.max_streams_per_project,
        perUser: options.max_streams_per_user,
      },
    });
    const section = conf.keystone_authtoken;
    const authenticate = authTokenOf(section, serviceSession(section, { transport, clock }), { transport, clock });
    const health = () => healthOf({ bus });
    const app = createEventsApp({ history, streams, enforcer, authenticate }, { log, health, ...appMetrics('events') });
    const subscription = await bus.subscribe('', (notification) => {
      for (const heard of normalise(notification)) history.add(heard);
      streams.poke();
    });
    const listener = await env.http
      .listen(app, { host: options.bind_host, port: options.bind_port })
      .catch(async (error: unknown) => {
        await subscription.close();
        throw error;
      });
    log.info(`Listening on ${listener.host}:${listener.port}`);
    const timer = setInterval(() => void streams.beat(), Math.max(1, options.heartbeat_interval) * 1000);
    return {
      health,
      async stop() {
        clearInterval(timer);
        await subscription.close();
        streams.close();
        await listener.close();
      },
    };
  },
};
