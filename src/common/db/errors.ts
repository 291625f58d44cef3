/** What went wrong in a database, in words common to SQLite (`errcode`), MariaDB/MySQL (`errno`) and PostgreSQL (`code`). */

interface Codes {
  readonly errcode?: unknown;
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

const codesOf = (error: unknown): Codes => (typeof error === 'object' && error !== null ? error : {});

const among = (values: readonly unknown[], value: unknown): boolean => value !== undefined && values.includes(value);

/** A row with that primary key or unique value is there already. */
export function isDuplicateKey(error: unknown): boolean {
  const { errcode, errno, code } = codesOf(error);
  // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID; ER_DUP_ENTRY; unique_violation
  return among([1555, 2067, 2579], errcode) || among([1062, 1586], errno) || code === '23505';
}

/** The row refers to one that is not there, or is itself still referred to. */
export function isForeignKeyViolation(error: unknown): boolean {
  const { errcode, errno, code } = codesOf(error);
  // SQLITE_CONSTRAINT_FOREIGNKEY; ER_NO_REFERENCED_ROW(_2), ER_ROW_IS_REFERENCED(_2); foreign_key_violation
  return errcode === 787 || among([1216, 1217, 1451, 1452], errno) || code === '23503';
}

/** The transaction lost against another one and may succeed when it is repeated. */
export function isTransient(error: unknown): boolean {
  const { errcode, errno, code } = codesOf(error);
  // SQLITE_BUSY and SQLITE_LOCKED with their extended forms
  if (typeof errcode === 'number' && ((errcode & 0xff) === 5 || (errcode & 0xff) === 6)) return true;
  // ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_CHECKREAD (MariaDB's snapshot check)
  if (among([1205, 1213, 1020], errno)) return true;
  // serialization_failure, deadlock_detected, lock_not_available
  return among(['40001', '40P01', '55P03'], code);
}

/** There is no room for the data. */
export function isDiskFull(error: unknown): boolean {
  const { errcode, errno, code } = codesOf(error);
  // SQLITE_FULL; ER_DISK_FULL, ER_RECORD_FILE_FULL; disk_full
  return errcode === 13 || among([1021, 1114], errno) || code === '53100';
}

/** The connection to the server is gone or could not be made. */
export function isConnectionLost(error: unknown): boolean {
  const { errno, code, message } = codesOf(error);
  if (typeof code === 'string') {
    if (lostCodes.has(code) || /^08/.test(code)) return true;
  }
  // ER_CON_COUNT_ERROR, ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED, CR_SERVER_GONE_ERROR, CR_SERVER_LOST, ER_CLIENT_INTERACTION_TIMEOUT
  if (among([1040, 1053, 1927, 2006, 2013, 4031], errno)) return true;
  return (
    typeof message === 'string' &&
    /Connection terminated|closed state|connection is closed|not queryable/i.test(message)
  );
}

const lostCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT', // a unix socket that is not there (yet)
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);
