/** How much had been sent when. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly sent: number;
}

/** Over so long the speed is measured. */
const WINDOW_MS = 5000;

/** Keeps what the speed is measured by. */
export const withSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] => [
  ...samples.filter(({ at }) => sample.at - at <= WINDOW_MS),
  sample,
];

/** Bytes per second of late; null: not known yet. */
export function speedOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < 500) return null;
  return (1000 * (last.sent - first.sent)) / (last.at - first.at);
}

/** Seconds until all is sent. */
export const secondsLeft = (sent: number, total: number, speed: number | null): number | null =>
  speed === null || speed <= 0 ? null : (total - sent) / speed;
