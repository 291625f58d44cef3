import type { Readable } from 'node:stream';
import type { StoreSink } from '../stores/driver.ts';
import type { Finding } from '../inspect/format.ts';
import { Inspection } from '../inspect/inspection.ts';
import { BlockPool } from './block-pool.ts';
import { DigestFactory, type Digests, type DigestValues } from './digests.ts';

const poolBlocks = 8;
/** Data of up to this many blocks is hashed in place when it has all come. */
const smallBlocks = 4;
/** Milliseconds without a byte after which a sender is given up. */
const silenceMs = 300_000;

export interface ReceiveOptions {
  readonly sink: StoreSink;
  readonly digests: DigestFactory;
  /** More bytes than this are refused with `tooLarge`. */
  readonly limit: number;
  readonly tooLarge: () => Error;
  /** Looks at what the data is, as soon as its beginning is known and again at its end; throws to refuse it. */
  readonly judge: (finding: Finding, complete: boolean) => void;
  readonly signal: AbortSignal;
}

/** What came. */
export interface Received extends DigestValues {
  /** Bytes. */
  readonly size: number;
  readonly virtualSize: number | null;
}

/**
 * Writes a stream into a store, hashing and inspecting it on the way. Ends with everything written but not committed.
 * Leaves the source undestroyed when it refuses the data, so that the sender can be told.
 * @throws what `judge` or `tooLarge` give, the store's errors, the source's error when the sender goes away
 */
export async function receive(source: Readable, options: ReceiveOptions): Promise<Received> {
  return new Reception(options).run(source);
}

class Reception {
  readonly #options: ReceiveOptions;
  readonly #pool = new BlockPool(poolBlocks);
  readonly #inspection = new Inspection();
  /** Blocks whose hashing waits for the decision whether threads are worth it. */
  #unhashed: Uint8Array[] | undefined = [];
  #digests: Digests | undefined;
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #size = 0;
  #judged = false;

  constructor(options: ReceiveOptions) {
    this.#options = options;
  }

  async run(source: Readable): Promise<Received> {
    try {
      await this.#consume(source);
      await Promise.all(this.#pending);
      this.#check();
      const finding = this.#inspection.finish();
      this.#options.judge(finding, true);
      const sums = this.#digests ? await this.#digests.finish() : DigestFactory.ofBlocks(this.#unhashed ?? []);
      return { ...sums, size: this.#size, virtualSize: finding.virtualSize };
    } catch (error) {
      await Promise.allSettled(this.#pending);
      this.#digests?.drop();
      throw error;
    }
  }

  async #consume(source: Readable): Promise<void> {
    const silence = setTimeout(
      () => source.destroy(new Error(`No data came for ${silenceMs / 1000} s.`)),
      silenceMs,
    ).unref();
    const stop = (): void => void source.destroy(this.#options.signal.reason as Error);
    this.#options.signal.addEventListener('abort', stop);
    try {
      let block = await this.#pool.take();
      let used = 0;
      for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        silence.refresh();
        for (let at = 0; at < chunk.length;) {
          const part = Math.min(chunk.length - at, block.length - used);
          block.set(part === chunk.length ? chunk : chunk.subarray(at, at + part), used);
          used += part;
          at += part;
          if (used < block.length) continue;
          this.#take(block, used);
          block = await this.#pool.take();
          this.#check();
          used = 0;
        }
      }
      if (used > 0) this.#take(block, used);
    } finally {
      clearTimeout(silence);
      this.#options.signal.removeEventListener('abort', stop);
    }
  }

  /** Inspects a filled block, and has it hashed and written while the next one fills. */
  #take(whole: Uint8Array, used: number): void {
    const { sink, limit, tooLarge } = this.#options;
    const block = used === whole.length ? whole : whole.subarray(0, used);
    const position = this.#size;
    this.#size += used;
    if (this.#size > limit) throw tooLarge();
    this.#inspection.push(block);
    if (!this.#judged && this.#inspection.ready) {
      this.#judged = true;
      this.#options.judge(this.#inspection.early(), false);
    }
    const work = Promise.all([this.#hash(block), sink.write(block, position)])
      .then(([reusable]) => {
        if (reusable) this.#pool.give(whole);
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#pool.give(whole);
      })
      .finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  /** Says whether the block may be reused: the first few wait, unhashed, for the end or for the threads. */
  async #hash(block: Uint8Array): Promise<boolean> {
    if (this.#unhashed && this.#unhashed.length < smallBlocks) {
      this.#unhashed.push(block);
      return false;
    }
    const digests = (this.#digests ??= this.#options.digests.threaded());
    const earlier = this.#unhashed ?? [];
    this.#unhashed = undefined;
    const waits = [...earlier, block].map((one) => digests.update(one));
    await Promise.all(waits);
    // They are whole blocks: only the last block of a stream is shorter.
    for (const one of earlier) this.#pool.give(one);
    return true;
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
