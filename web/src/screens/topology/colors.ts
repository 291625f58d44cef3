/** Bars' colours, far enough apart to follow a line; names and addresses say the same in words. */
const palette = ['cyan', 'teal', 'indigo', 'grape', 'pink', 'lime', 'blue', 'violet'] as const;

/** The outside is always the same. @param at its place among the bars */
export const barColor = (external: boolean, at: number): string =>
  `var(--mantine-color-${external ? 'orange' : (palette[at % palette.length] ?? 'cyan')}-filled)`;
