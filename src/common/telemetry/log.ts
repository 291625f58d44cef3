import { AsyncLocalStorage } from 'node:async_hooks';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** What a line is about, carried along the asynchronous call chain of a request or an operation. */
export interface LogScope {
  readonly requestId?: string;
  readonly userId?: string | null;
  readonly projectId?: string | null;
}

/** One line of one daemon, as handed to a sink. */
export interface LogRecord extends LogScope {
  readonly time: Date;
  readonly level: LogLevel;
  /** Dotted module name, as OpenStack prints it: `nova.compute.manager`. */
  readonly name: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
}

export type LogSink = (record: LogRecord) => void;

/** Never pass a secret: tokens, passwords and keys do not belong in a message or a field. */
export interface Logger {
  readonly name: string;
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  /** `error` adds its message, and its stack where the log has level DEBUG. */
  warn(message: string, error?: unknown): void;
  /** `error` adds its message and its stack. */
  error(message: string, error?: unknown): void;
  /** A logger for a part of this one: `log.child('scheduler')` → `nova.scheduler`. */
  child(part: string): Logger;
}

const scopes = new AsyncLocalStorage<LogScope>();

/** Runs `work` with every log line below it carrying `scope` (request id, user, project). */
export function withLogScope<T>(scope: LogScope, work: () => T): T {
  return scopes.run({ ...scopes.getStore(), ...scope }, work);
}

/** The request id of the running call chain, if any. */
export function currentRequestId(): string | undefined {
  return scopes.getStore()?.requestId;
}

/** Makes a logger that writes records of at least `level` to `sink`. */
export function createLogger(name: string, sink: LogSink, level: LogLevel = 'INFO'): Logger {
  const order: readonly LogLevel[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
  const least = order.indexOf(level);
  const write = (at: LogLevel, message: string, fields?: Record<string, unknown>, error?: unknown): void => {
    if (order.indexOf(at) < least) return;
    sink({
      time: new Date(),
      level: at,
      name,
      message,
      ...scopes.getStore(),
      ...(fields && { fields }),
      ...(error !== undefined && { error }),
    });
  };
  return {
    name,
    debug: (message, fields) => write('DEBUG', message, fields),
    info: (message, fields) => write('INFO', message, fields),
    warn: (message, error) => write('WARNING', message, undefined, error),
    error: (message, error) => write('ERROR', message, undefined, error),
    child: (part) => createLogger(`${name}.${part}`, sink, level),
  };
}

/** Swallows everything: for tests and for tools that print their own words. */
export const silentLogger: Logger = createLogger('silent', () => undefined, 'CRITICAL');
