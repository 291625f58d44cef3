import { RpcTimeout } from './bus.ts';
import type { Target } from './client.ts';
import { unwrap, type ReplyMessage } from './wire.ts';

/** A call that waits for its answer. */
export interface PendingCall {
  readonly id: string;
  readonly target: Target;
  readonly method: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The calls of a process that wait for an answer, each until its answer, its time or its signal. */
export class PendingCalls {
  readonly #waiting = new Map<string, Waiting>();

  /** @throws RpcTimeout, RpcRemoteError, the signal's reason */
  open({ id, target, method, timeoutMs, signal }: PendingCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          this.#waiting.delete(id);
          settle(value);
        };
      const waiting: Waiting = { resolve: done(resolve), reject: done(reject) };
      const timeout = (): void => waiting.reject(new RpcTimeout(target.topic, target.host, method, timeoutMs));
      const abort = (): void => waiting.reject(signal?.reason);
      const timer = setTimeout(timeout, timeoutMs);
      this.#waiting.set(id, waiting);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** False once it is answered, timed out or aborted: nobody wants the work any more. */
  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Hands over an answer; one that comes too late is dropped. */
  settle(id: string, reply: ReplyMessage): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    try {
      waiting.resolve(unwrap(reply));
    } catch (error) {
      waiting.reject(error);
    }
  }

  fail(id: string, error: unknown): void {
    this.#waiting.get(id)?.reject(error);
  }

  failAll(error: unknown): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(error);
  }
}
