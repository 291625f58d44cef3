import { fromObject, mergeSources } from '../config/load.ts';
import type { ConfigSource } from '../config/config.ts';
import { StartupError } from '../daemon.ts';

/** A daemon's command line. */
export interface Arguments {
  /** `--config-file`, in order; empty means the daemon's own files. */
  readonly configFiles: readonly string[];
  /** `--config-dir`, in order: every `*.conf` in it. */
  readonly configDirs: readonly string[];
  readonly pidFile: string | null;
  readonly version: boolean;
  readonly help: boolean;
  /** Say what is wrong with the configuration instead of starting. */
  readonly checkConfig: boolean;
  /** Everything else: values of options. */
  readonly values: ConfigSource;
}

/** Options of the program itself; every other name is a configuration option. */
const withValue = ['config-file', 'config-dir', 'pid-file', 'log-file', 'logfile', 'log-dir', 'logdir'] as const;
const withoutValue = new Map([
  ['debug', ['debug', true]],
  ['nodebug', ['debug', false]],
  ['verbose', ['verbose', true]],
  ['noverbose', ['verbose', false]],
] as const);
const short: Readonly<Record<string, string>> = { '-d': '--debug', '-v': '--verbose', '-h': '--help' };

/**
 * Reads a command line as oslo.config's programs do: `--option value`, `--option=value`, `--section-option value`, and
 * `--option` alone for true. Names may be written with `-` or `_`.
 * @throws StartupError naming the argument that makes no sense
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const given: Record<string, string[]> = {};
  const values: ConfigSource[] = [];
  const flags = { version: false, help: false, checkConfig: false };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const match = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(short[word] ?? word);
    if (!match) throw new StartupError(`There is no argument "${word}". Options are written --name value; see --help.`);
    const [, spelled = '', attached] = match;
    const name = spelled.replaceAll('_', '-').toLowerCase();
    const flag = withoutValue.get(name as 'debug');
    if (name === 'version' || name === 'help') flags[name] = true;
    else if (name === 'check-config') flags.checkConfig = true;
    else if (flag && attached === undefined) values.push(said(flag[0], flag[1], word));
    else if ((withValue as readonly string[]).includes(name)) {
      const value = attached ?? rest.shift();
      if (value === undefined) throw new StartupError(`--${name} needs a value.`);
      if (name.startsWith('log')) values.push(said(name, value, `--${name}`));
      else (given[name] ??= []).push(value);
    } else {
      const hasValue = attached === undefined && rest[0] !== undefined && !rest[0].startsWith('--');
      values.push(said(name, attached ?? (hasValue ? rest.shift() : undefined) ?? true, `--${spelled}`));
    }
  }
  return {
    configFiles: given['config-file'] ?? [],
    configDirs: given['config-dir'] ?? [],
    pidFile: given['pid-file']?.at(-1) ?? null,
    ...flags,
    values: mergeSources(...values),
  };
}

/**
 * `--database-connection` may mean `[DEFAULT] database_connection` or `[database] connection`: which, only the daemon's
 * tables know. Each possible reading is said; a daemon hears the options that it has.
 */
function said(name: string, value: string | boolean, origin: string): ConfigSource {
  const words = name.split('-');
  const readings = words.map((_, at) => ({
    section: at === 0 ? 'DEFAULT' : words.slice(0, at).join('_'),
    option: words.slice(at).join('_'),
  }));
  return mergeSources(...readings.map(({ section, option }) => fromObject({ [section]: { [option]: value } }, origin)));
}

/** Values from the environment, as oslo.config has them: `OS_DEFAULT__DEBUG`, `OS_DATABASE__CONNECTION`. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): ConfigSource {
  return mergeSources(
    ...Object.entries(env).map(([variable, value]) => {
      const match = /^OS_([A-Z0-9_]+?)__([A-Z0-9_]+)$/.exec(variable);
      if (!match || value === undefined) return { values: [] };
      const [section, option] = [match[1] as string, match[2] as string];
      return fromObject({ [section.toLowerCase()]: { [option.toLowerCase()]: value } }, `$${variable}`);
    }),
  );
}
