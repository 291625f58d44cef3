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

/** Limits of what one thing or one user may have: nothing of the project's is counted against them. */
const perThing = new Set(['key_pairs', 'server_group_members', 'metadata_items', 'per_volume_gigabytes']);
export const isCounted = (resource: string): boolean => !perThing.has(resource);
