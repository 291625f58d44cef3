/** A word as a shell takes it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command line from words, `null` and `false` left out; flags with a value come as pairs. */
export const commandLine = (...words: readonly (string | readonly string[] | null | false | undefined)[]): string =>
  words
    .filter((word) => word !== null && word !== false && word !== undefined)
    .flatMap((word) => (typeof word === 'string' ? [word] : word.map(shellWord)))
    .join(' ');
