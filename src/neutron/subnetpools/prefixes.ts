/** Sets of addresses as ranges, and as the fewest prefixes that make them up. */
import { overlaps, type Cidr, type IpVersion, type Range } from '../ipam/address.ts';

const bitsOf = (version: IpVersion): number => (version === 4 ? 32 : 128);

/** Disjoint ranges in order that cover the same addresses. */
export function merge(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const last = merged.at(-1);
    if (last && range.first <= last.last + 1n)
      merged[merged.length - 1] = { first: last.first, last: range.last > last.last ? range.last : last.last };
    else merged.push({ first: range.first, last: range.last });
  }
  return merged;
}

/** The addresses of `ranges` that are in none of `taken`. */
export function subtract(ranges: readonly Range[], taken: readonly Range[]): readonly Range[] {
  let left = merge(ranges);
  for (const hole of taken) {
    left = left.flatMap((range) =>
      overlaps(range, hole)
        ? [
            { first: range.first, last: hole.first - 1n },
            { first: hole.last + 1n, last: range.last },
          ].filter(({ first, last }) => first <= last)
        : [range],
    );
  }
  return left;
}

/** Whether every address of `inner` is in `outer`. */
export const covers = (outer: readonly Range[], inner: readonly Range[]): boolean =>
  subtract(inner, outer).length === 0;

/** The fewest prefixes that make the ranges up, in order. */
export function prefixesOf(version: IpVersion, ranges: readonly Range[]): readonly Cidr[] {
  const bits = bitsOf(version);
  return merge(ranges).flatMap((range) => {
    const prefixes: Cidr[] = [];
    for (let first = range.first; first <= range.last;) {
      // The largest block that begins here and stays within.
      let prefix = bits;
      const size = (length: number): bigint => 1n << BigInt(bits - length);
      while (prefix > 0 && first % size(prefix - 1) === 0n && first + size(prefix - 1) - 1n <= range.last) prefix--;
      prefixes.push({ version, prefix, first, last: first + size(prefix) - 1n });
      first += size(prefix);
    }
    return prefixes;
  });
}
