import { RpcRemoteError, RpcTimeout, type CallMethod, type CallNames, type RpcClient } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { HostDirectory } from '../hosts/directory.ts';
import type { computeRpc } from '../rpc.ts';

type Methods = (typeof computeRpc)['methods'];
type Client = RpcClient<Methods>;
type Method = CallNames<Methods>;
type ArgsOf<M extends Method> = Methods[M] extends CallMethod<infer A, unknown> ? A : never;
type AnswerOf<M extends Method> = Methods[M] extends CallMethod<never, infer R> ? R : never;

/** A compute host does not answer. */
export class ComputeDown extends Error {
  override readonly name = 'ComputeDown';
  readonly status = 503;
}

export interface Patience {
  readonly signal: AbortSignal;
  /** Milliseconds in all; 120 000 unless given. */
  readonly totalMs?: number;
  /** Milliseconds that a host may be down before we give up on it; 60 000 unless given. */
  readonly downMs?: number;
}

/** Calls to compute hosts that outlive a restart of either side. */
export interface ComputeCalls {
  /**
   * As the host's own method, asked again whenever an answer is missing: every method is idempotent, and nova-compute does
   * one thing at a time per server, so asking twice is asking once.
   * @throws ComputeDown, RpcRemoteError with what nova-compute said, or the signal's reason
   */
  call<M extends Method>(host: string, method: M, args: ArgsOf<M>, patience: Patience): Promise<AnswerOf<M>>;
}

/** Milliseconds after which an unanswered call is asked again: the daemon may have been restarted. */
const attemptMs = 60_000;
/** What a nova-compute says of work that it gave up because it is being stopped. */
const stopping = 'Superseded';

export function createComputeCalls(deps: {
  readonly compute: Client;
  readonly directory: HostDirectory;
  readonly clock: Clock;
}): ComputeCalls {
  const { compute, directory, clock } = deps;
  return {
    async call(host, method, args, { signal, totalMs = 120_000, downMs = 60_000 }) {
      const begun = clock.now().getTime();
      let downSince: number | null = null;
      let last: Error | undefined;
      for (let pause = 200; ; pause = Math.min(pause * 2, 2000)) {
        signal.throwIfAborted();
        const now = clock.now().getTime();
        if (now - begun > totalMs)
          throw last ?? new ComputeDown(`nova-compute on ${host} did not end "${method}" in ${totalMs / 1000} s`);
        if (await directory.computeIsUp(host)) {
          downSince = null;
          try {
            const timeoutMs = Math.max(1, Math.min(attemptMs, totalMs - (now - begun)));
            return (await compute.call(method, args, { host, timeoutMs, signal })) as never;
          } catch (error) {
            signal.throwIfAborted();
            const again = error instanceof RpcTimeout || (error instanceof RpcRemoteError && error.code === stopping);
            if (!again) throw error;
            last = error;
          }
        } else {
          downSince ??= now;
          if (now - downSince >= downMs) throw new ComputeDown(`nova-compute on ${host} is down`);
        }
        await sleep(pause, signal);
      }
    },
  };
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
