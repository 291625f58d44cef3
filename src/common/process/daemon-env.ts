import { hostname } from 'node:os';
import { createHttpHost, createHttpTransport, type LocalApps } from '../api/http.ts';
import { createBus } from '../bus/index.ts';
import { busOptions } from '../bus/options.ts';
import { systemClock } from '../clock.ts';
import type { ConfigSource } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { DaemonEnv } from '../daemon.ts';
import { run } from '../host/run.ts';
import { randomIds } from '../ids.ts';
import type { Logger } from '../telemetry/log.ts';
import { serviceOf } from './service-of.ts';

/**
 * The surroundings of a daemon that is alone in its process: real time, real programs, real sockets, and the broker that
 * its configuration names.
 * @param name the daemon's: `nova-api`; its service's name is its topics' exchange
 * @throws StartupError for a transport that is not there, or a value of a wrong type
 */
export async function createDaemonEnv(name: string, config: ConfigSource, log: Logger): Promise<DaemonEnv> {
  const service = serviceOf(name);
  const busConfig = loadConfig(busOptions, config, (line) => log.warn(line));
  const local: LocalApps = new Map();
  return {
    config,
    bus: await createBus(busConfig, { service, log: log.child('bus'), clock: systemClock, ids: randomIds }),
    http: createHttpHost(local),
    transport: createHttpTransport(local),
    log,
    run,
    clock: systemClock,
    ids: randomIds,
    host: busConfig.DEFAULT.host ?? hostname(),
  };
}
