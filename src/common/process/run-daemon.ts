import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '../daemon.ts';
import type { Logger } from '../telemetry/log.ts';
import { openLogs, type Logs } from '../telemetry/logs.ts';
import { parseArguments } from './arguments.ts';
import { readSources } from './config-source.ts';
import { createDaemonEnv } from './daemon-env.ts';
import { usage } from './help.ts';
import { returnIdleMemory } from './idle-memory.ts';
import { checkConfig, unknownOptionLines } from './known-options.ts';
import { writePidFile } from './pid-file.ts';

const stopLimitMs = 10_000;

/**
 * Runs one daemon as this process until a signal ends it: configuration from files, environment and command line, logs,
 * pid file, a stop in good order.
 * @returns the exit status: 0 after SIGTERM or SIGINT; 1 when it cannot start, breaks, or does not stop within 10 s. The
 * caller exits with it, since what a broken daemon left open would keep the process alive.
 */
export async function runDaemon(
  daemon: Daemon,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  let logs: Logs | undefined;
  let removePidFile = (): void => undefined;
  try {
    const args = parseArguments(argv);
    if (args.help || args.version) {
      process.stdout.write(args.help ? usage(daemon) : `${daemon.name} ${version()}\n`);
      return 0;
    }
    const config = readSources(args, daemon.configFiles, env);
    if (args.checkConfig) {
      const lines = await checkConfig(daemon.name, config);
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      return lines.length === 0 ? 0 : 1;
    }
    logs = openLogs(daemon.name, config);
    const { log } = logs;
    const life = listenToFate(log);
    if (args.pidFile !== null) removePidFile = writePidFile(args.pidFile);
    const daemonEnv = await createDaemonEnv(daemon.name, config, log);
    return await live(daemon, daemonEnv, life);
  } catch (error) {
    complain(daemon.name, error, logs);
    return 1;
  } finally {
    removePidFile();
    logs?.close();
  }
}

/** Why a daemon's life ends: a signal, or an error that nobody caught. */
type End = { readonly signal: NodeJS.Signals } | { readonly error: unknown };

async function live(daemon: Daemon, env: DaemonEnv, end: Promise<End>): Promise<number> {
  const { log } = env;
  log.info(`Starting ${daemon.name} ${version()} on ${env.host} (process ${process.pid})`);
  const starting = daemon.start(env);
  const first = await Promise.race([starting.then(() => null), end]);
  if (first === null) {
    log.info(`${daemon.name} has started`);
    void warnOfUnknown(daemon.name, env);
    returnIdleMemory();
  }
  const why = first ?? (await end);
  if ('error' in why) {
    log.error(`${daemon.name} ends: an error was not handled`, why.error);
    return 1;
  }
  log.info(`Caught ${why.signal}, stopping`);
  return (await within(stopLimitMs, stopAll(starting, env), log)) ? 0 : 1;
}

/** An option that nobody hears is most often one that is misspelt. */
async function warnOfUnknown(name: string, { config, log }: DaemonEnv): Promise<void> {
  for (const line of await unknownOptionLines(name, config)) log.warn(line);
}

/** A daemon that is still starting is stopped as soon as it has started. */
async function stopAll(starting: Promise<RunningDaemon>, env: DaemonEnv): Promise<void> {
  try {
    await (await starting).stop();
  } finally {
    await env.bus.close();
  }
}

/** Whether `work` ended well and in time; it is left alone otherwise, and the process with it. */
async function within(limitMs: number, work: Promise<void>, log: Logger): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(limitMs, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
  try {
    if ((await Promise.race([work, late])) !== 'late') return true;
    log.warn(`What runs did not end within ${limitMs / 1000} s; it is finished or undone at the next start.`);
  } catch (error) {
    log.error('The stop failed; what was left is finished or undone at the next start.', error);
  } finally {
    over.abort();
  }
  return false;
}

/** Resolves once, with the first thing that ends this process. A second signal ends it at once. */
function listenToFate(log: Logger): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      resolve({ signal });
    });
  }
  const broken = (error: unknown): void => {
    if (asked) log.error('An error was not handled while stopping', error);
    resolve({ error });
  };
  process.on('uncaughtException', broken);
  process.on('unhandledRejection', broken);
  return promise;
}

/** One line for what the operator can mend, and the same in the log file; the stack of anything else besides. */
function complain(name: string, error: unknown, logs: Logs | undefined): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`igloo: ${name}: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  const known = error instanceof StartupError;
  if (known && logs?.file != null) logs.log.error(`${name} cannot start: ${message}`);
  if (known) return;
  if (logs) logs.log.error(`${name} cannot start`, error);
  else if (error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

const version = (): string => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return `${(JSON.parse(text) as { version: string }).version} (Igloo)`;
};
