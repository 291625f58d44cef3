import type { Clock } from '#common/clock.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import { currentGeneration, nextGeneration } from './generation-rows.ts';
import type { KeystoneTables } from './tables.ts';
import type { RevocationRow } from './tokens/rows.ts';

/**
 * What a change touches, as far as the meaning of tokens goes. `all`: anything may be different now; `elsewhere`: another
 * process changed something; `revoked`: tokens that have ended.
 */
export type Touched =
  'all' | 'elsewhere' | { readonly user: string } | { readonly project: string } | { readonly revoked: RevocationRow };

/** Tells of a change. A grant to a user touches the user; a renamed role, a group, the catalogue touch all. */
export type Touch = (what: Touched) => void;

export type Db = Queryable<KeystoneTables>;

/** Milliseconds after which a change that another process made is noticed here. */
const lookEveryMs = 1000;

/**
 * Every change of what tokens mean goes through here, so that what is remembered of them is forgotten at once: in this
 * process when the transaction has been committed, in other processes on the same database within a second.
 */
export class Changes {
  readonly #db: Database<KeystoneTables>;
  readonly #clock: Clock;
  readonly #listeners: ((touched: readonly Touched[]) => void | Promise<void>)[] = [];
  #known: number | undefined;
  #lookedAt = 0;
  #looking: Promise<void> | undefined;
  #epoch = 0;

  constructor(deps: { readonly db: Database<KeystoneTables>; readonly clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
  }

  /** Counts the changes heard of: what was read under an older epoch may be outdated and must not be remembered. */
  get epoch(): number {
    return this.#epoch;
  }

  /** `listener` is called after every change, before its maker goes on. */
  listen(listener: (touched: readonly Touched[]) => void | Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** A transaction that changes identities. It may be repeated, so it must have no effect outside the database. */
  async write<R>(work: (trx: Db, touch: Touch) => Promise<R>): Promise<R> {
    const { result, touched, generation } = await this.#db.transaction(async (trx) => {
      const touched: Touched[] = [];
      const result = await work(trx, (what) => touched.push(what));
      return { result, touched, generation: touched.length > 0 ? await nextGeneration(trx) : null };
    });
    if (generation !== null) {
      const alone = this.#known === undefined || generation === this.#known + 1;
      this.#known = generation;
      await this.#tell(alone ? touched : [...touched, 'elsewhere']);
    }
    return result;
  }

  /** Looks, at most once a second, whether another process has changed something. */
  async look(): Promise<void> {
    const now = this.#clock.now().getTime();
    if (now - this.#lookedAt < lookEveryMs && now >= this.#lookedAt) return;
    this.#lookedAt = now;
    await (this.#looking ??= this.#lookNow().finally(() => (this.#looking = undefined)));
  }

  async #lookNow(): Promise<void> {
    const generation = await currentGeneration(this.#db.query);
    if (generation === this.#known) return;
    // A change of our own that is being committed right now is told of twice: once too often, never too late.
    this.#known = generation;
    await this.#tell(['elsewhere']);
  }

  async #tell(touched: readonly Touched[]): Promise<void> {
    this.#epoch++;
    for (const listener of this.#listeners) await listener(touched);
  }
}
