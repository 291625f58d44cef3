import { displayWidth } from './width.ts';

export type Alignment = 'left' | 'right' | 'centre';

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** One for all columns, or one each; left unless given. */
  readonly align?: Alignment | readonly Alignment[];
}

/**
 * Draws a table as PrettyTable does: a rule at the top, under the header and at the bottom; one blank of padding; a cell
 * with line breaks takes several lines. A table without rows is header and rules.
 */
export function drawTable({ columns, rows, align = 'left' }: Table): string {
  const lines = (cell: string): string[] => cell.split('\n');
  const widths = columns.map((column, index) =>
    Math.max(...[column, ...rows.flatMap((row) => lines(row[index] ?? ''))].map(displayWidth)),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const alignments = columns.map((_, index) => (typeof align === 'string' ? align : (align[index] ?? 'left')));
  const draw = (cells: readonly string[]): string[] => {
    const split = columns.map((_, index) => lines(cells[index] ?? ''));
    const height = Math.max(1, ...split.map((cell) => cell.length));
    return Array.from(
      { length: height },
      (_, line) =>
        `|${split
          .map((cell, index) => ` ${pad(cell[line] ?? '', widths[index] as number, alignments[index] as Alignment)} `)
          .join('|')}|`,
    );
  };
  return [rule, ...draw(columns), rule, ...rows.flatMap(draw), rule].join('\n') + '\n';
}

/** When centring leaves one blank over, it goes to the right of a text of odd width and to the left of an even one. */
function pad(text: string, width: number, alignment: Alignment): string {
  const own = displayWidth(text);
  const excess = width - own;
  if (alignment === 'left') return text + ' '.repeat(excess);
  if (alignment === 'right') return ' '.repeat(excess) + text;
  const left = own % 2 === 1 ? Math.floor(excess / 2) : Math.ceil(excess / 2);
  return ' '.repeat(left) + text + ' '.repeat(excess - left);
}
