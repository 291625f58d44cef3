import type { Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';

/** What the services' commands work with. */
interface ManageEnv {
  readonly config: ConfigSource;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** One line to standard output. */
  readonly print: (line: string) => void;
  /** One line to standard error. */
  readonly warn: (line: string) => void;
}

interface Manager {
  /** Configuration files, unless `--config-file` names others. */
  readonly files: readonly string[];
  readonly run: (argv: readonly string[], env: ManageEnv) => Promise<number>;
}

/** Each service has its own commands; only the one wanted is loaded. */
const managers: Readonly<Record<string, () => Promise<Manager>>> = {
  'keystone-manage': async () => {
    const { keystoneManage, keystoneManageFiles } = await import('#keystone/manage.ts');
    return { files: keystoneManageFiles, run: keystoneManage };
  },
  'glance-manage': async () => {
    const { glanceManage, glanceManageFiles } = await import('#glance/manage.ts');
    return { files: glanceManageFiles, run: glanceManage };
  },
  'nova-manage': async () => {
    const { novaManage, novaManageFiles } = await import('#nova/manage.ts');
    return { files: novaManageFiles, run: novaManage };
  },
  'cinder-manage': async () => {
    const { cinderManage, cinderManageFiles } = await import('#cinder/manage.ts');
    return { files: cinderManageFiles, run: cinderManage };
  },
  'neutron-db-manage': async () => {
    const { neutronDbManage, neutronManageFiles } = await import('#neutron/manage.ts');
    return {
      files: neutronManageFiles,
      async run(argv, env) {
        await neutronDbManage(argv, env, env.warn);
        return 0;
      },
    };
  },
};

/** Whether it is one of these commands. */
export const isManager = (command: string): boolean => Object.hasOwn(managers, command);

/** The configuration files of one of these commands, in reading order; none for another. */
export async function managerFiles(command: string): Promise<readonly string[]> {
  return isManager(command) ? (await (managers[command] as () => Promise<Manager>)()).files : [];
}

/** Options with their values, apart from the command's own words: those may have the same form. */
export function splitOptions(argv: readonly string[]): { readonly options: string[]; readonly rest: string[] } {
  const options: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    const match = /^--config[-_](?:file|dir)(=|$)/.exec(word);
    if (match) options.push(word, ...(match[1] === '=' || argv[at + 1] === undefined ? [] : [argv[++at] as string]));
    else if (/^(--debug|-d|--verbose|-v)$/.test(word)) options.push(word);
    else rest.push(word);
  }
  return { options, rest };
}

/** Where a command prints. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Runs a service's `*-manage` command: configuration from the files of the manual or of `--config-file`, then the
 * environment. Silent where all is well: what is worth a warning goes to standard error.
 * @returns the exit status
 */
export async function runManage(
  command: string,
  argv: readonly string[],
  io: Io,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [{ StartupError }, { parseArguments }, { readSources }, { createLogger }, { systemClock }, { randomIds }] =
    await Promise.all([
      import('#common/daemon.ts'),
      import('#common/process/arguments.ts'),
      import('#common/process/config-source.ts'),
      import('#common/telemetry/log.ts'),
      import('#common/clock.ts'),
      import('#common/ids.ts'),
    ]);
  try {
    const manager = await (managers[command] as () => Promise<Manager>)();
    const { options, rest } = splitOptions(argv);
    const config = readSources(parseArguments(options), manager.files, env);
    const log = createLogger(command, ({ level, message }) => io.err(`${level} ${message}\n`), 'WARNING');
    return await manager.run(rest, {
      config,
      env,
      clock: systemClock,
      ids: randomIds,
      log,
      print: (line) => io.out(`${line}\n`),
      warn: (line) => io.err(`${line}\n`),
    });
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    io.err(`${command}: ${error.message}\n`);
    return 1;
  }
}
