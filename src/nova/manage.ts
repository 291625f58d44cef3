import { systemClock, type Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { openDatabase } from '#common/db/open.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { novaOptions } from './config.ts';
import { listServices } from './hosts/services-rows.ts';
import { novaMigrations } from './migrations/index.ts';
import type { NovaTables } from './tables.ts';

export interface ManageDeps {
  readonly config: ConfigSource;
  readonly log: Logger;
  readonly clock?: Clock;
}

const opened = ({ config, log }: ManageDeps) => {
  const conf = loadConfig(novaOptions, config);
  return openDatabase<NovaTables>(conf.database.connection, { log }).then((db) => ({ db, conf }));
};

/** `nova-manage db sync`: makes or updates the tables. @returns the names of the migrations that it applied */
export async function syncDatabase(deps: ManageDeps): Promise<readonly string[]> {
  const { db } = await opened(deps);
  try {
    return await db.migrate(novaMigrations(db.dialect, deps.clock ?? systemClock));
  } finally {
    await db.close();
  }
}

/** One line of `nova-manage service list`. */
export interface ServiceLine {
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly status: 'enabled' | 'disabled';
  /** `:-)` or `XXX`, as the command has always printed it. */
  readonly state: ':-)' | 'XXX';
  readonly updatedAt: string;
}

/** `nova-manage service list`, read from the database without any daemon. */
export async function serviceList(deps: ManageDeps): Promise<readonly ServiceLine[]> {
  const { db, conf } = await opened(deps);
  const now = (deps.clock ?? systemClock).now().getTime();
  const { service_down_time: patience, default_availability_zone: zone } = conf.DEFAULT;
  try {
    return (await listServices(db.query)).map((service) => ({
      binary: service.binary,
      host: service.host,
      zone: service.binary === 'nova-compute' ? zone : conf.DEFAULT.internal_service_availability_zone,
      status: service.disabled ? 'disabled' : 'enabled',
      state: !service.forcedDown && now - Date.parse(`${service.lastSeen}Z`) <= patience * 1000 ? ':-)' : 'XXX',
      updatedAt: service.lastSeen,
    }));
  } finally {
    await db.close();
  }
}
