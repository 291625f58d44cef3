import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What of the process is looked at, so that a test can play it. */
export interface IdleMemoryDeps {
  /** Bytes that the heap holds of the machine, and bytes of it in use or not yet collected. */
  readonly heap: () => { readonly heapTotal: number; readonly heapUsed: number };
  /** Share of the time since the last call that the process was busy, 0 to 1. */
  readonly busy: () => number;
  readonly collect: () => void;
}

/** Less than this is not worth a pause. */
const WORTH_BYTES = 32 * 1024 * 1024;
const IDLE_SHARE = 0.05;

/**
 * V8 collects when it allocates, so what a start or a burst of work has left stays for as long as nothing happens: half
 * of the memory of an idle cloud. This looks every `everyMs` and, when the process has been idle since, collects.
 * @returns stops it
 */
export function returnIdleMemory(everyMs = 10_000, deps: IdleMemoryDeps = ofThisProcess()): () => void {
  let lastUsed = 0;
  const timer = setInterval(() => {
    const { heapTotal, heapUsed } = deps.heap();
    const idle = deps.busy() < IDLE_SHARE;
    // What was collected and has not grown since has nothing more to give.
    if (!idle || heapTotal - lastUsed < WORTH_BYTES || Math.abs(heapUsed - lastUsed) < WORTH_BYTES / 8) return;
    deps.collect();
    lastUsed = deps.heap().heapUsed;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function ofThisProcess(): IdleMemoryDeps {
  let before = performance.eventLoopUtilization();
  let collect: ((how: object) => void) | undefined;
  return {
    heap: () => process.memoryUsage(),
    busy() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    collect() {
      if (!collect) {
        setFlagsFromString('--expose-gc');
        collect = runInNewContext('gc') as (how: object) => void;
      }
      // As on a machine that is short of memory: caches of compiled code that were used once go too.
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    },
  };
}
