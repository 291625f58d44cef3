import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { isoMicros } from '#common/clock.ts';
import { tellRowChanges } from '#common/bus/row-events.ts';
import { tellsChanges } from '#common/config/common-options.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError, type Daemon, type RunningDaemon } from '#common/daemon.ts';
import { healthOf } from '#common/telemetry/health.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createKeystoneApp } from '../api/app.ts';
import { keystoneOptions } from '../config.ts';
import { openKeystoneDatabase, requireCurrent, requireTables } from '../database.ts';
import { currentGeneration } from '../generation-rows.ts';
import { createIdentity } from '../identity.ts';
import { keystonePolicies } from '../policies.ts';
import { keystoneRowEvents } from '../row-events.ts';
import { purgeExpired } from '../tokens/rows.ts';

/** Milliseconds between two removals of tokens that have ended. */
const purgeEveryMs = 600_000;

/** The Identity service: the public API and the admin API, in one process on two ports. */
export const keystoneAll: Daemon = {
  name: 'keystone-all',
  configFiles: ['/usr/share/keystone/keystone-dist.conf', '/etc/keystone/keystone.conf'],
  async start(env): Promise<RunningDaemon> {
    const { log, clock, ids, bus } = env;
    const config = loadConfig(keystoneOptions, env.config, (line) => log.warn(line));
    if (config.ssl.enable)
      throw new StartupError(
        '[ssl] enable: keystone-all speaks no TLS itself. Put a proxy that does in front of its ports, and set it to False.',
      );
    const enforcer = createEnforcer(keystonePolicies, readPolicyFile(config.DEFAULT.policy_file, '/etc/keystone'));
    const opened = await openKeystoneDatabase(config, log);
    const telling = { bus, publisher: `identity.${env.host}`, log };
    const db = tellsChanges(config.DEFAULT) ? tellRowChanges(opened, keystoneRowEvents, telling) : opened;
    const health = () => healthOf({ database: () => currentGeneration(db.query), bus });
    const closing: (() => Promise<void>)[] = [() => db.close()];
    const stop = async (): Promise<void> => {
      for (const close of closing.splice(0).reverse()) await close();
    };
    try {
      await requireTables(db);
      await requireCurrent(db);
      const identity = await createIdentity({ db, config, enforcer, clock, ids, log });
      const options = { identity, enforcer, log: log.child('api'), health, ...appMetrics('keystone') };
      const { public_bind_host, public_port, admin_bind_host, admin_port } = config.DEFAULT;
      for (const [port, address] of [
        ['public', { host: public_bind_host, port: public_port }],
        ['admin', { host: admin_bind_host, port: admin_port }],
      ] as const) {
        const listener = await env.http.listen(createKeystoneApp(port, options), address);
        closing.push(() => listener.close());
        log.info(`The ${port} Identity API listens on ${listener.host}:${listener.port}`);
      }
      const purge = async (): Promise<void> => {
        await purgeExpired(db.query, isoMicros(clock.now()));
        await identity.revocations.load();
      };
      const timer = setInterval(() => {
        purge().catch((error: unknown) => log.warn('Tokens that have ended could not be removed', error));
      }, purgeEveryMs);
      timer.unref();
      closing.push(async () => clearInterval(timer));
    } catch (error) {
      await stop();
      throw error;
    }
    return { health, stop };
  },
};
