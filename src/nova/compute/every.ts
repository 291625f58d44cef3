import type { Logger } from '#common/telemetry/log.ts';

/** Work that repeats, never twice at the same time. */
export interface Repeating {
  /** Does it soon: at once, or right after what is running now. */
  hurry(): void;
  /** No more of it; resolves when the last one has ended. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  readonly name: string;
  readonly log: Logger;
  /** Milliseconds between two beginnings. A shorter one that `work` returns counts for the next time. */
  readonly intervalMs: number;
  readonly work: () => Promise<number | undefined>;
}

/** Starts with a first time at once. */
export function repeat({ name, log, intervalMs, work }: RepeatOptions): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  const once = async (): Promise<void> => {
    let next = intervalMs;
    try {
      next = Math.min(intervalMs, (await work()) ?? intervalMs);
    } catch (error) {
      log.warn(`${name} failed; it is tried again`, error);
    }
    running = undefined;
    if (stopped) return;
    timer = setTimeout(begin, again ? 0 : next).unref();
    again = false;
  };
  const begin = (): void => {
    clearTimeout(timer);
    running = once();
  };
  begin();
  return {
    hurry() {
      if (stopped) return;
      if (running) again = true;
      else begin();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
