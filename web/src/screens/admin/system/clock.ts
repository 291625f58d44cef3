/** An answer's `Date` header, and when it was asked and answered by this browser's clock. Milliseconds since 1970. */
export interface ClockReading {
  readonly atMs: number;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/**
 * How far this browser's clock is ahead of the cloud's (negative: behind), and how far that may be wrong. The header counts whole
 * seconds, cut off, and was written some time between asking and answering. Several readings narrow it.
 * @returns null without readings
 */
export function skewOf(
  readings: readonly ClockReading[],
): { readonly skewMs: number; readonly errorMs: number } | null {
  if (readings.length === 0) return null;
  // The cloud's clock was in [at, at + 1 s) at a moment in [sent, answered].
  const least = Math.max(...readings.map(({ atMs, sentAtMs }) => sentAtMs - (atMs + 1000)));
  const most = Math.min(...readings.map(({ atMs, answeredAtMs }) => answeredAtMs - atMs));
  return { skewMs: (least + most) / 2, errorMs: Math.abs(most - least) / 2 };
}

/** What to say of it: a difference that the measurement cannot tell from none is none. */
export const verdictOf = (skewMs: number, errorMs: number): 'agree' | 'ahead' | 'behind' =>
  Math.abs(skewMs) <= Math.max(1000, errorMs) ? 'agree' : skewMs > 0 ? 'ahead' : 'behind';
