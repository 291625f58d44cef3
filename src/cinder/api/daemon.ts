import { authTokenOf, serviceSession } from '#common/auth/service-account.ts';
import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createImageClient } from '#clients/image.ts';
import { callerWithToken } from '#clients/rest.ts';
import { cinderConfig, cinderConfigFiles, glanceUrlOf, healthOf } from '../daemon-kit.ts';
import { openCinderDatabase } from '../database.ts';
import { cinderPolicies } from '../policies.ts';
import { createVolumeApp } from './app.ts';
import { createCinderServices } from './services.ts';

/** cinder-api: the volume API. */
export const cinderApi: Daemon = {
  name: 'cinder-api',
  configFiles: cinderConfigFiles,
  start: startApi,
};

async function startApi(env: DaemonEnv): Promise<RunningDaemon> {
  const { transport, clock, log, bus } = env;
  const conf = cinderConfig(env);
  if (conf.DEFAULT.auth_strategy === 'noauth')
    throw new StartupError('auth_strategy = noauth would let anybody do anything. Set auth_strategy = keystone.');
  const enforcer = createEnforcer(cinderPolicies, readPolicyFile(conf.DEFAULT.policy_file, '/etc/cinder'));
  const session = serviceSession(conf.keystone_authtoken, env);
  const authenticate = authTokenOf(conf.keystone_authtoken, session, { transport, clock });
  const glanceUrl = glanceUrlOf(conf);
  const db = await openCinderDatabase(conf, env);
  const health = () => healthOf({ db, bus });
  try {
    const services = createCinderServices({
      ...env,
      db,
      conf,
      enforcer,
      imageAs: ({ token }) => createImageClient(glanceUrl, callerWithToken(transport, token ?? '')),
    });
    const app = createVolumeApp(services, { authenticate }, { log, health, ...appMetrics('cinder') });
    const listener = await env.http.listen(app, {
      host: conf.DEFAULT.osapi_volume_listen,
      port: conf.DEFAULT.osapi_volume_listen_port,
    });
    log.info(`cinder-api listens on ${listener.host}:${listener.port}`);
    return {
      health,
      async stop() {
        await listener.close();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}
