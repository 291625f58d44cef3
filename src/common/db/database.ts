/**
 * A service's database, the same on SQLite, MariaDB/MySQL and PostgreSQL.
 *
 * Column conventions that make one code serve all three: ids are varchar(36) (or 64 in keystone), booleans smallint 0/1,
 * times varchar(26) `YYYY-MM-DDThh:mm:ss.ffffff` in UTC, JSON text. See docs/checklists/migration.md.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';

export type { Migration };

export type Dialect = 'sqlite' | 'mysql' | 'postgresql';

export interface Database<Tables> {
  readonly dialect: Dialect;
  /** The query builder, for reads and single statements. */
  readonly query: Kysely<Tables>;
  /**
   * Runs `work` in a transaction; repeats it on a deadlock, a lock timeout or a serialisation failure (so it must have no
   * effect outside the database).
   */
  transaction<R>(work: (trx: Transaction<Tables>) => Promise<R>): Promise<R>;
  /** Forward-only; applies what is missing and says what it applied. */
  migrate(migrations: Readonly<Record<string, Migration>>): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Either the database or a transaction of it: what a rows function takes. */
export type Queryable<Tables> = Kysely<Tables> | Transaction<Tables>;
