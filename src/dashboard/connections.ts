/** What stays open beyond a request (event streams, consoles), so that it ends with the session it was opened by. */
export class Connections {
  readonly #open = new Map<string, Set<() => void>>();

  /** @returns to be called when the connection has ended by itself */
  add(sessionId: string, end: () => void): () => void {
    const ends = this.#open.get(sessionId) ?? new Set();
    this.#open.set(sessionId, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0 && this.#open.get(sessionId) === ends) this.#open.delete(sessionId);
    };
  }

  endOf(sessionId: string): void {
    const ends = this.#open.get(sessionId);
    this.#open.delete(sessionId);
    for (const end of [...(ends ?? [])]) end();
  }

  endAll(): void {
    for (const id of [...this.#open.keys()]) this.endOf(id);
  }

  get size(): number {
    let size = 0;
    for (const ends of this.#open.values()) size += ends.size;
    return size;
  }
}
