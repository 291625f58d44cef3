/** A limit and what is used of it; −1 is without limit. */
export interface Limit {
  readonly limit: number;
  readonly used: number;
}
export type Limits = Readonly<Partial<Record<string, Limit>>>;

export const UNLIMITED = -1;
/** What the services keep a limit in: 32 bits with a sign. */
export const HIGHEST = 2_147_483_647;

export const isUnlimited = (limit: number): boolean => limit < 0;

/** How full: 0 to 1, above 1 when more is used than is allowed; null without limit, or when nothing is allowed or used. */
export const fullness = ({ limit, used }: Limit): number | null =>
  isUnlimited(limit) || (limit === 0 && used === 0) ? null : limit === 0 ? Infinity : used / limit;

/** Whether a limit would be below what is used already: nothing is taken away, and nothing new can be made. */
export const belowUse = (limit: number, used: number): boolean => !isUnlimited(limit) && limit < used;

/** The limit that a text means: a whole number from 0; null when it is none. */
export function parseLimit(text: string): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,10}$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value <= HIGHEST ? value : null;
}

/** What a form changes: limits that differ from those before. */
export const changedLimits = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> =>
  Object.fromEntries(Object.entries(after).filter(([name, limit]) => before[name] !== limit));
