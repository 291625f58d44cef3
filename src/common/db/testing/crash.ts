import type { Database, Queryable } from '../database.ts';

/** Stops a process at any of its statements, as `kill -9` would: nothing that it does afterwards has an effect. */
export interface CrashPoint<Tables> {
  /** The database as the process that will die sees it. */
  readonly db: Database<Tables>;
  /** For everything else that the process does: never returns once it is dead. */
  readonly alive: () => Promise<void>;
  readonly dead: boolean;
  /** Statements that it has made. */
  readonly count: number;
}

/** @param after the number of statements that it may still make */
export function crashAfter<Tables>(db: Database<Tables>, after: number): CrashPoint<Tables> {
  let count = 0;
  let dead = false;
  const died = new Error('This process was killed');
  const plugin: Parameters<Queryable<Tables>['withPlugin']>[0] = {
    transformQuery({ node }) {
      if (dead || count >= after) {
        dead = true;
        throw died;
      }
      count++;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    db: {
      ...db,
      dialect: db.dialect,
      query: db.query.withPlugin(plugin),
      transaction: (work) =>
        db.transaction(async (trx) => {
          const result = await work(trx.withPlugin(plugin));
          // Killed before the commit: the database rolls back.
          if (dead) throw died;
          return result;
        }),
      migrate: (migrations) => db.migrate(migrations),
      close: async () => undefined,
    },
    alive: () => (dead ? new Promise(() => undefined) : Promise.resolve()),
    get dead() {
      return dead;
    },
    get count() {
      return count;
    },
  };
}
