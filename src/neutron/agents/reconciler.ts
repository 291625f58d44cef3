import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';

/** Some of what was asked could not be done; only these keys are tried again. */
export class PartialFailure extends Error {
  override readonly name = 'PartialFailure';
  readonly keys: readonly string[];

  constructor(failures: ReadonlyMap<string, unknown>) {
    const [first] = failures.values();
    const more = failures.size > 1 ? ` (and ${failures.size - 1} more)` : '';
    super(`${first instanceof Error ? first.message : String(first)}${more}`, { cause: first });
    this.keys = [...failures.keys()];
  }
}

export interface ReconcilerDeps {
  readonly log: Logger;
  /** Brings everything to the desired state. */
  readonly all: (signal: AbortSignal) => Promise<void>;
  /** Brings these to the desired state; ends with `PartialFailure` when only some failed. */
  readonly some: (keys: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;
  /** Milliseconds between two full runs by themselves. */
  readonly intervalMs: number;
}

/**
 * Runs an agent's work: one run at a time, what is asked during a run is merged into the next one, what failed is
 * tried again (1, 2, 4 … 30 s), and everything is done anew from time to time.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();
  #wanted = new Set<string>();
  #all = false;
  #loop: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake = new AbortController();
  #failures = 0;
  #trouble: string | undefined = 'has not finished its first run yet';

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /** Begins with a full run. */
  start(): void {
    this.#timer = setInterval(() => this.requestAll(), this.#deps.intervalMs);
    this.requestAll();
  }

  requestAll(): void {
    this.#all = true;
    this.#kick();
  }

  request(keys: Iterable<string>): void {
    for (const key of keys) this.#wanted.add(key);
    if (this.#wanted.size > 0) this.#kick();
  }

  /** Resolves when nothing is asked for any more and the last run went well. */
  settled(): Promise<void> {
    if (!this.#loop) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  health(what: string): Health {
    return { ok: this.#trouble === undefined, detail: [`${what}: ${this.#trouble ?? 'as wanted'}`] };
  }

  /** Cuts the running work off and waits for its end. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort(new Error('The agent stops'));
    this.#wake.abort();
    await this.#loop;
  }

  #kick(): void {
    this.#wake.abort();
    if (this.#abort.signal.aborted) return;
    this.#loop ??= this.#work().finally(() => {
      this.#loop = undefined;
      if (this.#pending() && !this.#abort.signal.aborted) return this.#kick(); // asked for at the very end of the run
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  #pending(): boolean {
    return this.#all || this.#wanted.size > 0;
  }

  async #work(): Promise<void> {
    const { signal } = this.#abort;
    while (this.#pending() && !signal.aborted) {
      const [all, keys] = [this.#all, this.#wanted];
      this.#all = false;
      this.#wanted = new Set();
      try {
        await (all ? this.#deps.all(signal) : this.#deps.some(keys, signal));
        this.#failures = 0;
        this.#trouble = undefined;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof PartialFailure) for (const key of error.keys) this.#wanted.add(key);
        else if (all) this.#all = true;
        else for (const key of keys) this.#wanted.add(key);
        await this.#pause(error);
      }
    }
  }

  /** New requests end the pause: one broken router does not hold up the others. */
  async #pause(error: unknown): Promise<void> {
    const seconds = Math.min(2 ** this.#failures++, 30);
    this.#trouble = error instanceof Error ? error.message : String(error);
    this.#deps.log.warn(`${this.#trouble}; trying again in ${seconds} s`, error);
    this.#wake = new AbortController();
    await sleep(seconds * 1_000, undefined, { signal: AbortSignal.any([this.#wake.signal, this.#abort.signal]) }).catch(
      () => undefined,
    );
  }
}
