/** One holder at a time, in the order of asking. */
export class Mutex {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when the lock is held, with the function that releases it (further calls do nothing). */
  async acquire(): Promise<() => void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = this.#waiting.shift();
      // The lock stays held while it is handed over: nobody can slip in before the one who waits.
      if (next) next();
      else this.#held = false;
    };
  }
}
