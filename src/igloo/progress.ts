/** Tells a person what is done with their time, line by line. */
export interface Progress {
  /** One line: what was done. The time since the start stands before it. */
  step(line: string): void;
  /** A line without a time. */
  say(line: string): void;
  /** Seconds since the start. */
  seconds(): number;
}

export function createProgress(write: (line: string) => void, now: () => number = () => performance.now()): Progress {
  const start = now();
  const seconds = (): number => (now() - start) / 1000;
  return {
    step: (line) => write(`${seconds().toFixed(1).padStart(6)} s  ${line}`),
    say: write,
    seconds,
  };
}
