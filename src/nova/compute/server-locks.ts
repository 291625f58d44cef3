/** Work on a server was given up for something that matters more, such as its removal. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

interface Turn {
  readonly controller: AbortController;
  readonly urgent: boolean;
  readonly ended: Promise<void>;
}

/** One thing at a time per server, in the order asked. */
export class ServerLocks {
  readonly #turns = new Map<string, Turn[]>();
  #closed = false;

  /** Whether something is done to the server now, or waits to be. */
  busy(id: string): boolean {
    return this.#turns.has(id);
  }

  /** Runs `work` when what was asked before has ended. */
  run<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(id, work, false);
  }

  /** As `run`, and what was asked before is given up. */
  runInstead<T>(id: string, why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (const { controller, urgent } of this.#turns.get(id) ?? []) if (!urgent) controller.abort(new Superseded(why));
    return this.#run(id, work, true);
  }

  /** Gives up everything, and resolves when all has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    const turns = [...this.#turns.values()].flat();
    for (const { controller } of turns) controller.abort(new Superseded('nova-compute is stopping'));
    await Promise.all(turns.map(({ ended }) => ended));
  }

  async #run<T>(id: string, work: (signal: AbortSignal) => Promise<T>, urgent: boolean): Promise<T> {
    if (this.#closed) throw new Superseded('nova-compute is stopping');
    const turns = this.#turns.get(id) ?? [];
    this.#turns.set(id, turns);
    const before = turns.at(-1)?.ended;
    const controller = new AbortController();
    let end: () => void = () => undefined;
    const turn: Turn = { controller, urgent, ended: new Promise((resolve) => (end = resolve)) };
    turns.push(turn);
    try {
      await before;
      controller.signal.throwIfAborted();
      return await work(controller.signal);
    } finally {
      turns.splice(turns.indexOf(turn), 1);
      if (turns.length === 0) this.#turns.delete(id);
      end();
    }
  }
}

/** Waits for shared work no longer than `signal` allows; the work itself goes on for its other users. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
