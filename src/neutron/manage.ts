import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { neutronServerOptions } from './config.ts';
import { openNeutronDatabase } from './server/neutron-server.ts';

/** The files that `neutron-db-manage` reads unless `--config-file` names others. */
export const manageConfigFiles = ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf'];

/**
 * `neutron-db-manage upgrade head`: brings the tables up to date, which neutron-server does too when it starts.
 * @returns the names of the migrations that were applied
 * @throws StartupError when the database cannot be opened or changed
 */
export async function upgradeDatabase(config: ConfigSource, log: Logger): Promise<readonly string[]> {
  const conf = loadConfig({ database: neutronServerOptions.database }, config, (line) => log.warn(line));
  const { database, applied } = await openNeutronDatabase(conf, log);
  await database.close();
  return applied;
}
