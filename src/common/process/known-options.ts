import { existsSync } from 'node:fs';
import { busOptions } from '../bus/options.ts';
import type { ConfigSource, OptionTable } from '../config/config.ts';
import { loggingOptions } from '../config/common-options.ts';
import { loadConfig } from '../config/load.ts';
import { describeUnknown } from '../config/unknown.ts';
import { serviceOf } from './service-of.ts';

/** What a service's `known-options.ts` exports: the tables of all its daemons, which share its files. */
interface KnownOptionsModule {
  readonly knownOptions: (source: ConfigSource) => readonly OptionTable[];
}

/** The tables of the daemon's service, with what every daemon reads; undefined for a daemon of no service. */
async function tablesOf(daemon: string, source: ConfigSource): Promise<readonly OptionTable[] | undefined> {
  const module = new URL(`../../${serviceOf(daemon)}/known-options.ts`, import.meta.url);
  if (!existsSync(module)) return undefined;
  const { knownOptions } = (await import(module.href)) as KnownOptionsModule;
  return [busOptions, { DEFAULT: loggingOptions }, ...knownOptions(source)];
}

const nameOf = (daemon: string): string => serviceOf(daemon).replace(/^./, (first) => first.toUpperCase());

/** One line for each option of its files that no daemon of the service knows. Loaded late: it is no part of starting. */
export async function unknownOptionLines(daemon: string, source: ConfigSource): Promise<readonly string[]> {
  const tables = await tablesOf(daemon, source);
  return tables ? describeUnknown(tables, source, nameOf(daemon)) : [];
}

/**
 * Everything that an operator should mend in the configuration: wrong values, deprecated spellings, unknown options.
 * For `--check-config`.
 */
export async function checkConfig(daemon: string, source: ConfigSource): Promise<readonly string[]> {
  const tables = (await tablesOf(daemon, source)) ?? [];
  const lines: string[] = [];
  for (const table of tables) {
    try {
      loadConfig(table, source, (line) => lines.push(line));
    } catch (error) {
      lines.push((error as Error).message);
    }
  }
  return [...new Set([...lines, ...describeUnknown(tables, source, nameOf(daemon))])];
}
