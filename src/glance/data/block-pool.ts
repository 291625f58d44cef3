/** Bytes of a block. */
export const blockBytes = 512 * 1024;

/**
 * The blocks of one upload: shared memory, so that hash threads and the disk read the same bytes. `take` waits while all
 * are in use, which is what slows a sender down that is faster than the disk.
 */
export class BlockPool {
  readonly #most: number;
  readonly #free: Uint8Array[] = [];
  #made = 0;
  #wake: ((block: Uint8Array) => void) | undefined;

  /** @param most blocks, at least two */
  constructor(most: number) {
    this.#most = most;
  }

  /** One caller at a time. */
  async take(): Promise<Uint8Array> {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made < this.#most) {
      this.#made++;
      return new Uint8Array(new SharedArrayBuffer(blockBytes));
    }
    return new Promise((resolve) => (this.#wake = resolve));
  }

  give(block: Uint8Array): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake(block);
    else this.#free.push(block);
  }
}
