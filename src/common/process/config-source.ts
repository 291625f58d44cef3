import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mergeSources, readConfigFiles } from '../config/load.ts';
import type { ConfigSource } from '../config/config.ts';
import { StartupError } from '../daemon.ts';
import { fromEnvironment, type Arguments } from './arguments.ts';

/**
 * What was said to a daemon, later wins: configuration files, folders, environment, command line. The daemon's own files
 * may be missing; a file named on the command line must be there.
 * @throws StartupError for a file or folder that cannot be read
 */
export function readSources(
  args: Arguments,
  ownFiles: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ConfigSource {
  const files =
    args.configFiles.length > 0 ? readConfigFiles(args.configFiles) : readConfigFiles(ownFiles, { missingOk: true });
  return mergeSources(files, readConfigFiles(args.configDirs.flatMap(filesOf)), fromEnvironment(env), args.values);
}

function filesOf(dir: string): readonly string[] {
  try {
    const names = readdirSync(dir).filter((name) => name.endsWith('.conf'));
    return names.toSorted().map((name) => join(dir, name));
  } catch (error) {
    throw new StartupError(`The folder ${dir} of --config-dir cannot be read: ${(error as Error).message}`);
  }
}
