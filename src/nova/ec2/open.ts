import type { AppOptions, HttpApp } from '#common/api/app.ts';
import { identityUri } from '#common/auth/service-account.ts';
import { identityRoot } from '#common/auth/session.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { ServicesDeps } from '../api/services.ts';
import type { NovaServices } from '../api/app.ts';
import { createEc2App } from './app.ts';
import type { Ec2Authenticate } from './auth.ts';
import type { Ec2Deps } from './deps.ts';

export interface OpenEc2 {
  readonly env: DaemonEnv;
  readonly wiring: ServicesDeps;
  readonly services: NovaServices;
  /** The compute API, also when it does not listen. */
  readonly compute: HttpApp;
}

/** The EC2 API over the compute API's services. What is behind it is loaded and made at the first request. */
export function openEc2(open: OpenEc2, options: Omit<AppOptions, 'name' | 'faults'>): HttpApp {
  const { env, wiring, services, compute } = open;
  const { conf } = wiring;
  let deps: Promise<Ec2Deps> | undefined;
  let auth: Promise<Ec2Authenticate> | undefined;
  return createEc2App(
    {
      log: env.log,
      deps: () =>
        (deps ??= import('./compute-caller.ts').then(({ computeCaller }) => ({
          ...wiring,
          servers: services.servers,
          flavors: services.flavors,
          keypairs: services.keypairs,
          directory: services.hosts.directory,
          refresher: services.events.refresher,
          computeAs: computeCaller(compute),
        }))),
      authenticate: () =>
        (auth ??= import('./auth.ts').then(({ createEc2Auth }) => {
          const { DEFAULT: options, keystone_authtoken: section } = conf;
          return createEc2Auth({
            url: options.keystone_ec2_url ?? `${identityRoot(section.auth_uri ?? identityUri(section))}/v2.0/ec2tokens`,
            transport: env.transport,
            clock: env.clock,
            expirySeconds: options.ec2_timestamp_expiry,
            lockout: {
              attempts: options.lockout_attempts,
              minutes: options.lockout_minutes,
              windowMinutes: options.lockout_window,
            },
          });
        })),
    },
    options,
  );
}
