import { badRequest } from '#common/api/errors.ts';

const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;
const malformed =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is ' +
  'assumed to be in error.';

/**
 * A time that a client gave, as the database keeps it: `2026-11-23T02:03:16.123456`, UTC, to the microsecond.
 * @throws ApiError 400 for no such text, or (with `now`) one that is past
 */
export function givenTime(text: string, now?: Date): string {
  const [, date, time = '', fraction = '', zone = 'Z'] = iso.exec(text) ?? [];
  const clock = time.length === 5 ? `${time}:00` : time;
  const milliseconds = date === undefined ? NaN : Date.parse(`${date}T${clock}${zone}`);
  if (Number.isNaN(milliseconds)) throw badRequest(`Timestamp not in expected format. ${malformed}`);
  if (now && milliseconds < now.getTime()) throw badRequest(`The 'expires_at' must not be before now. ${malformed}`);
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}`;
}

/** Milliseconds since 1970 of a time in the database. */
export const millisecondsOf = (stored: string): number => Date.parse(`${stored.slice(0, 23)}Z`);
