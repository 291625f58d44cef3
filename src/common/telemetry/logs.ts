import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { loggingOptions } from '../config/common-options.ts';
import type { ConfigSource } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { StartupError } from '../daemon.ts';
import { jsonLine, openstackLine } from './format.ts';
import { LineWriter, type LineTarget } from './line-writer.ts';
import { createLogger, type Logger, type LogLevel } from './log.ts';

/** A process's log, as its configuration wants it. */
export interface Logs {
  readonly log: Logger;
  /** Null when lines go to standard error only. */
  readonly file: string | null;
  /** Opens the log file anew, for logrotate; SIGHUP does it too. */
  reopen(): void;
  close(): void;
}

/**
 * Opens the log of the logging options: to `log_file`, to `log_dir`/<daemon>.log, or to standard error. What was logged
 * before a crash is there.
 * @throws StartupError when the file cannot be opened
 */
export function openLogs(daemon: string, config: ConfigSource): Logs {
  const warnings: string[] = [];
  const conf = loadConfig({ DEFAULT: loggingOptions }, config, (line) => warnings.push(line)).DEFAULT;
  const level: LogLevel = conf.debug ? 'DEBUG' : conf.verbose ? 'INFO' : 'WARNING';
  const name = conf.log_file ?? (conf.log_dir === null ? null : `${daemon}.log`);
  const file = name === null ? null : resolve(conf.log_dir ?? '', name);
  const targets: LineTarget[] = file === null ? [] : [{ path: file }];
  if (file === null || conf.use_stderr) targets.push('stderr');
  const writers = targets.map(openWriter);

  const format = conf.use_json ? jsonLine : openstackLine;
  const options = { pid: process.pid, stacks: conf.debug };
  const log = createLogger(
    daemon.replace('-', '.'),
    (record) => {
      const line = format(record, options);
      for (const writer of writers) writer.write(line);
    },
    level,
  );
  for (const warning of warnings) log.warn(warning);

  const reopen = (): void => {
    try {
      for (const writer of writers) writer.reopen();
      log.info('The log file was opened anew');
    } catch (error) {
      log.warn('The log file cannot be opened anew; the log goes on in the old one', error);
    }
  };
  // A terminal that hangs up shall still end what runs in it.
  if (file !== null && !isatty(0)) process.on('SIGHUP', reopen);
  return {
    log,
    file,
    reopen,
    close: () => {
      process.off('SIGHUP', reopen);
      for (const writer of writers.splice(0)) writer.close();
    },
  };
}

function openWriter(target: LineTarget): LineWriter {
  try {
    if (target !== 'stderr') mkdirSync(dirname(target.path), { recursive: true });
    return new LineWriter(target);
  } catch (error) {
    const what = target === 'stderr' ? 'Standard error' : `The log file ${target.path}`;
    throw new StartupError(
      `${what} cannot be opened: ${(error as Error).message}. Check log_file and log_dir, and whom the daemon runs as.`,
      { cause: error },
    );
  }
}
