import { StartupError } from '../daemon.ts';
import type { Dialect } from './database.ts';

/** A database URL in parts, SQLAlchemy's way: `dialect+driver://user:password@host:port/database?option=value`. */
export interface DatabaseUrl {
  readonly dialect: Dialect;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** The database's name; for SQLite the file's path, undefined for one in memory. */
  readonly database: string | undefined;
  readonly options: URLSearchParams;
  /** The URL without its password, to be shown. */
  readonly shown: string;
}

const dialects: Readonly<Record<string, Dialect>> = {
  sqlite: 'sqlite',
  mysql: 'mysql',
  mariadb: 'mysql',
  postgresql: 'postgresql',
  postgres: 'postgresql',
};

// The password is greedy up to the last @: operators write passwords with : / @ in them unescaped.
const shape = /^(?:([^:@/]*)(?::(.*))?@)?(\[[^\]]*\]|[^:@/?]*)(?::(\d+))?(?:\/([^?]*))?(?:\?(.*))?$/;

/** @throws StartupError when it is none, saying what it should look like; never with the password in it */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const [, scheme = '', rest = ''] = /^([a-z]+)(?:\+\w+)?:\/\/(.*)$/i.exec(url) ?? [];
  const dialect = dialects[scheme.toLowerCase()];
  if (!dialect) throw new StartupError(`[database] connection is no database URL that we know. ${expected}`);
  if (dialect === 'sqlite') {
    const [path = '', query] = rest.split('?');
    if (path !== '' && !path.startsWith('/'))
      throw new StartupError(`[database] connection: SQLite has no host. ${expected}`);
    const file = path.slice(1);
    const database = file === '' || file === ':memory:' ? undefined : file;
    const blank = { user: undefined, password: undefined, host: undefined, port: undefined };
    return { dialect, ...blank, database, options: new URLSearchParams(query), shown: `sqlite://${path}` };
  }
  const match = shape.exec(rest);
  if (!match) throw new StartupError(`[database] connection cannot be read. ${expected}`);
  const [, user, password, host, port, database, query] = match;
  const who = user ? `${decode(user)}@` : '';
  return {
    dialect,
    user: user ? decode(user) : undefined,
    password: password === undefined ? undefined : decode(password),
    host: host ? host.replace(/^\[(.*)\]$/, '$1') : undefined,
    port: port ? Number(port) : undefined,
    database: database ? decode(database) : undefined,
    options: new URLSearchParams(query),
    shown: `${scheme}://${who}${host ?? ''}${port ? `:${port}` : ''}/${database ?? ''}`,
  };
}

const expected =
  'Write sqlite:////absolute/path, mysql://user:password@host/database or postgresql://user:password@host/database.';

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % in a password
  }
}
