import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { CinderConfig } from '../config.ts';
import type { Tried } from '../operations/kinds.ts';
import type { CinderTables } from '../tables.ts';
import { findType } from '../types/rows.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume } from '../volumes/rows.ts';
import { BackendView, type BackendState } from './backends.ts';
import { filtersNamed, type BackendFilter, type Question } from './filters.ts';
import { byWeight, weighersNamed, type Weigher } from './weighers.ts';

/** Why one back end was not chosen. */
export interface Verdict {
  readonly host: string;
  readonly filter: string;
  readonly reason: string;
}

/** No back end can take the volume: with every back end's reason. */
export class NoValidBackend extends Error {
  override readonly name = 'NoValidBackend';
  readonly status = 500;
  readonly details: readonly Verdict[];

  constructor(verdicts: readonly Verdict[]) {
    const why = verdicts.map(({ host, filter, reason }) => `${host}: ${reason} (${filter})`).join('; ');
    super(`No valid host was found. ${why || 'No back end has ever reported: start cinder-volume.'}`);
    this.details = verdicts;
  }
}

export interface Wish {
  readonly volume: Pick<Volume, 'sizeGb' | 'availabilityZone'>;
  readonly typeId: string | null;
  readonly hints: Readonly<Record<string, unknown>>;
  readonly tried: readonly Tried[];
}

/** Chooses back ends by what the database knows of them. */
export class Chooser {
  readonly view: BackendView;
  readonly #deps: { readonly db: Database<CinderTables>; readonly clock: Clock; readonly conf: CinderConfig };
  readonly #filters: readonly BackendFilter[];
  readonly #weighers: readonly Weigher[];

  /** @throws StartupError for filters or weighers that there are not */
  constructor(deps: { readonly db: Database<CinderTables>; readonly clock: Clock; readonly conf: CinderConfig }) {
    this.#deps = deps;
    this.view = new BackendView(deps);
    this.#filters = filtersNamed(deps.conf.DEFAULT.scheduler_default_filters);
    this.#weighers = weighersNamed(deps.conf.DEFAULT, Math.random);
  }

  /** The best back end, which the volume is counted for. @throws NoValidBackend */
  async choose(wish: Wish): Promise<BackendState> {
    const question = await this.#question(wish);
    // What we remember may be old. Only what has just been read is a reason to say no.
    for (const now of [false, true]) {
      const { passed, verdicts } = this.#filter(await this.view.all(now), question);
      const [best] = byWeight(passed, this.#weighers);
      if (best) {
        this.view.count(best.host, wish.volume.sizeGb);
        return best;
      }
      if (now) throw new NoValidBackend(verdicts);
    }
    throw new NoValidBackend([]);
  }

  /** Why a back end may not take it; null when it may. */
  async verdict(host: string, wish: Wish): Promise<Verdict | null> {
    const question = await this.#question(wish);
    const backend = (await this.view.all(true)).find((one) => one.host === host);
    if (!backend) return { host, filter: 'BackendFilter', reason: 'it has never reported' };
    return this.#filter([backend], question).verdicts[0] ?? null;
  }

  #filter(backends: readonly BackendState[], question: Question): { passed: BackendState[]; verdicts: Verdict[] } {
    const passed: BackendState[] = [];
    const verdicts: Verdict[] = [];
    for (const backend of backends) {
      const refusal = this.#filters
        .values()
        .map(({ name, check }) => ({ host: backend.host, filter: name, reason: check(backend, question) }))
        .find(({ reason }) => reason !== null);
      if (refusal) verdicts.push(refusal as Verdict);
      else passed.push(backend);
    }
    return { passed, verdicts };
  }

  async #question({ volume, typeId, hints, tried }: Wish): Promise<Question> {
    const { db, clock, conf } = this.#deps;
    const type = typeId === null ? null : await findType(db.query, typeId);
    const same = hintIds(hints, 'same_host');
    const patience = conf.DEFAULT.service_down_time;
    return {
      sizeGb: volume.sizeGb,
      zone: volume.availabilityZone,
      extraSpecs: type?.extraSpecs ?? {},
      tried: new Map(tried.map(({ host, reason }) => [host, reason])),
      sameAs: same.length === 0 ? null : await this.#hostsOf(same),
      differentFrom: await this.#hostsOf(hintIds(hints, 'different_host')),
      silentFor({ lastSeen }) {
        const seconds = (clock.now().getTime() - Date.parse(`${lastSeen}Z`)) / 1000;
        return seconds > patience ? seconds : null;
      },
    };
  }

  async #hostsOf(volumeIds: readonly string[]): Promise<ReadonlySet<string>> {
    const volumes = await Promise.all(volumeIds.map((id) => findVolume(this.#deps.db.query, id)));
    return new Set(volumes.flatMap((one) => (one?.host != null ? [one.host] : [])));
  }
}

/** Ids in a hint, which may be one or a list. */
const hintIds = (hints: Wish['hints'], name: string): readonly string[] => {
  const hint = hints[name];
  return (Array.isArray(hint) ? hint : hint === undefined || hint === null ? [] : [hint]).map(String);
};
