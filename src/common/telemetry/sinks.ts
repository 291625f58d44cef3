import { join, resolve } from 'node:path';
import { StartupError } from '../daemon.ts';
import { jsonLine, openstackLine } from './format.ts';
import { LineWriter, type LineTarget } from './line-writer.ts';
import type { LogLevel, LogSink } from './log.ts';

/** The values of `loggingOptions` (common/config/common-options.ts). */
export interface LoggingConfig {
  readonly debug: boolean;
  readonly verbose: boolean;
  readonly log_file: string | null;
  readonly log_dir: string | null;
  readonly use_stderr: boolean;
  readonly use_json: boolean;
}

/** Where log lines go, with the level that the configuration asks for: `createLogger('nova', output.sink, output.level)`. */
export interface LogOutput {
  readonly sink: LogSink;
  readonly level: LogLevel;
  /** Opens the log file anew, for logrotate. */
  reopen(): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

/** The level that `debug` and `verbose` mean. */
export const logLevel = ({ debug, verbose }: Pick<LoggingConfig, 'debug' | 'verbose'>): LogLevel =>
  debug ? 'DEBUG' : verbose ? 'INFO' : 'WARNING';

/**
 * Opens a daemon's log as its options say. It is reopened on SIGHUP.
 * @param daemon names the file in log_dir: `nova-api` → `nova-api.log`
 * @throws StartupError when the file cannot be written
 */
export function openLog(conf: LoggingConfig, daemon: string): LogOutput {
  const file = logFile(conf, daemon);
  const targets: LineTarget[] = file === null ? [] : [{ path: file }];
  if (file === null || conf.use_stderr) targets.push({ fd: process.stderr.fd });
  const writers = targets.map(openWriter);
  const format = conf.use_json ? jsonLine : openstackLine;
  const options = { pid: process.pid, stacks: conf.debug };
  const reopen = (): void => writers.forEach((writer) => writer.reopen());
  if (file !== null) process.on('SIGHUP', reopen);
  return {
    sink: (record) => {
      const line = format(record, options);
      for (const writer of writers) writer.write(line);
    },
    level: logLevel(conf),
    reopen,
    close: async () => {
      process.off('SIGHUP', reopen);
      await Promise.all(writers.map((writer) => writer.close()));
    },
  };
}

function logFile({ log_file, log_dir }: LoggingConfig, daemon: string): string | null {
  if (log_file !== null) return log_dir === null ? resolve(log_file) : resolve(log_dir, log_file);
  return log_dir === null ? null : join(log_dir, `${daemon}.log`);
}

function openWriter(target: LineTarget): LineWriter {
  try {
    return new LineWriter(target);
  } catch (error) {
    const what = 'path' in target ? target.path : 'standard error';
    throw new StartupError(
      `The log ${what} cannot be written: ${(error as Error).message}. Make its folder, or correct [DEFAULT] log_dir and log_file.`,
      { cause: error },
    );
  }
}
