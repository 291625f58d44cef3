import { Worker } from 'node:worker_threads';
import type { HashReply, HashRequest } from './hash-worker.ts';

/** How long a thread without work is kept for the next upload, in milliseconds. */
const idleMs = 10_000;

interface Waiting {
  readonly resolve: (digest: string) => void;
  readonly reject: (error: unknown) => void;
}

/** One hash algorithm on a thread of its own, shared by all uploads of the process. Started when first used. */
export class HashThread {
  readonly #algorithm: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #streams = 0;
  #ticket = 0;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
  }

  /** Announces a stream: the thread stays until it is digested or dropped. */
  open(): void {
    this.#streams++;
    clearTimeout(this.#idle);
  }

  /** Resolves when the block may be overwritten. @param block over shared memory */
  async update(stream: number, block: Uint8Array): Promise<void> {
    await this.#ask({ kind: 'update', stream, block, ticket: ++this.#ticket });
  }

  async digest(stream: number): Promise<string> {
    try {
      return await this.#ask({ kind: 'digest', stream, ticket: ++this.#ticket });
    } finally {
      this.#close();
    }
  }

  drop(stream: number): void {
    this.#worker?.postMessage({ kind: 'drop', stream } satisfies HashRequest);
    this.#close();
  }

  /** Ends the thread. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(request: Exclude<HashRequest, { kind: 'drop' }>): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.ticket, { resolve, reject });
      this.#start().postMessage(request);
    });
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), {
      workerData: { algorithm: this.#algorithm },
    });
    worker.unref();
    worker.on('message', ({ ticket, digest }: HashReply) => {
      this.#waiting.get(ticket)?.resolve(digest ?? '');
      this.#waiting.delete(ticket);
    });
    const lost = (reason: unknown): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(reason);
      this.#waiting.clear();
    };
    worker.on('error', lost);
    worker.on('exit', (code) => lost(new Error(`The ${this.#algorithm} thread ended with status ${code}`)));
    this.#worker = worker;
    return worker;
  }

  #close(): void {
    if (--this.#streams > 0) return;
    this.#idle = setTimeout(() => void this.stop(), idleMs);
    this.#idle.unref();
  }
}
