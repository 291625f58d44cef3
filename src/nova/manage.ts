import type { Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { isoMicros } from '#common/clock.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { novaOptions, type NovaConfig } from './config.ts';
import { createHostDirectory } from './hosts/directory.ts';
import { changeService, listServices } from './hosts/services-rows.ts';
import { novaMigrations } from './migrations/index.ts';
import type { NovaTables } from './tables.ts';

/** What `nova-manage` works with. */
export interface ManageEnv {
  readonly config: ConfigSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Prints one line to standard output. */
  readonly print: (line: string) => void;
}

/** The configuration files in reading order. */
export const novaManageFiles: readonly string[] = ['/usr/share/nova/nova-dist.conf', '/etc/nova/nova.conf'];

interface Command {
  readonly help: string;
  run(db: Database<NovaTables>, args: readonly string[], env: ManageEnv, conf: NovaConfig): Promise<void>;
}

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

const row = (cells: readonly string[]): string => {
  const widths = [16, 36, 16, 10, 5, 10];
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();
};

async function listAll(db: Database<NovaTables>, { clock, print }: ManageEnv, conf: NovaConfig): Promise<void> {
  const directory = createHostDirectory({ db, clock, conf });
  const zoneOf = await directory.zones();
  print(row(['Binary', 'Host', 'Zone', 'Status', 'State', 'Updated_At']));
  for (const service of await listServices(db.query)) {
    const { binary, host } = service;
    const zone = binary === 'nova-compute' ? zoneOf(host) : conf.DEFAULT.internal_service_availability_zone;
    const state = directory.isUp(service) ? ':-)' : 'XXX';
    print(row([binary, host, zone, service.disabled ? 'disabled' : 'enabled', state, service.lastSeen.slice(0, 19)]));
  }
}

const switchService =
  (disabled: boolean): Command['run'] =>
  async (db, [host, binary], { clock, print }) => {
    const [service] = await listServices(db.query, { host, binary });
    if (host === undefined || binary === undefined || !service)
      throw new StartupError(`There is no service ${binary ?? '(binary)'} on host ${host ?? '(host)'}.`);
    await changeService(db.query, service.num, { disabled, disabledReason: null }, isoMicros(clock.now()));
    print(`Service ${binary} on host ${host} ${disabled ? 'disabled' : 'enabled'}.`);
  };

const commands: Readonly<Record<string, Command>> = {
  'db sync': {
    help: 'Bring the database up to date; a new one gets the five default flavors.',
    async run(db, _args, { clock }) {
      await db.migrate(novaMigrations(db.dialect, clock));
    },
  },
  'db version': {
    help: 'Print the last migration.',
    async run(db, _args, { clock, print }) {
      print(Object.keys(novaMigrations(db.dialect, clock)).at(-1) as string);
    },
  },
  'service list': {
    help: 'List the daemons of Nova and whether they live.',
    run: (db, _args, env, conf) => listAll(db, env, conf),
  },
  'service enable': { help: 'HOST BINARY: let a daemon take work again.', run: switchService(false) },
  'service disable': { help: 'HOST BINARY: give a daemon no more work.', run: switchService(true) },
};

const usage = (): string =>
  [
    'usage: nova-manage [--config-file FILE] COMMAND',
    '',
    ...Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(18)}${help}`),
  ].join('\n');

/**
 * Runs one command of `nova-manage`; `db_sync` means `db sync`.
 * @param argv the command and its own arguments; configuration options have been taken out
 * @returns the exit status
 * @throws StartupError, to be printed as one line
 */
export async function novaManage(argv: readonly string[], env: ManageEnv): Promise<number> {
  const [first, ...rest] = argv.flatMap((word, index) => (index === 0 ? word.split('_') : [word]));
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    env.print(usage());
    return first === undefined ? 1 : 0;
  }
  const [second = '', ...args] = rest;
  const name = `${first} ${second}`.trim();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new StartupError(`There is no command "${name}". ${Object.keys(commands).join(', ')} are there.`);
  const conf = loadConfig(novaOptions, env.config, (line) => env.log.warn(line));
  const db = await openDatabase<NovaTables>(conf.database.connection, { log: env.log });
  try {
    await command.run(db, args, env, conf);
    return 0;
  } finally {
    await db.close();
  }
}
