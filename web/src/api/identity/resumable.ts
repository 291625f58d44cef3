/** Work of several steps of which some may have been done by an earlier try. */
export interface Resumable {
  /** Runs a step unless one of the same key has succeeded before; its result then. */
  step<T>(key: string, run: () => Promise<T>): Promise<T>;
}

/**
 * Makes a form that takes several calls safe to send again: what was made the first time is not made twice.
 * A key names the step with everything that decides it.
 */
export function makeResumable(): Resumable {
  const done = new Map<string, unknown>();
  return {
    async step<T>(key: string, run: () => Promise<T>): Promise<T> {
      if (!done.has(key)) done.set(key, await run());
      return done.get(key) as T;
    },
  };
}
