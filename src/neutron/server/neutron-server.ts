import type { Authenticate } from '#common/api/app.ts';
import { adminContext } from '#common/auth/context.ts';
import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { authTokenOf, serviceSession } from '#common/auth/service-account.ts';
import { createSession } from '#common/auth/session.ts';
import { Liveness } from '#common/bus/liveness.ts';
import { tellRowChanges } from '#common/bus/row-events.ts';
import { loadConfig } from '#common/config/load.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { healthOf } from '#common/telemetry/health.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { neutronServerOptions } from '../config.ts';
import { migrations } from '../migrations/index.ts';
import { NovaNotifier } from '../nova-notifier/notifier.ts';
import { neutronPolicies } from '../policies.ts';
import { agentEvent, neutronRowEvents } from '../row-events.ts';
import { pluginRpc } from '../rpc.ts';
import type { Store } from '../store.ts';
import type { NeutronTables } from '../tables.ts';
import { createNeutronApp } from './app.ts';
import { pingDatabase } from './database-rows.ts';
import { loadServicePlugins, pluginsOf } from './service-plugins.ts';
import { createServices, type ServerConfig } from './services.ts';

/** neutron-server: the Networking API, and what the agents ask. */
export const neutronServer: Daemon = {
  name: 'neutron-server',
  configFiles: ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf', '/etc/neutron/plugin.ini'],
  start: startNeutronServer,
};

/** Opens the database of `[database] connection` and brings its tables up to date. @throws StartupError */
export async function openNeutronDatabase(
  conf: Pick<ServerConfig, 'database'>,
  log: DaemonEnv['log'],
): Promise<{ readonly database: Database<NeutronTables>; readonly applied: readonly string[] }> {
  const database = await openDatabase<NeutronTables>(conf.database.connection, {
    log,
    poolSize: conf.database.max_pool_size,
    maxRetries: conf.database.max_retries,
    retryIntervalMs: conf.database.retry_interval * 1000,
  });
  try {
    return { database, applied: await database.migrate(migrations) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startNeutronServer(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, clock, ids, host, log } = env;
  const conf = loadConfig(neutronServerOptions, env.config, (line) => log.warn(line));
  // Before anything is opened: a plug-in that is not there is a wrong option.
  pluginsOf(conf.DEFAULT.service_plugins);
  const enforcer = createEnforcer(neutronPolicies, readPolicyFile(conf.DEFAULT.policy_file, '/etc/neutron'));
  const authenticate = authenticationOf(conf, env);
  const opened = await openNeutronDatabase(conf, log);
  const { applied } = opened;
  const telling = { bus, publisher: `network.${host}`, log };
  const database = tellRowChanges(opened.database, neutronRowEvents, telling);
  if (applied.length > 0) log.info(`The database was brought up to date: ${applied.join(', ')}`);
  const closing: (() => Promise<void>)[] = [() => database.close()];
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const services = createServices({
      conf,
      database,
      bus,
      log,
      clock,
      ids,
      enforcer,
      host,
      novaEvents: () => notifier?.poke(),
    });
    const notifier: NovaNotifier | undefined = novaNotifierOf(conf, env, services.store);
    if (notifier) closing.push(() => notifier.close());
    closing.push(() => services.hints.close());
    await services.types.synchronise(services.store.query);

    const served = await bus.serve(pluginRpc, host, services.handlers);
    closing.push(() => served.close());
    const plugins = await loadServicePlugins(services.plugins, services.forPlugins);
    for (const plugin of plugins) {
      const calls = await plugin.serve(bus, host);
      closing.push(() => calls.close());
    }
    const health = () => healthOf({ database: () => pingDatabase(database.query), bus });
    const app = createNeutronApp({
      api: services.api,
      enforcer,
      authenticate,
      withRouters: services.plugins.has('router'),
      plugins,
      log,
      health,
      ...appMetrics('neutron'),
    });
    const { bind_host, bind_port } = conf.DEFAULT;
    const listener = await env.http.listen(app, { host: bind_host, port: bind_port });
    closing.push(() => listener.close());
    log.info(`Listening on ${listener.host}:${listener.port}`);
    closing.push(watchAgents(conf, services.scheduler, log));
    const liveness = new Liveness(
      {
        daemons: database.remembered('agents'),
        seen: 'heartbeat_timestamp',
        downSeconds: conf.DEFAULT.agent_down_time,
        clock,
        event: (row, up) => agentEvent('update', row, up),
      },
      telling,
    );
    closing.push(async () => liveness.stop());
    // What a server before this one could not deliver any more.
    notifier?.poke();
    return { health, stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Looks for dead agents twice in the time after which they count as dead. */
function watchAgents(
  conf: ServerConfig,
  scheduler: { rescheduleFromDead(): Promise<void> },
  log: DaemonEnv['log'],
): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(
    () => {
      running ??= scheduler
        .rescheduleFromDead()
        .catch((error: unknown) => log.error('Looking for dead agents failed', error))
        .finally(() => (running = undefined));
    },
    Math.max(1, conf.DEFAULT.agent_down_time / 2) * 1000,
  );
  return async () => {
    clearInterval(timer);
    await running;
  };
}

function authenticationOf(conf: ServerConfig, env: DaemonEnv): Authenticate {
  if (conf.DEFAULT.auth_strategy === 'noauth') {
    env.log.warn('auth_strategy = noauth: everybody who reaches the API may do everything');
    return (_token, requestId) => adminContext(requestId);
  }
  const { transport, clock } = env;
  const section = conf.keystone_authtoken;
  return authTokenOf(section, serviceSession(section, { transport, clock }), { transport, clock });
}

function novaNotifierOf(conf: ServerConfig, env: DaemonEnv, store: Store): NovaNotifier | undefined {
  const options = conf.DEFAULT;
  const { transport, clock, log } = env;
  if (!options.notify_nova_on_port_status_changes && !options.notify_nova_on_port_data_changes) return undefined;
  if (options.nova_admin_username === null) {
    log.warn('nova_admin_username is unset: Nova is not told of changed ports, and waits for vif_plugging_timeout');
    return undefined;
  }
  const session = createSession(
    {
      authUrl: options.nova_admin_auth_url,
      username: options.nova_admin_username,
      password: options.nova_admin_password ?? '',
      projectName: options.nova_admin_tenant_name ?? 'service',
      ...(options.nova_admin_tenant_id !== null && { projectId: options.nova_admin_tenant_id }),
    },
    { transport, clock },
  );
  return new NovaNotifier({
    store,
    session,
    novaUrl: options.nova_url,
    intervalSeconds: options.send_events_interval,
    clock,
    log,
  });
}
