import { createHash } from 'node:crypto';
import { HashThread } from './hash-thread.ts';

/** Hexadecimal. */
export interface DigestValues {
  readonly md5: string;
  readonly sha512: string;
}

/** The two sums of one upload. */
export interface Digests {
  /** Resolves when the block may be overwritten. Blocks must be given in order, without waiting for each. */
  update(block: Uint8Array): Promise<void>;
  finish(): Promise<DigestValues>;
  /** Instead of `finish`, when the upload fails. */
  drop(): void;
}

/**
 * Makes the sums of uploads. MD5 and SHA-512 of a gigabyte cost two seconds of processor time: each has a thread of its
 * own, so that they run beside each other and beside the receiving and writing.
 */
export class DigestFactory {
  readonly #threads = { md5: new HashThread('md5'), sha512: new HashThread('sha512') };
  #streams = 0;

  /** On the threads; for data of which much has come already. */
  threaded(): Digests {
    const { md5, sha512 } = this.#threads;
    const stream = ++this.#streams;
    md5.open();
    sha512.open();
    let open = true;
    return {
      async update(block) {
        await Promise.all([md5.update(stream, block), sha512.update(stream, block)]);
      },
      async finish() {
        open = false;
        const [first, second] = await Promise.all([md5.digest(stream), sha512.digest(stream)]);
        return { md5: first, sha512: second };
      },
      drop() {
        if (!open) return;
        open = false;
        md5.drop(stream);
        sha512.drop(stream);
      },
    };
  }

  /** In place: for little data, which is hashed sooner than a thread starts. */
  static ofBlocks(blocks: readonly Uint8Array[]): DigestValues {
    const sum = (algorithm: string): string => {
      const hash = createHash(algorithm);
      for (const block of blocks) hash.update(block);
      return hash.digest('hex');
    };
    return { md5: sum('md5'), sha512: sum('sha512') };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#threads.md5.stop(), this.#threads.sha512.stop()]);
  }
}
