import { readFileSync } from 'node:fs';
import { StartupError } from '../daemon.ts';
import type { ConfigSource, RawValue } from './config.ts';
import { parseIni } from './ini.ts';

export interface ReadOptions {
  /** A file that does not exist is skipped; otherwise it is an error. */
  readonly missingOk?: boolean;
}

/**
 * Reads configuration files in the given order (later wins).
 * @throws StartupError when one cannot be read or is no INI file
 */
export function readConfigFiles(paths: readonly string[], { missingOk = false }: ReadOptions = {}): ConfigSource {
  return { values: paths.flatMap((path) => readOne(path, missingOk)) };
}

function readOne(path: string, missingOk: boolean): readonly RawValue[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && missingOk) return [];
    if (code === 'ENOENT')
      throw new StartupError(`There is no configuration file ${path}. Make it or name another one.`);
    if (code === 'EACCES')
      throw new StartupError(`The configuration file ${path} may not be read. Check its owner and mode.`);
    throw new StartupError(`The configuration file ${path} cannot be read: ${(error as Error).message}`);
  }
  return parseIni(text, path);
}

/** A value as code gives it; null and undefined say nothing. */
export type PlainValue = string | number | boolean | readonly (string | number)[] | null | undefined;

/**
 * Values from code or the command line. They are taken literally: a `$` in a password refers to nothing.
 * @param origin for messages: `--my_ip`, `igloo up`
 */
export function fromObject(
  object: Readonly<Record<string, Readonly<Record<string, PlainValue>>>>,
  origin: string,
): ConfigSource {
  const values: RawValue[] = [];
  for (const [section, options] of Object.entries(object)) {
    for (const [name, value] of Object.entries(options)) {
      if (value === null || value === undefined) continue;
      const text = typeof value === 'object' ? value.join(',') : String(value);
      values.push({ section, name, value: text.replaceAll('$', '$$$$'), origin });
    }
  }
  return { values };
}

/** All of them, in order: a later source wins. */
export function mergeSources(...sources: readonly ConfigSource[]): ConfigSource {
  return { values: sources.flatMap((source) => source.values) };
}
