import { StartupError } from '#common/daemon.ts';

/** First to last, both included. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** `1:1000` of an option. @throws StartupError */
export function parseIdRange(text: string, option: string, max: number): IdRange {
  const match = /^(\d+):(\d+)$/.exec(text.trim());
  const range = { first: Number(match?.[1]), last: Number(match?.[2]) };
  if (!match || range.first < 1 || range.last > max || range.first > range.last)
    throw new StartupError(`${option}: "${text}" is no range. Write first:last with 1 <= first <= last <= ${max}.`);
  return range;
}

/** `physnet1:100:199`, or `physnet1` for a network whose VLANs only administrators choose. @throws StartupError */
export function parseVlanRanges(entries: readonly string[]): ReadonlyMap<string, readonly IdRange[]> {
  const option = '[ml2_type_vlan] network_vlan_ranges';
  const ranges = new Map<string, IdRange[]>();
  for (const entry of entries) {
    const [, name, range] = /^([^:]+)(?::(\d+:\d+))?$/.exec(entry.trim()) ?? [];
    if (name === undefined)
      throw new StartupError(`${option}: "${entry}" is neither physical_network nor physical_network:first:last.`);
    const known = ranges.get(name) ?? [];
    ranges.set(name, range === undefined ? known : [...known, parseIdRange(range, option, 4094)]);
  }
  return ranges;
}

/** Every id of the ranges, once. */
export const idsOf = (ranges: readonly IdRange[]): ReadonlySet<number> => {
  const ids = new Set<number>();
  for (const { first, last } of ranges) for (let id = first; id <= last; id++) ids.add(id);
  return ids;
};
