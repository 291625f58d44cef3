import type { HostVerdict } from '#api/compute/server-operations.ts';

/** A line of Nova's `fault.details`, as administrators read it: `host1: RamFilter: needs 512 MB …`. */
const line = /^([\w.-]+): (\w+Filter\w*): (.+)$/;

/** Verdicts in an operation's failure; none when its details are something else. */
export function verdictsOf(details: unknown): readonly HostVerdict[] {
  if (typeof details === 'string') return verdictsInText(details);
  if (!Array.isArray(details)) return [];
  return details.filter(
    (one): one is HostVerdict =>
      typeof one === 'object' &&
      one !== null &&
      typeof (one as Partial<HostVerdict>).host === 'string' &&
      'filter' in one,
  );
}

/** Verdicts in a server's `fault.details`, line by line. */
export const verdictsInText = (text: string): readonly HostVerdict[] =>
  text.split('\n').flatMap((one) => {
    const match = line.exec(one.trim());
    return match ? [{ host: match[1] ?? '', passed: false, filter: match[2] ?? '', reason: match[3] ?? '' }] : [];
  });

/** What is left of details when the verdicts are taken out: a traceback, other words. */
export const otherWords = (text: string): string =>
  text
    .split('\n')
    .filter((one) => !line.test(one.trim()))
    .join('\n')
    .trim();
