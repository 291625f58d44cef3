import type { Clock } from '../clock.ts';
import type { RowMemory } from '../db/row-memory.ts';
import type { RowValues } from '../db/written-rows.ts';
import { sendEvent, type RowEvent, type RowEventDeps } from './row-events.ts';

export interface LivenessOptions {
  /** Rows of daemons as their heartbeats leave them in memory. */
  readonly daemons: RowMemory;
  /** Column with the time of the last heartbeat, `YYYY-MM-DDThh:mm:ss.ffffff`. */
  readonly seen: string;
  /** A daemon that was silent for longer is down. */
  readonly downSeconds: number;
  readonly clock: Clock;
  readonly event: (row: RowValues, up: boolean) => RowEvent;
}

/** Tells of daemons that fall silent and come back, which no row says: looks at what is remembered of their heartbeats. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #deps: RowEventDeps;
  readonly #up = new Map<string, boolean>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: LivenessOptions, deps: RowEventDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#timer = setInterval(() => this.look(), Math.max(1, options.downSeconds / 6) * 1000);
    this.#timer.unref();
  }

  /** Looks now. Who is seen for the first time is told of only if it is down. */
  look(): void {
    const { daemons, seen, downSeconds, clock, event } = this.#options;
    const now = clock.now().getTime();
    for (const row of daemons.rows) {
      const key = daemons.keyOf(row);
      const last = row[seen];
      if (key === undefined || typeof last !== 'string') continue;
      const up = now - Date.parse(`${last.slice(0, 23)}Z`) < downSeconds * 1000;
      const before = this.#up.get(key) ?? true;
      this.#up.set(key, up);
      if (up !== before) sendEvent(this.#deps, event(row, up));
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
