import type { Aggregate } from '#api/compute/hosts.ts';

/** Why a host cannot enter or leave an aggregate. The words are the screen's. */
export type MembershipRefusal =
  | { readonly why: 'other-zone'; readonly zone: string; readonly aggregate: string }
  | { readonly why: 'guests-in-default'; readonly guests: number }
  | { readonly why: 'guests-in-zone'; readonly guests: number; readonly zone: string };

export interface Membership {
  readonly aggregate: Aggregate;
  readonly all: readonly Aggregate[];
  /** How many guests are on a host. */
  readonly guestsOn: (host: string) => number;
}

/** The zone of hosts that are in no other; Nova's default, which its hosts may enter and leave with their guests. */
const DEFAULT_ZONE = 'nova';

/** Whether a host could be put into the aggregate, or taken out of it, as Nova decides it. */
export function membershipRefusal(host: string, { aggregate, all, guestsOn }: Membership): MembershipRefusal | null {
  const zone = aggregate.availability_zone;
  if (zone === null) return null;
  const guests = guestsOn(host);
  if (aggregate.hosts.includes(host))
    return zone !== DEFAULT_ZONE && guests > 0 ? { why: 'guests-in-zone', guests, zone } : null;
  const zoned = all.filter(
    (one) => one.id !== aggregate.id && one.availability_zone !== null && one.hosts.includes(host),
  );
  const other = zoned.find((one) => one.availability_zone !== zone);
  if (other?.availability_zone != null)
    return { why: 'other-zone', zone: other.availability_zone, aggregate: other.name };
  return zoned.length === 0 && zone !== DEFAULT_ZONE && guests > 0 ? { why: 'guests-in-default', guests } : null;
}

/** What must be done for the aggregate to have these hosts and no others. */
export const membershipChange = (
  { hosts }: Aggregate,
  wanted: ReadonlySet<string>,
): { readonly add: readonly string[]; readonly remove: readonly string[] } => ({
  add: [...wanted].filter((host) => !hosts.includes(host)),
  remove: hosts.filter((host) => !wanted.has(host)),
});

/** What makes an aggregate's metadata so: null removes an item. The zone is not among them. */
export function metadataChange(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Readonly<Record<string, string | null>> {
  const removed = Object.keys(before).filter((key) => key !== ZONE_KEY && !(key in after));
  return Object.fromEntries([
    ...Object.entries(after).filter(([key, value]) => before[key] !== value),
    ...removed.map((key) => [key, null] as const),
  ]);
}
export const ZONE_KEY = 'availability_zone';
