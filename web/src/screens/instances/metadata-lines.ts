/** Metadata as lines `key = value`, and back. */
export const linesOfMetadata = (metadata: Readonly<Record<string, string>>): string =>
  Object.entries(metadata)
    .map(([key, value]) => `${key} = ${value}`)
    .join('\n');

/** @returns the first line that is no metadata, or all of them */
export function metadataOfLines(
  text: string,
): { readonly metadata: Readonly<Record<string, string>> } | { readonly bad: string } {
  const pairs: [string, string][] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const at = line.indexOf('=');
    const key = line.slice(0, Math.max(0, at)).trim();
    if (at < 1 || key === '' || !/^[\w.: -]{1,255}$/.test(key)) return { bad: line };
    pairs.push([key, line.slice(at + 1).trim()]);
  }
  return { metadata: Object.fromEntries(pairs) };
}

/** Tags of a list separated by commas. */
export const tagsOf = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  ),
];

/** The first that cannot be a tag. */
export const badTag = (tags: readonly string[]): string | undefined =>
  tags.find((tag) => tag.length > 60 || tag.includes('/'));
