import type { ConfigSource, OptionTable } from './config.ts';
import { optionKey, unknownOptions } from './load.ts';

/** Sections of libraries that OpenStack's programs have in them and Igloo has not: what stands there has no effect, and harms none. */
const librarySections = /^(oslo_|matchmaker_|ssl$|cors|profiler$|audit_)/i;

/** Where a value was written that its writer can go and see: not the command line, whose words have several readings. */
const inFile = (origin: string): boolean => /^[^-$].*:\d+$/.test(origin);

/**
 * One line for each option of a file that no daemon of the service hears, with the option that was perhaps meant.
 * @param tables of all daemons that share the service's files
 * @param service for people: `Nova`
 */
export function describeUnknown(
  tables: readonly OptionTable[],
  source: ConfigSource,
  service: string,
): readonly string[] {
  let left: ConfigSource = {
    values: source.values.filter(({ origin, section }) => inFile(origin) && !librarySections.test(section)),
  };
  for (const table of tables) left = { values: unknownOptions(table, left) };
  const lines = left.values.map(({ origin, section, name }) => {
    const meant = nearest(tables, section, name);
    return `${origin}: [${section}] ${name} is not known to any ${service} daemon${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
  });
  return [...new Set(lines)];
}

/** The option that is spelt most like it, as people slip; the same name in another section counts as a slip too. */
function nearest(tables: readonly OptionTable[], section: string, name: string): string | undefined {
  let best: { readonly slips: number; readonly text: string } | undefined;
  for (const table of tables)
    for (const [group, options] of Object.entries(table)) {
      const same = optionKey(group, '') === optionKey(section, '');
      for (const option of Object.keys(options)) {
        const slips = distance(option, name) + (same ? 0 : 1);
        if (
          slips > (name.length < 5 ? 1 : Math.max(2, Math.floor(name.length / 4))) ||
          slips >= (best?.slips ?? Infinity)
        )
          continue;
        best = { slips, text: same ? `"${option}"` : `[${group}] ${option}` };
      }
    }
  return best?.text;
}

/** Levenshtein's: letters to add, take away or change. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 4) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (letter === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] as number;
}
