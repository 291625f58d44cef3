import { readFileSync } from 'node:fs';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { novaOptions } from './config.ts';
import { agentCommands } from './manage/agents.ts';
import { parseGiven, type Command, type ManageEnv } from './manage/command.ts';
import { flavorCommands } from './manage/flavors.ts';
import { logCommands } from './manage/logs.ts';
import { projectCommands } from './manage/projects.ts';
import { serverCommands } from './manage/servers.ts';
import { serviceCommands } from './manage/services.ts';
import { novaMigrations } from './migrations/index.ts';
import type { NovaTables } from './tables.ts';

export type { ManageEnv } from './manage/command.ts';

/** The configuration files in reading order. */
export const novaManageFiles: readonly string[] = ['/usr/share/nova/nova-dist.conf', '/etc/nova/nova.conf'];

/** `nova-manage db sync`: makes or updates the tables. @returns the names of the migrations that it applied */
export async function syncDatabase({
  config,
  clock,
  log,
}: Pick<ManageEnv, 'config' | 'clock' | 'log'>): Promise<readonly string[]> {
  const { database } = loadConfig({ database: novaOptions.database }, config);
  const db = await openDatabase<NovaTables>(database.connection, { log });
  try {
    return await db.migrate(novaMigrations(db.dialect, clock));
  } finally {
    await db.close();
  }
}

const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

const commands: readonly Command[] = [
  {
    name: 'db sync',
    arguments: ['version'],
    help: 'Bring the database up to date; a new one gets the five default flavors.',
    async run({ db: open, env, given }) {
      const wanted = given.text('version');
      if (wanted !== null)
        throw new StartupError(
          `The database goes to the newest version only, not to ${wanted}: leave the version out.`,
        );
      const db = await open();
      await db.migrate(novaMigrations(db.dialect, env.clock));
    },
  },
  {
    name: 'db version',
    arguments: [],
    help: 'Print the last migration.',
    async run({ db: open, env }) {
      env.print(Object.keys(novaMigrations((await open()).dialect, env.clock)).at(-1) as string);
    },
  },
  ...serverCommands,
  ...serviceCommands,
  ...flavorCommands,
  ...projectCommands,
  ...agentCommands,
  ...logCommands,
  {
    name: 'cell list',
    arguments: [],
    help: 'List cells: there are none.',
    async run({ env }) {
      const row = (...cells: string[]): string =>
        cells
          .map((cell, index) =>
            index === 0 ? cell.padStart(3) : cell.padEnd([0, 10, 6, 10, 15, 5, 10][index] as number),
          )
          .join('  ')
          .trimEnd();
      env.print(row('Id', 'Name', 'Type', 'Username', 'Hostname', 'Port', 'VHost'));
      env.print(row(...[3, 10, 6, 10, 15, 5, 10].map((width) => '-'.repeat(width))));
    },
  },
  {
    name: 'version list',
    arguments: [],
    help: 'Print the version.',
    async run({ env }) {
      env.print(ownVersion());
    },
  },
];

/** Categories of Icehouse that belong to nova-network: said so, instead of not being known. */
const gone: Readonly<Record<string, string>> = {
  fixed: 'Fixed addresses are ports of Neutron: see neutron port-list.',
  floating: 'Floating addresses are those of Neutron: see neutron floatingip-list.',
  network: 'Networks are those of Neutron: see neutron net-create.',
  vpn: 'Cloudpipe gateways need nova-network; there is none beside Neutron.',
};

const usage = (): string =>
  [
    'usage: nova-manage [--config-file FILE] COMMAND',
    '',
    ...commands.map(({ name, help }) => `  ${name.padEnd(26)}${help}`),
  ].join('\n');

/**
 * Runs one command of `nova-manage`; `db_sync` means `db sync`.
 * @param argv the command and its own arguments; configuration options have been taken out
 * @returns the exit status
 * @throws StartupError, to be printed as one line
 */
export async function novaManage(argv: readonly string[], env: ManageEnv): Promise<number> {
  const known = new Set(commands.map(({ name }) => name.split(' ')[0]));
  const [first, ...rest] = argv.flatMap((word, index) =>
    index === 0 && !known.has(word) ? word.split(/_(.*)/s).filter((part) => part !== '') : [word],
  );
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    env.print(usage());
    return first === undefined ? 1 : 0;
  }
  if (Object.hasOwn(gone, first)) {
    env.print(gone[first] as string);
    return 2;
  }
  const bare = rest.length === 0 && first === 'version';
  const [second = '', ...args] = bare ? ['list'] : rest;
  const name = `${first} ${second}`.trim();
  const command = commands.find((one) => one.name === name);
  if (!command)
    throw new StartupError(`There is no command "${name}". ${commands.map((one) => one.name).join(', ')} are there.`);
  const given = parseGiven(command, args);
  const conf = loadConfig(novaOptions, env.config, (line) => env.log.warn(line));
  let db: Promise<Database<NovaTables>> | undefined;
  try {
    const status = await command.run({
      env,
      conf,
      given,
      db: () => (db ??= openDatabase<NovaTables>(conf.database.connection, { log: env.log })),
    });
    return status ?? 0;
  } finally {
    await (await db?.catch(() => undefined))?.close();
  }
}
