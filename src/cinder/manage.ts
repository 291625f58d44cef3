import { readFileSync } from 'node:fs';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { cinderOptions, type CinderConfig } from './config.ts';
import { cinderMigrations } from './migrations/index.ts';
import { createQuotas } from './quotas/quotas.ts';
import { projectsWithLimits } from './quotas/rows.ts';
import { createServiceDirectory } from './services/directory.ts';
import { deleteService, listServices } from './services/rows.ts';
import { failedOperations } from './operations/failures-rows.ts';
import type { CinderTables } from './tables.ts';
import { findVolume, markVolumeDeleted, purgeDeleted, renameHost } from './volumes/rows.ts';

/** What `cinder-manage` works with. */
export interface ManageEnv {
  readonly config: ConfigSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Prints one line to standard output. */
  readonly print: (line: string) => void;
}

/** The configuration files in reading order. */
export const cinderManageFiles: readonly string[] = ['/usr/share/cinder/cinder-dist.conf', '/etc/cinder/cinder.conf'];

/** The program's version. */
const programVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

interface Command {
  readonly help: string;
  run(db: Database<CinderTables>, args: readonly string[], env: ManageEnv, conf: CinderConfig): Promise<void>;
}

/** `cinder-manage db sync`: makes or updates the tables. @returns the names of the migrations that it applied */
export async function syncDatabase({
  config,
  clock,
  log,
}: Pick<ManageEnv, 'config' | 'clock' | 'log'>): Promise<readonly string[]> {
  const { database } = loadConfig({ database: cinderOptions.database }, config);
  const db = await openDatabase<CinderTables>(database.connection, { log });
  try {
    return await db.migrate(cinderMigrations(db.dialect, clock));
  } finally {
    await db.close();
  }
}

const row = (cells: readonly string[]): string => {
  const widths = [16, 36, 16, 10, 5, 20];
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();
};

const needed = (value: string | undefined, what: string): string => {
  if (value === undefined || value === '') throw new StartupError(`${what} is missing.`);
  return value;
};
/** `--currenthost A --newhost B` */
const flag = (args: readonly string[], name: string): string | undefined => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? undefined : args[at + 1];
};

const commands: Readonly<Record<string, Command>> = {
  'db sync': {
    help: 'Bring the database up to date.',
    async run(db, _args, { clock }) {
      await db.migrate(cinderMigrations(db.dialect, clock));
    },
  },
  'db version': {
    help: 'Print the last migration.',
    async run(db, _args, { clock, print }) {
      print(Object.keys(cinderMigrations(db.dialect, clock)).at(-1) as string);
    },
  },
  'db purge': {
    help: 'DAYS: remove rows of what was deleted longer ago than that.',
    async run(db, [days], { clock, print }) {
      const age = Number(needed(days, 'The age in days'));
      if (!Number.isInteger(age) || age < 0) throw new StartupError('Must supply a positive, non-zero value for age.');
      const before = isoMicros(new Date(clock.now().getTime() - age * 86_400_000));
      print(`${await purgeDeleted(db.query, before)} rows removed.`);
    },
  },
  'service list': {
    help: 'List the daemons of Cinder and whether they live.',
    async run(db, _args, { clock, print }, conf) {
      const directory = createServiceDirectory({ db, clock, conf, host: '' });
      print(row(['Binary', 'Host', 'Zone', 'Status', 'State', 'Updated At']));
      for (const service of await listServices(db.query))
        print(
          row([
            service.binary,
            service.host,
            service.availabilityZone,
            service.disabled ? 'disabled' : 'enabled',
            directory.isUp(service) ? ':-)' : 'XXX',
            service.lastSeen.slice(0, 19).replace('T', ' '),
          ]),
        );
    },
  },
  'service remove': {
    help: 'BINARY HOST: forget a daemon that is gone for good.',
    async run(db, [binary, host], { print }) {
      const [service] = await listServices(db.query, {
        binary: needed(binary, 'The binary'),
        host: needed(host, 'The host'),
      });
      if (!service) throw new StartupError(`Host not found. Failed to remove ${binary} on ${host}.`);
      await deleteService(db.query, service.num);
      print(`Service ${binary} on host ${host} removed.`);
    },
  },
  'host list': {
    help: '[ZONE]: list hosts with their zones.',
    async run(db, [zone], { print }) {
      print(`${'host'.padEnd(25)}\t${'zone'.padEnd(15)}`.trimEnd());
      const hosts = new Map(
        (await listServices(db.query)).map((service) => [service.host, service.availabilityZone] as const),
      );
      for (const [host, of] of hosts)
        if (zone === undefined || of === zone) print(`${host.padEnd(25)}\t${of.padEnd(15)}`.trimEnd());
    },
  },
  'volume delete': {
    help: "VOLUME_ID: forget a volume that no back end has; what a back end has is the API's to delete.",
    async run(db, [id], { clock, print }) {
      const volume = await findVolume(db.query, needed(id, 'The volume'));
      if (!volume || volume.deleted) throw new StartupError(`Volume ${id} could not be found.`);
      if (volume.host !== null)
        throw new StartupError(
          `Volume ${id} is in ${volume.host}: delete it by "cinder delete" or "cinder force-delete".`,
        );
      await db.transaction((trx) => markVolumeDeleted(trx, volume.id, isoMicros(clock.now())));
      print(`Deleted volume ${volume.id} from the database.`);
    },
  },
  'volume update_host': {
    help: '--currenthost HOST --newhost HOST: volumes of a back end that has been renamed.',
    async run(db, args, { print }) {
      const from = needed(flag(args, 'currenthost'), '--currenthost');
      const to = needed(flag(args, 'newhost'), '--newhost');
      print(`${await renameHost(db.query, from, to)} volumes moved from ${from} to ${to}.`);
    },
  },
  'quota check': {
    help: '[--project-id ID]: compare what projects use with their limits.',
    async run(db, args, { print }, conf) {
      const quotas = createQuotas(db, conf);
      const only = flag(args, 'project-id');
      for (const project of only === undefined ? await projectsWithLimits(db.query) : [only]) {
        const limits = await quotas.limits(project);
        const { inUse, reserved } = await quotas.usage(project);
        const over = Object.keys(limits).filter(
          (name) => (limits[name] ?? -1) >= 0 && (inUse[name] ?? 0) + (reserved[name] ?? 0) > (limits[name] ?? -1),
        );
        print(
          `Project ${project}: ${over.length === 0 ? 'within its limits' : `over its limits of ${over.join(', ')}`}`,
        );
      }
    },
  },
  'config list': {
    help: '[NAME]: print options and their values; secrets are not shown.',
    async run(_db, [name], { print }, conf) {
      for (const [section, options] of Object.entries(cinderOptions))
        for (const [option, { secret }] of Object.entries(options as Readonly<Record<string, { secret?: boolean }>>)) {
          if (name !== undefined && option !== name) continue;
          const value = (conf as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[section]?.[option];
          print(`${section === 'DEFAULT' ? '' : `${section}.`}${option} = ${secret ? '****' : String(value ?? '')}`);
        }
    },
  },
  'logs errors': {
    help: '[NUMBER]: print the last operations that failed, and why.',
    async run(db, [number], { print }) {
      const failures = await failedOperations(db.query, Number(number ?? 10));
      if (failures.length === 0) print('No operation has failed.');
      for (const one of failures)
        print(`${one.finishedAt.slice(0, 19)} ${one.action} ${one.resourceId}: ${one.message}`);
    },
  },
};

const usage = (): string =>
  [
    'usage: cinder-manage [--config-file FILE] COMMAND',
    '',
    ...Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(20)}${help}`),
    `  ${'version'.padEnd(20)}Print the version.`,
  ].join('\n');

/**
 * Runs one command of `cinder-manage`; `db_sync` means `db sync`.
 * @param argv the command and its own arguments; configuration options have been taken out
 * @returns the exit status
 * @throws StartupError, to be printed as one line
 */
export async function cinderManage(argv: readonly string[], env: ManageEnv): Promise<number> {
  const [first, ...rest] = argv.flatMap((word, index) => (index === 0 ? word.split('_') : [word]));
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    env.print(usage());
    return first === undefined ? 1 : 0;
  }
  if (first === 'version' || first === '--version') {
    env.print(programVersion());
    return 0;
  }
  const [second = '', ...args] = rest;
  const name = `${first} ${second}`.trim();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new StartupError(`There is no command "${name}". ${Object.keys(commands).join(', ')} are there.`);
  const conf = loadConfig(cinderOptions, env.config, (line) => env.log.warn(line));
  const db = await openDatabase<CinderTables>(conf.database.connection, { log: env.log });
  try {
    await command.run(db, args, env, conf);
    return 0;
  } finally {
    await db.close();
  }
}
