import type { LifecycleEvent, PowerState } from './driver.ts';

/** Tells of guests that change by themselves: what happens while we work on a guest is our own doing. */
export class Lifecycle {
  readonly #listeners: ((event: LifecycleEvent) => void)[] = [];
  readonly #working = new Map<string, number>();

  listen(listener: (event: LifecycleEvent) => void): void {
    this.#listeners.push(listener);
  }

  tell(id: string, power: PowerState): void {
    if (this.#working.has(id)) return;
    for (const listener of this.#listeners) listener({ id, power });
  }

  /** Runs our own work on a guest. */
  async during<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.#working.set(id, (this.#working.get(id) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = this.#working.get(id)! - 1;
      if (left === 0) this.#working.delete(id);
      else this.#working.set(id, left);
    }
  }
}
