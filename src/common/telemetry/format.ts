import type { LogRecord } from './log.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** `2014-09-12 08:00:00.123`: the host's own time, as OpenStack's logs have it. */
const localTime = (t: Date): string =>
  `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ` +
  `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, '0')}`;

/** `[req-… user project]`, `[-]` when no request is behind the line. */
function scopeOf({ requestId, userId, projectId }: LogRecord): string {
  return requestId ? `[${requestId} ${userId ?? '-'} ${projectId ?? '-'}]` : '[-]';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface FormatOptions {
  readonly pid: number;
  /** Adds the stack of an error at every level; an ERROR has its stack always. */
  readonly stacks: boolean;
}

/** What explains an error to a developer, with the errors behind it; undefined where the message must do. */
function stackOf({ error, level }: LogRecord, stacks: boolean): string | undefined {
  if (!(error instanceof Error) || !(stacks || level === 'ERROR' || level === 'CRITICAL')) return undefined;
  const chain: string[] = [];
  for (let one: unknown = error; one instanceof Error && chain.length < 5; one = one.cause)
    chain.push(one.stack ?? one.message);
  return chain.join('\nCaused by: ');
}

/**
 * OpenStack's line: `2014-09-12 08:00:00.123 4711 INFO nova.compute.manager [req-… user project] message`. A stack follows
 * in lines of level TRACE. Every line has the same head, so that each is found by its request id.
 */
export function openstackLine(record: LogRecord, { pid, stacks }: FormatOptions): string {
  const { time, level, name, message, fields, error } = record;
  const scope = scopeOf(record);
  const details = fields ? Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`) : [];
  const why = error === undefined ? '' : `: ${messageOf(error)}`;
  const headed = (text: string, as: string): string =>
    text.replaceAll(/^.*$/gm, (line) => `${localTime(time)} ${pid} ${as} ${name} ${scope} ${line}`) + '\n';
  const stack = stackOf(record, stacks);
  return headed(`${message}${why}${details.join('')}`, level) + (stack === undefined ? '' : headed(stack, 'TRACE'));
}

/** One JSON object per line, times in UTC. */
export function jsonLine(record: LogRecord, { pid, stacks }: FormatOptions): string {
  const { time, level, name, message, fields, error, requestId, userId, projectId } = record;
  return (
    JSON.stringify({
      time: time.toISOString(),
      pid,
      level,
      name,
      message,
      request_id: requestId,
      user_id: userId ?? undefined,
      project_id: projectId ?? undefined,
      ...(fields && { fields }),
      ...(error !== undefined && { error: messageOf(error) }),
      stack: stackOf(record, stacks),
    }) + '\n'
  );
}

const shown = (value: unknown): string =>
  typeof value === 'string' && /^\S*$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined');
