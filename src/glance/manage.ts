import { isoMicros } from '#common/clock.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { parseArguments } from '#common/process/arguments.ts';
import { readSources } from '#common/process/config-source.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { glanceApiOptions } from './config.ts';
import { purgeDeleted } from './images/rows.ts';
import { glanceMigrations } from './migrations/index.ts';
import type { GlanceTables } from './tables.ts';

const files = ['/etc/glance/glance-registry.conf', '/etc/glance/glance-api.conf'];
const day = 86_400_000;

const usage = `usage: glance-manage [--config-file FILE] <command>

Commands:
  db_sync                Bring the database up to date (also: db sync, db upgrade).
  db_version             Print the last migration (also: db version).
  db purge [days] [rows] Forget images that were deleted more than that many days ago (30; 100 rows).
`;

type Command = (db: Database<GlanceTables>, words: readonly string[]) => Promise<string>;

const commands: Readonly<Record<string, Command>> = {
  async db_sync(db) {
    await db.migrate(glanceMigrations);
    return '';
  },
  async db_version(db) {
    await db.migrate(glanceMigrations);
    return `${Object.keys(glanceMigrations).at(-1)}\n`;
  },
  async db_purge(db, [days = '30', rows = '100']) {
    if (!/^\d+$/.test(days) || !/^\d+$/.test(rows)) throw new StartupError('Days and rows must be numbers.');
    const before = isoMicros(new Date(Date.now() - Number(days) * day));
    return `${await purgeDeleted(db.query, before, Number(rows))} images forgotten\n`;
  },
};
const synonyms: Readonly<Record<string, string>> = { db_upgrade: 'db_sync' };

/**
 * `glance-manage`.
 * @param argv without program and script
 * @returns the exit status
 * @throws StartupError
 */
export async function manage(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
  print: (text: string) => void = (text) => process.stdout.write(text),
): Promise<number> {
  // Words first, options in any place, as oslo.config's sub-commands have it.
  const { words, options } = split(argv);
  const joined = words[0] === 'db' ? [`db_${words[1] ?? ''}`, ...words.slice(2)] : words;
  const name = synonyms[joined[0] ?? ''] ?? joined[0] ?? '';
  const args = parseArguments(options);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (args.help || !command) {
    print(usage);
    return args.help ? 0 : 1;
  }
  const source = readSources(args, files, env);
  const { database } = loadConfig({ database: glanceApiOptions.database }, source);
  const db = await openDatabase<GlanceTables>(database.connection, { log: silentLogger });
  try {
    print(await command(db, joined.slice(1)));
    return 0;
  } finally {
    await db.close();
  }
}

/** Options with their values apart from the words of the command. */
function split(argv: readonly string[]): { readonly words: string[]; readonly options: string[] } {
  const words: string[] = [];
  const options: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (!word.startsWith('-')) words.push(word);
    else {
      options.push(word);
      if (/^--config[-_](file|dir)$/.test(word) && argv[at + 1] !== undefined) options.push(argv[++at] as string);
    }
  }
  return { words, options };
}
