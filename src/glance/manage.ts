import { isoMicros, type Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { glanceApiOptions } from './config.ts';
import { purgeDeleted } from './images/rows.ts';
import { loadMetadefs, unloadMetadefs } from './metadefs/load.ts';
import { glanceMigrations } from './migrations/index.ts';
import type { GlanceTables } from './tables.ts';

/** What `glance-manage` works with. */
export interface ManageEnv {
  readonly config: ConfigSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Prints one line to standard output. */
  readonly print: (line: string) => void;
}

/** The configuration files in reading order: both daemons share the database. */
export const glanceManageFiles: readonly string[] = [
  '/usr/share/glance/glance-registry-dist.conf',
  '/usr/share/glance/glance-api-dist.conf',
  '/etc/glance/glance-registry.conf',
  '/etc/glance/glance-api.conf',
];

const dayMs = 86_400_000;

interface Command {
  readonly help: string;
  run(db: Database<GlanceTables>, args: readonly string[], env: ManageEnv): Promise<void>;
}

const commands: Readonly<Record<string, Command>> = {
  db_sync: {
    help: 'Bring the database up to date.',
    async run(db) {
      await db.migrate(glanceMigrations);
    },
  },
  db_version: {
    help: 'Print the last migration.',
    async run(db, _args, { print }) {
      await db.migrate(glanceMigrations);
      print(Object.keys(glanceMigrations).at(-1) as string);
    },
  },
  db_purge: {
    help: 'Forget images that were deleted more than DAYS (30) ago, at most ROWS (100) of them.',
    async run(db, [days = '30', rows = '100'], { clock, print }) {
      if (!/^\d+$/.test(days) || !/^\d+$/.test(rows))
        throw new StartupError('db_purge: days and rows must be numbers.');
      const before = isoMicros(new Date(clock.now().getTime() - Number(days) * dayMs));
      print(`Forgot ${await purgeDeleted(db.query, before, Number(rows))} deleted images.`);
    },
  },
  db_load_metadefs: {
    help: 'Make a namespace of metadata definitions of each JSON file in FOLDER (/etc/glance/metadefs); "overwrite" replaces.',
    async run(db, [folder = '/etc/glance/metadefs', ...words], { clock, print }) {
      await db.migrate(glanceMigrations);
      print(`Made ${await loadMetadefs({ db, clock }, folder, words.includes('overwrite'))} namespaces.`);
    },
  },
  db_unload_metadefs: {
    help: 'Forget all namespaces of metadata definitions, or those named.',
    async run(db, names, { print }) {
      print(`Forgot ${await unloadMetadefs(db, names)} namespaces.`);
    },
  },
};
const synonyms: Readonly<Record<string, string>> = { db_upgrade: 'db_sync' };

const usage = (): string =>
  [
    'usage: glance-manage [--config-file FILE] COMMAND',
    '',
    ...Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(20)}${help}`),
  ].join('\n');

/**
 * Runs one command of `glance-manage`; `db sync` and `db_sync` are the same.
 * @param argv the command and its own arguments; configuration options have been taken out
 * @returns the exit status
 * @throws StartupError, to be printed as one line
 */
export async function glanceManage(argv: readonly string[], env: ManageEnv): Promise<number> {
  const [first, ...args] = argv[0] === 'db' && argv.length > 1 ? [`db_${argv[1]}`, ...argv.slice(2)] : argv;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    env.print(usage());
    return first === undefined ? 1 : 0;
  }
  const name = synonyms[first] ?? first;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new StartupError(`There is no command "${first}". ${Object.keys(commands).join(', ')} are there.`);
  const { database } = loadConfig({ database: glanceApiOptions.database }, env.config, (line) => env.log.warn(line));
  const db = await openDatabase<GlanceTables>(database.connection, { log: env.log });
  try {
    await command.run(db, args, env);
    return 0;
  } finally {
    await db.close();
  }
}
