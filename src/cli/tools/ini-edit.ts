interface Place {
  /** Line of the section's heading; -1 for what stands before any. */
  readonly heading: number;
  /** First line after the section. */
  readonly end: number;
}

const headingOf = (line: string): string | undefined => /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim();
/** `name = value`, with commented-out lines told apart. */
const optionOf = (line: string): { readonly name: string; readonly value: string } | undefined => {
  const match = /^([^#;\s=:[][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
  return match ? { name: match[1] as string, value: (match[2] as string).trim() } : undefined;
};

function find(lines: readonly string[], section: string): Place | undefined {
  const heading = lines.findIndex((line) => headingOf(line) === section);
  if (heading < 0) return undefined;
  const next = lines.findIndex((line, at) => at > heading && headingOf(line) !== undefined);
  return { heading, end: next < 0 ? lines.length : next };
}

/** Lines of an option: its own, and the indented ones that continue it. */
function linesOf(
  lines: readonly string[],
  { heading, end }: Place,
  option: string,
): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let at = heading + 1; at < end; at++) {
    if (optionOf(lines[at] as string)?.name !== option) continue;
    let last = at;
    while (last + 1 < end && /^\s+\S/.test(lines[last + 1] as string)) last++;
    found.push([at, last]);
  }
  return found;
}

/** The value of an option (its last occurrence), or the names in a section; undefined when there is none. */
export function getIni(text: string, section: string, option: string | undefined): readonly string[] | undefined {
  const lines = text.split('\n');
  const place = find(lines, section);
  if (!place) return undefined;
  const inside = lines
    .slice(place.heading + 1, place.end)
    .map(optionOf)
    .filter((one) => one !== undefined);
  if (option === undefined) return inside.map(({ name }) => name);
  const value = inside.findLast(({ name }) => name === option)?.value;
  return value === undefined ? undefined : [value];
}

/** The names of the sections. */
export const sectionsOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const heading = headingOf(line);
    return heading === undefined ? [] : [heading];
  });

/** The text with a section, empty unless it is there. */
export const addSection = (text: string, section: string): string =>
  sectionsOf(text).includes(section)
    ? text
    : `${text === '' || text.endsWith('\n') ? text : `${text}\n`}[${section}]\n`;

/**
 * The text with one option set, or without it (value undefined), or without the section (option undefined too). A new
 * option comes after the commented-out one of its name, else at the end of its section; a new section at the end.
 */
export function editIni(text: string, section: string, option: string | undefined, value: string | undefined): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const place = find(lines, section);
  const done = (): string => (lines.length === 0 ? '' : lines.join('\n') + '\n');
  if (!place) {
    if (value === undefined || option === undefined) return text;
    if (lines.length > 0 && lines.at(-1)?.trim() !== '') lines.push('');
    lines.push(`[${section}]`, `${option} = ${value}`);
    return done();
  }
  if (option === undefined) {
    lines.splice(place.heading, place.end - place.heading);
    return done();
  }
  const places = linesOf(lines, place, option);
  if (value === undefined) {
    for (const [first, last] of places.toReversed()) lines.splice(first, last - first + 1);
    return done();
  }
  const line = `${option} = ${value}`;
  const [first, ...others] = places;
  for (const [from, to] of others.toReversed()) lines.splice(from, to - from + 1);
  if (first) lines.splice(first[0], first[1] - first[0] + 1, line);
  else lines.splice(newPlace(lines, place, option), 0, line);
  return done();
}

function newPlace(lines: readonly string[], { heading, end }: Place, option: string): number {
  const commented = lines.findLastIndex(
    (line, at) =>
      at > heading && at < end && optionOf(line.replace(/^\s*[#;]\s*/, ''))?.name === option && /^\s*[#;]/.test(line),
  );
  if (commented >= 0) return commented + 1;
  let last = end;
  while (last > heading + 1 && (lines[last - 1] as string).trim() === '') last--;
  return last;
}
