import type { Clock } from './clock.ts';
import type { Bus } from './bus/bus.ts';
import type { Health } from './telemetry/health.ts';
import type { HttpHost } from './api/http-host.ts';
import type { Ids } from './ids.ts';
import type { Logger } from './telemetry/log.ts';
import type { Run } from './host/run.ts';
import type { ConfigSource } from './config/config.ts';
import type { HttpTransport } from './api/transport.ts';

/** What a daemon is given instead of globals. The same shape alone in its process and beside all the others. */
export interface DaemonEnv {
  /** Where the daemon's option values come from; it reads its own declared options with `loadConfig(options, env.config)`. */
  readonly config: ConfigSource;
  readonly bus: Bus;
  /** Opens listening sockets and, in the all-in-one, lets services reach each other without one. */
  readonly http: HttpHost;
  /** How this process calls other services. */
  readonly transport: HttpTransport;
  readonly log: Logger;
  readonly run: Run;
  readonly clock: Clock;
  readonly ids: Ids;
  /** This host's name, as `nova service-list` prints it. */
  readonly host: string;
}

/** A started daemon. */
export interface RunningDaemon {
  /** What an operator should know: broker reachable, database reachable, agents alive. */
  health(): Promise<Health> | Health;
  /** Stops taking work, ends what can end soon, closes everything. Guests and networks stay. */
  stop(): Promise<void>;
}

/** A daemon of the manual: a value that can be started alone or together with all others in one process. */
export interface Daemon {
  /** The manual's name: `nova-api`, `neutron-l3-agent`. */
  readonly name: string;
  /** Configuration files in reading order (later wins), as the manual's init scripts name them. */
  readonly configFiles: readonly string[];
  /** @throws StartupError with one clear line that says what to do */
  start(env: DaemonEnv): Promise<RunningDaemon>;
}

/** The daemon cannot start, and the operator can do something about it. Printed without a stack; exit status 1. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
