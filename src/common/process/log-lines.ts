import type { LogRecord } from '../telemetry/log.ts';

export interface LineOptions {
  readonly pid: number;
  /** Print an error's stack, not only its message. */
  readonly stacks: boolean;
}

const errorText = (error: unknown, stacks: boolean): string =>
  error instanceof Error ? (stacks && error.stack) || `${error.name}: ${error.message}` : String(error);

/**
 * OpenStack's format: `2014-09-12 08:00:00.123 4711 INFO nova.api [req-… user project] message`; `[-]` outside a request.
 * An error's stack follows in lines of the same head, so that each line can be found by its request id.
 */
export function openstackLine(record: LogRecord, { pid, stacks }: LineOptions): string {
  const { time, level, name, message, requestId, userId, projectId, fields, error } = record;
  const stamp = time.toISOString().replace('T', ' ').slice(0, 23);
  const who = requestId === undefined ? '-' : `${requestId} ${userId ?? '-'} ${projectId ?? '-'}`;
  const head = `${stamp} ${pid} ${level} ${name} [${who}] `;
  const pairs = Object.entries(fields ?? {}).map(([key, value]) => ` ${key}=${plain(value)}`);
  const text = [`${message}${pairs.join('')}`, ...(error === undefined ? [] : [errorText(error, stacks)])].join('\n');
  return text
    .split('\n')
    .map((line) => `${head}${line}\n`)
    .join('');
}

/** One JSON object per line. */
export function jsonLine(record: LogRecord, { pid, stacks }: LineOptions): string {
  const { time, error, ...rest } = record;
  const failure = error === undefined ? {} : { error: errorText(error, stacks) };
  return `${JSON.stringify({ time: time.toISOString(), pid, ...rest, ...failure })}\n`;
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
