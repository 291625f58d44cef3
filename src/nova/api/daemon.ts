import { authTokenOf, identityUri, serviceSession } from '#common/auth/service-account.ts';
import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { HttpApp } from '#common/api/app.ts';
import type { Listener } from '#common/api/http-host.ts';
import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createImageClient } from '#clients/image.ts';
import { createNetworkClient } from '#clients/network.ts';
import { callerWithToken } from '#clients/rest.ts';
import type { NovaConfig } from '../config.ts';
import {
  cinderOf,
  glanceUrlOf,
  healthOf,
  neutronAsService,
  neutronUrlOf,
  novaConfig,
  novaConfigFiles,
} from '../daemon-kit.ts';
import { openNovaDatabase } from '../database.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { novaPolicies } from '../policies.ts';
import { projectChecker } from './check-project.ts';
import { createComputeApp, createMetadataApp } from './app.ts';
import { createNovaServices, type ServicesDeps } from './services.ts';

/** nova-api: the compute API, the metadata API and the EC2 API, as `enabled_apis` says. */
export const novaApi: Daemon = {
  name: 'nova-api',
  configFiles: novaConfigFiles,
  start: startApi,
};

async function startApi(env: DaemonEnv): Promise<RunningDaemon> {
  const { transport, clock, log, bus } = env;
  const conf = novaConfig(env);
  checkConfig(conf);
  const db = await openNovaDatabase(conf, env);
  const enforcer = createEnforcer(novaPolicies, readPolicyFile(conf.DEFAULT.policy_file, '/etc/nova'));
  const session = serviceSession(conf.keystone_authtoken, env);
  const authenticate = authTokenOf(conf.keystone_authtoken, session, { transport, clock });
  const glanceUrl = glanceUrlOf(conf);
  const neutronUrl = neutronUrlOf(conf);
  const network = neutronAsService(conf, env);
  const cinder = cinderOf(conf, env);
  const wiring: ServicesDeps = {
    ...env,
    db,
    conf,
    enforcer,
    network,
    glanceUrl,
    checkProject: projectChecker(transport, identityUri(conf.keystone_authtoken)),
    imageAs: ({ token }) => createImageClient(glanceUrl, callerWithToken(transport, token ?? '')),
    volumeAs: ({ token }) => cinder.as(token ?? ''),
    networkAs: ({ token }) => createNetworkClient(neutronUrl, callerWithToken(transport, token ?? '')),
  };
  const services = createNovaServices(wiring);
  const health = () => healthOf({ db, bus });
  const apps: [HttpApp, { host: string; port: number }][] = [];
  const { enabled_apis: enabled, ...at } = conf.DEFAULT;
  const compute = createComputeApp(services, { enforcer, authenticate }, { log, health, ...appMetrics('nova') });
  if (enabled.includes('osapi_compute'))
    apps.push([compute, { host: at.osapi_compute_listen, port: at.osapi_compute_listen_port }]);
  if (enabled.includes('ec2')) {
    const { openEc2 } = await import('../ec2/open.ts');
    apps.push([
      openEc2({ env, wiring, services, compute }, { log, health, ...appMetrics('nova-ec2') }),
      { host: at.ec2_listen, port: at.ec2_listen_port },
    ]);
  }
  if (enabled.includes('metadata'))
    apps.push([
      createMetadataApp(
        { db, conf, directory: createHostDirectory({ db, clock, conf }) },
        { enforcer, authenticate },
        { log, health, ...appMetrics('nova-metadata') },
      ),
      { host: at.metadata_listen, port: at.metadata_listen_port },
    ]);
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await db.close();
  };
  try {
    for (const [app, address] of apps) {
      const listener = await env.http.listen(app, address);
      listeners.push(listener);
      log.info(`${app.name} listens on ${listener.host}:${listener.port}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  await services.refresher.heal();
  return { health, stop: close };
}

/** @throws StartupError for what cannot be served */
function checkConfig(conf: NovaConfig): void {
  if (conf.DEFAULT.auth_strategy !== 'keystone')
    throw new StartupError('auth_strategy = noauth would let anybody do anything. Set auth_strategy = keystone.');
}
