import { readFileSync } from 'node:fs';
import { StartupError } from '#common/daemon.ts';
import type { PythonDict, PythonList, PythonValue } from './python-expression.ts';
import { readPython, type PythonFile } from './python.ts';

/** The values of a `local_settings` file, asked for by name and type. Undefined: the file does not set it. */
export interface LocalSettings {
  readonly notes: readonly string[];
  text(name: string): string | undefined;
  bool(name: string): boolean | undefined;
  /** A whole number above zero. */
  count(name: string): number | undefined;
  texts(name: string): readonly string[] | undefined;
  dict(name: string): PythonDict | undefined;
  /** `path:line: NAME why`, for a value that cannot be used. */
  error(name: string, why: string): StartupError;
}

/**
 * @param path empty: no file
 * @param missingOk whether the file may be missing: nobody asked for it by name
 * @throws StartupError when it cannot be read or is no Python
 */
export function readLocalSettings(path: string, missingOk: boolean): LocalSettings {
  const { names, notes } = path === '' ? nothing : readPython(read(path, missingOk), path);
  const error = (name: string, why: string): StartupError => {
    const line = names.get(name)?.line;
    return new StartupError(`${path}${line === undefined ? '' : `:${line}`}: ${name} ${why}`);
  };
  const typed = <T extends PythonValue>(
    name: string,
    wanted: string,
    is: (value: PythonValue) => value is T,
  ): T | undefined => {
    const assigned = names.get(name);
    if (!assigned) return undefined;
    if (assigned.value === undefined)
      throw error(name, `${assigned.why}, and this file is only read, not run. Write the value itself: ${wanted}.`);
    if (!is(assigned.value)) throw error(name, `must be ${wanted}, not ${shown(assigned.value)}.`);
    return assigned.value;
  };
  const list = (name: string): PythonList | undefined =>
    typed(name, "a list of texts, as ['*']", (value) => Array.isArray(value));
  return {
    notes,
    error,
    text: (name) => typed(name, 'a text in quotes', (value) => typeof value === 'string'),
    bool: (name) => typed(name, 'True or False', (value) => typeof value === 'boolean'),
    count: (name) =>
      typed(
        name,
        'a whole number above zero',
        (value): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0,
      ),
    texts(name) {
      const values = list(name);
      const other = values?.find((value) => typeof value !== 'string');
      if (other !== undefined) throw error(name, `must hold texts only, not ${shown(other)}.`);
      return values as readonly string[] | undefined;
    },
    dict: (name) =>
      typed(name, "a dictionary, as {'default': {…}}", (value): value is PythonDict => value instanceof Map),
  };
}

const nothing: PythonFile = { names: new Map(), notes: [] };

function read(path: string, missingOk: boolean): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && missingOk) return '';
    if (code === 'ENOENT')
      throw new StartupError(`There is no file ${path}. Make it, or name another by local_settings.`);
    if (code === 'EACCES') throw new StartupError(`${path} may not be read. Check its owner and mode.`);
    throw new StartupError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

const shown = (value: PythonValue): string => {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Map) return 'a dictionary';
  return Array.isArray(value) ? 'a list' : `${JSON.stringify(value)}`;
};
