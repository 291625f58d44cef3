import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { CinderConfig } from '../config.ts';
import type { BackendReport } from '../rpc.ts';
import { listServices } from '../services/rows.ts';
import type { CinderTables } from '../tables.ts';
import { allocatedByHost } from '../volumes/rows.ts';

/** A back end as filters and weighers see it. */
export interface BackendState {
  readonly host: string;
  readonly report: BackendReport;
  readonly disabledReason: string | null;
  readonly disabled: boolean;
  readonly frozen: boolean;
  readonly lastSeen: string;
  /** GiB of its volumes, as promised. */
  readonly allocatedGb: number;
  readonly volumes: number;
  /** Share that stays free, 0 … 1. */
  readonly reserved: number;
  /** How much more than it has a thin one may promise. */
  readonly overSubscription: number;
}

/** Milliseconds between two looks at the database. */
const freshMs = 1000;

/** All back ends that ever reported, from the table of services: so nothing is lost with a scheduler. */
export class BackendView {
  readonly #deps: { readonly db: Database<CinderTables>; readonly clock: Clock; readonly conf: CinderConfig };
  #known: readonly BackendState[] = [];
  /** GiB given away since the last look. */
  #given = new Map<string, number>();
  #lookedAt = -Infinity;

  constructor(deps: { readonly db: Database<CinderTables>; readonly clock: Clock; readonly conf: CinderConfig }) {
    this.#deps = deps;
  }

  /** @param now reads again whatever is known: before somebody is told no */
  async all(now = false): Promise<readonly BackendState[]> {
    const time = this.#deps.clock.now().getTime();
    if (now || time - this.#lookedAt >= freshMs) {
      this.#known = await this.#read();
      this.#given = new Map();
      this.#lookedAt = time;
    }
    return this.#known.map((one) => ({ ...one, allocatedGb: one.allocatedGb + (this.#given.get(one.host) ?? 0) }));
  }

  /** Something has changed: the next look reads again. */
  stale(): void {
    this.#lookedAt = -Infinity;
  }

  /** Counts a volume that is on its way to a back end, until the next look finds it there. */
  count(host: string, sizeGb: number): void {
    this.#given.set(host, (this.#given.get(host) ?? 0) + sizeGb);
  }

  async #read(): Promise<readonly BackendState[]> {
    const { db, conf } = this.#deps;
    const services = await listServices(db.query, { binary: 'cinder-volume' });
    const allocated = await allocatedByHost(db.query);
    return services.flatMap(({ host, report, disabled, disabledReason, frozen, lastSeen }) => {
      if (report === null) return [];
      const { gb = 0, volumes = 0 } = allocated.get(host) ?? {};
      return {
        ...{ host, report, disabled, disabledReason, frozen, lastSeen, volumes },
        allocatedGb: gb,
        reserved: (report.reservedPercentage ?? conf.DEFAULT.reserved_percentage) / 100,
        overSubscription: report.maxOverSubscriptionRatio ?? conf.DEFAULT.max_over_subscription_ratio,
      };
    });
  }
}
