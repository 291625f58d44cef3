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
  /** Adds the stack of an error, as lines of level TRACE. */
  readonly stacks: boolean;
}

/** OpenStack's line: `2014-09-12 08:00:00.123 4711 INFO nova.compute.manager [req-… user project] message`. */
export function openstackLine(record: LogRecord, { pid, stacks }: FormatOptions): string {
  const { time, level, name, message, fields, error } = record;
  const start = `${localTime(time)} ${pid}`;
  const scope = scopeOf(record);
  const details = fields ? Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`) : [];
  const why = error === undefined ? '' : `: ${messageOf(error)}`;
  const line = `${start} ${level} ${name} ${scope} ${message}${why}${details.join('')}`;
  const stack = stacks && error instanceof Error && error.stack ? error.stack.split('\n') : [];
  return [line, ...stack.map((frame) => `${start} TRACE ${name} ${scope} ${frame}`)].join('\n') + '\n';
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
      ...(stacks && error instanceof Error && { stack: error.stack }),
    }) + '\n'
  );
}

const shown = (value: unknown): string =>
  typeof value === 'string' && /^\S*$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined');
