import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { neutronServerOptions } from './config.ts';
import { openNeutronDatabase } from './server/neutron-server.ts';

export interface ManageDeps {
  readonly config: ConfigSource;
  readonly log: Logger;
}

/** The files that `neutron-db-manage` reads unless `--config-file` names others. */
export const neutronManageFiles: readonly string[] = [
  '/usr/share/neutron/neutron-dist.conf',
  '/etc/neutron/neutron.conf',
];

/**
 * Brings the tables up to date, which neutron-server does too when it starts.
 * @returns the names of the migrations that were applied
 * @throws StartupError when the database cannot be opened or changed
 */
export async function syncDatabase({ config, log }: ManageDeps): Promise<readonly string[]> {
  const conf = loadConfig({ database: neutronServerOptions.database }, config, (line) => log.warn(line));
  const { database, applied } = await openNeutronDatabase(conf, log);
  await database.close();
  return applied;
}

/**
 * `neutron-db-manage upgrade head`.
 * @param print one line to standard error, where Alembic's went
 * @throws StartupError for any other command: migrations only go forward, and always all the way
 */
export async function neutronDbManage(
  args: readonly string[],
  deps: ManageDeps,
  print: (line: string) => void,
): Promise<void> {
  if (args[0] !== 'upgrade' || (args[1] !== undefined && !/^heads?$/.test(args[1])) || args.length > 2)
    throw new StartupError(
      `neutron-db-manage cannot "${args.join(' ')}". It knows one command: neutron-db-manage upgrade head.`,
    );
  let before = '';
  for (const name of await syncDatabase(deps)) {
    print(`INFO  [alembic.migration] Running upgrade ${before || 'None'} -> ${name}`);
    before = name;
  }
}
