import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { authTokenOf, serviceSession } from '#common/auth/service-account.ts';
import { loadConfig } from '#common/config/load.ts';
import type { Daemon } from '#common/daemon.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createRegistryApp } from './api.ts';
import { requireKeystone } from './api-daemon.ts';
import { glanceRegistryOptions } from './config.ts';
import { openGlanceDatabase } from './database.ts';
import { glanceHealth } from './health.ts';
import { createImageService } from './images/service.ts';
import { createMemberService } from './members/service.ts';
import { glancePolicies } from './policies.ts';

const noLimit = -1;

/** glance-registry: images' metadata over HTTP, for programs of the v1 era. glance-api reads the database itself. */
export const glanceRegistry: Daemon = {
  name: 'glance-registry',
  configFiles: ['/usr/share/glance/glance-registry-dist.conf', '/etc/glance/glance-registry.conf'],
  async start(env) {
    const { log, clock, ids, transport } = env;
    const conf = loadConfig(glanceRegistryOptions, env.config, (line) => log.warn(line));
    requireKeystone(conf.paste_deploy.flavor);
    const db = await openGlanceDatabase(conf, env);
    const enforcer = createEnforcer(glancePolicies, readPolicyFile(conf.DEFAULT.policy_file, '/etc/glance'));
    const quotas = { properties: noLimit, tags: noLimit };
    const images = createImageService({ db, enforcer, clock, ids, log, quotas });
    const members = createMemberService({ db, enforcer, clock, images, quota: noLimit });
    const health = glanceHealth(db, env.bus);
    const app = createRegistryApp({
      registry: {
        images,
        members,
        limits: { default: conf.DEFAULT.limit_param_default, max: conf.DEFAULT.api_limit_max },
      },
      enforcer,
      authenticate: authTokenOf(
        conf.keystone_authtoken,
        serviceSession(conf.keystone_authtoken, { transport, clock }),
        { transport, clock },
      ),
      log,
      health,
      ...appMetrics('glance-registry'),
    });
    const listener = await env.http
      .listen(app, { host: conf.DEFAULT.bind_host, port: conf.DEFAULT.bind_port })
      .catch(async (error: unknown) => {
        await db.close();
        throw error;
      });
    log.info(`Listening on ${listener.host}:${listener.port}`);
    return {
      health,
      async stop() {
        await listener.close();
        await db.close();
      },
    };
  },
};
