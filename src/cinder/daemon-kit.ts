import type { Bus } from '#common/bus/bus.ts';
import { isoMicros } from '#common/clock.ts';
import { loadConfig } from '#common/config/load.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { healthOf as lookAt, type Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { cinderOptions, type CinderConfig } from './config.ts';
import type { BackendReport } from './rpc.ts';
import { pingDatabase, seeService } from './services/rows.ts';
import type { CinderTables } from './tables.ts';

/** cinder.conf as every daemon of Cinder reads it. */
export const cinderConfig = (env: DaemonEnv): CinderConfig =>
  loadConfig(cinderOptions, env.config, (line) => env.log.warn(line));

export const cinderConfigFiles = ['/usr/share/cinder/cinder-dist.conf', '/etc/cinder/cinder.conf'] as const;

export const glanceUrlOf = ({ DEFAULT: conf }: CinderConfig): string => {
  const [named] = conf.glance_api_servers;
  if (named === undefined) return `${conf.glance_protocol}://${conf.glance_host}:${conf.glance_port}`;
  return (named.includes('://') ? named : `${conf.glance_protocol}://${named}`).replace(/\/+$/, '');
};

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

export interface Beat {
  /** `cinder-volume` */
  readonly binary: string;
  /** `stor1@lvm` */
  readonly host: string;
  readonly topic: string;
  readonly availabilityZone: string;
}

/** Writes that the daemon lives into its row, which the first time makes it. */
export const beatOnce = (
  env: Pick<DaemonEnv, 'clock' | 'ids'>,
  db: Database<CinderTables>,
  beat: Beat,
  report?: BackendReport,
): Promise<void> =>
  seeService(db.query, {
    ...beat,
    id: env.ids.uuid(),
    now: isoMicros(env.clock.now()),
    ...(report !== undefined && { report }),
  });

/** For `/healthcheck` and `igloo status`. */
export const healthOf = ({ db, bus }: { readonly db?: Database<CinderTables>; readonly bus?: Bus }): Promise<Health> =>
  lookAt({ database: db && (() => pingDatabase(db.query)), bus });
