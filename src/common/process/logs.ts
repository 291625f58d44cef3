import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loggingOptions } from '../config/common-options.ts';
import { loadConfig } from '../config/load.ts';
import type { ConfigSource } from '../config/config.ts';
import { StartupError } from '../daemon.ts';
import { createLogger, type Logger, type LogLevel, type LogSink } from '../telemetry/log.ts';
import { jsonLine, openstackLine } from './log-lines.ts';

/** A daemon's log, as its configuration wants it. */
export interface Logs {
  readonly log: Logger;
  /** Null when lines go to standard error only. */
  readonly file: string | null;
  close(): void;
}

/**
 * Opens the log of the logging options: to `log_file`, to `log_dir`/<daemon>.log, or to standard error. Lines are written
 * synchronously: what was logged before a crash is there.
 * @throws StartupError when the file cannot be opened
 */
export function openLogs(daemon: string, config: ConfigSource): Logs {
  const warnings: string[] = [];
  const conf = loadConfig({ DEFAULT: loggingOptions }, config, (line) => warnings.push(line)).DEFAULT;
  const level: LogLevel = conf.debug ? 'DEBUG' : conf.verbose ? 'INFO' : 'WARNING';
  const name = conf.log_file ?? (conf.log_dir === null ? null : `${daemon}.log`);
  const file = name === null ? null : resolve(conf.log_dir ?? '', name);
  const outputs = [...(file === null ? [] : [openFile(file)]), ...(file === null || conf.use_stderr ? [2] : [])];
  const line = conf.use_json ? jsonLine : openstackLine;
  const sink: LogSink = (record) => {
    const text = line(record, { pid: process.pid, stacks: level === 'DEBUG' });
    for (const output of outputs) write(output, text);
  };
  const log = createLogger(daemon.replace('-', '.'), sink, level);
  for (const warning of warnings) log.warn(warning);
  return {
    log,
    file,
    close: () => {
      for (const output of outputs.splice(0)) if (output !== 2) closeSync(output);
    },
  };
}

function openFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a', 0o640);
  } catch (error) {
    throw new StartupError(
      `The log file ${path} cannot be opened: ${(error as Error).message}. Check log_file and log_dir, and whom the daemon runs as.`,
    );
  }
}

/** A full disk or a closed terminal must not end a daemon. */
function write(output: number, text: string): void {
  try {
    writeSync(output, text);
  } catch {
    // nowhere left to say it
  }
}
