import type { Database, Queryable } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { Changes } from './changes.ts';
import type { NeutronTables } from './tables.ts';

/** The database or a transaction of it, as rows functions take it. */
export type Db = Queryable<NeutronTables>;

export interface WriteOptions {
  /**
   * How often to begin anew when a unique constraint refuses (another request was faster). The work reads again then, and
   * either finds another way or throws the right refusal.
   */
  readonly duplicateRetries?: number;
}

/** The database together with what must be told to others after a commit. */
export interface Store {
  readonly query: Db;
  /** Runs `work` in a transaction; what it records in `changes` is published once it has been committed. */
  write<R>(work: (db: Db, changes: Changes) => Promise<R>, options?: WriteOptions): Promise<R>;
}

export interface StoreDeps {
  readonly database: Database<NeutronTables>;
  /** Must not throw. */
  readonly publish: (changes: Changes) => void;
}

export function createStore({ database, publish }: StoreDeps): Store {
  return {
    query: database.query,
    async write(work, { duplicateRetries = 0 } = {}) {
      for (let attempt = 0; ; attempt++) {
        let changes = new Changes();
        try {
          const result = await database.transaction((trx) => {
            // The transaction may be repeated: what an earlier attempt recorded never happened.
            changes = new Changes();
            return work(trx, changes);
          });
          publish(changes);
          return result;
        } catch (error) {
          if (!isDuplicateKey(error) || attempt >= duplicateRetries) throw error;
        }
      }
    },
  };
}
