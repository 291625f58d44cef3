/** One thing at a time per volume, in the order asked; who needs several volumes waits for all of them. */
export interface Locks {
  run<T>(ids: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createLocks(): Locks {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(ids, work) {
      const wanted = [...new Set(ids)];
      const before = wanted.map((id) => last.get(id));
      // Nobody comes between: all of them are taken at once, so that two never wait for each other.
      const turn = Promise.all(before.map((one) => one ?? Promise.resolve())).then(work);
      const settled = turn.then(
        () => undefined,
        () => undefined,
      );
      for (const id of wanted) last.set(id, settled);
      void settled.then(() => {
        for (const id of wanted) if (last.get(id) === settled) last.delete(id);
      });
      return turn;
    },
  };
}
