import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError } from '../../daemon.ts';
import type { SqliteConnections } from './driver.ts';
import { Statements } from './statements.ts';

/** Milliseconds to wait for another process that writes (a `*-manage` command beside its daemon). */
const busyTimeoutMs = 5000;

/**
 * Opens the file (made with its folder when missing, readable by its owner only) or, without a path, a database in memory.
 * @throws StartupError when it cannot be opened or is no database
 */
export function openSqlite(path: string | undefined): SqliteConnections {
  if (path === undefined) return { writer: connect(':memory:'), reader: undefined };
  const file = resolve(path);
  try {
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { mode: 0o750 }); // not the folders above it: a misspelling is likelier
    closeSync(openSync(file, 'a', 0o600));
    return { writer: connect(file), reader: connect(file, { readOnly: true }) };
  } catch (error) {
    throw new StartupError(
      `The database file ${file} cannot be opened: ${(error as Error).message}. ` +
        'Check the folder, its owner and the free space, or name another file in [database] connection.',
      { cause: error },
    );
  }
}

function connect(path: string, { readOnly = false } = {}): Statements {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true, readOnly });
  if (!readOnly && path !== ':memory:') db.exec('pragma journal_mode = wal; pragma synchronous = normal;');
  return new Statements(db);
}
