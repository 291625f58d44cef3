import type { Bus } from '#common/bus/bus.ts';
import { serviceSession } from '#common/auth/service-account.ts';
import { createSession, type Session } from '#common/auth/session.ts';
import { loadConfig } from '#common/config/load.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { healthOf as lookAt, type Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { createImageClient, type ImageClient } from '#clients/image.ts';
import { createNetworkClient, type NetworkClient } from '#clients/network.ts';
import { callerOfSession, callerWithToken, type Caller } from '#clients/rest.ts';
import { createVolumeClient, type VolumeClient } from '#clients/volume.ts';
import { novaOptions, type NovaConfig } from './config.ts';
import { conductorRpc } from './rpc.ts';
import { pingDatabase } from './servers/rows.ts';
import type { NovaTables } from './tables.ts';

/** nova.conf as every daemon of Nova reads it. */
export const novaConfig = (env: DaemonEnv): NovaConfig =>
  loadConfig(novaOptions, env.config, (line) => env.log.warn(line));

export const novaConfigFiles = ['/usr/share/nova/nova-dist.conf', '/etc/nova/nova.conf'] as const;

export const glanceUrlOf = ({ DEFAULT: conf }: NovaConfig): string =>
  `${conf.glance_protocol}://${conf.glance_host}:${conf.glance_port}`;
export const neutronUrlOf = ({ DEFAULT: conf }: NovaConfig): string => conf.neutron_url.replace(/\/+$/, '');

/** Neutron as our own account: the one that nova.conf names for it, or the service's own. */
export function neutronAsService(conf: NovaConfig, env: DaemonEnv): NetworkClient {
  const { neutron_admin_username: username, neutron_admin_password: password } = conf.DEFAULT;
  const session: Session =
    username === null
      ? serviceSession(conf.keystone_authtoken, env)
      : createSession(
          {
            authUrl: conf.DEFAULT.neutron_admin_auth_url,
            username,
            password: password ?? '',
            projectName: conf.DEFAULT.neutron_admin_tenant_name ?? conf.keystone_authtoken.admin_tenant_name,
          },
          env,
        );
  return createNetworkClient(neutronUrlOf(conf), callerOfSession(session));
}

/**
 * Cinder's base URL: the template's, or the catalogue's; without its path, since the client names the version itself.
 * @throws ApiError 503 when the catalogue has none
 */
async function cinderUrl({ DEFAULT: conf }: NovaConfig, session: Session): Promise<string> {
  if (conf.cinder_endpoint_template !== null) return new URL(conf.cinder_endpoint_template.replace(/%.*$/, '')).origin;
  const [type = 'volumev2'] = conf.cinder_catalog_info.split(':');
  const types = [...new Set([type, 'volumev3', 'volumev2', 'volume', 'block-storage'])];
  for (const one of types.slice(0, -1)) {
    const url = await session.endpoint(one).catch(() => null);
    if (url !== null) return new URL(url).origin;
  }
  return new URL(await session.endpoint(types.at(-1) as string)).origin;
}

/** Cinder as our own account, and as a user. */
export function cinderOf(
  conf: NovaConfig,
  env: DaemonEnv,
): { readonly own: VolumeClient; readonly as: (token: string) => VolumeClient } {
  const session = serviceSession(conf.keystone_authtoken, env);
  const client = (call: Caller): VolumeClient => createVolumeClient(() => cinderUrl(conf, session), call);
  return { own: client(callerOfSession(session)), as: (token) => client(callerWithToken(env.transport, token)) };
}

/** Glance as our own account. */
export const glanceAsService = (conf: NovaConfig, env: DaemonEnv): ImageClient =>
  createImageClient(glanceUrlOf(conf), callerOfSession(serviceSession(conf.keystone_authtoken, env)));

/** Something done again and again until it is stopped; a failure is logged, and the next turn comes all the same. */
export interface Repeating {
  stop(): Promise<void>;
}
export function repeat(name: string, seconds: number, log: Logger, work: () => Promise<unknown>): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const turn = (): void => {
    running = work()
      .then(
        () => undefined,
        (error: unknown) => {
          if (!stopped) log.warn(`${name} failed; it is tried again in ${seconds} s`, error);
        },
      )
      .then(() => {
        if (!stopped) timer = setTimeout(turn, seconds * 1000);
      });
  };
  turn();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Tells the conductor every `report_interval` that this daemon lives. */
export function heartbeat(env: DaemonEnv, conf: NovaConfig, binary: string, topic: string): Repeating {
  const conductor = env.bus.client(conductorRpc);
  const interval = conf.DEFAULT.report_interval;
  return repeat('The heartbeat', interval, env.log, () =>
    conductor.cast('reportService', { binary, host: env.host, topic, interval }),
  );
}

/** For `/healthcheck` and `igloo status`. */
export const healthOf = ({ db, bus }: { readonly db?: Database<NovaTables>; readonly bus?: Bus }): Promise<Health> =>
  lookAt({ database: db && (() => pingDatabase(db.query)), bus });
