import type { Client } from './commands.ts';

/** Rows of cells, header first; undefined when the frame is not PrettyTable's. */
export function readTable(text: string): string[][] | undefined {
  const lines = text.trimEnd().split('\n');
  const rule = lines[0] ?? '';
  if (!/^\+(-+\+)+$/.test(rule) || lines[2] !== rule || lines.at(-1) !== rule) return undefined;
  const edges = [...rule].flatMap((char, at) => (char === '+' ? [at] : []));
  return lines
    .filter((line) => line !== rule)
    .map((line) => edges.slice(1).map((edge, i) => line.slice((edges[i] as number) + 2, edge - 1).trim()));
}

type Align = 'left' | 'right' | 'centre';

function pad(text: string, width: number, align: Align): string {
  const space = width - text.length;
  if (align === 'left') return text.padEnd(width);
  if (align === 'right') return text.padStart(width);
  // An odd blank goes to the right of a text of odd length, to the left of others.
  const before = text.length % 2 === 1 ? Math.floor(space / 2) : Math.ceil(space / 2);
  return ' '.repeat(before) + text + ' '.repeat(space - before);
}

/** The table as the manual's client prints it: what is printed must be this, blank by blank. */
export function drawTable(rows: readonly (readonly string[])[], client: Client, list: boolean): string {
  const [header = [], ...body] = rows;
  const columns = header.map((_, column) => {
    const numbers = list && client === 'neutron' && /^-?\d+(\.\d+)?$/.test(body[0]?.[column] ?? '');
    const align: Align = client === 'keystone' || client === 'cinder' ? 'centre' : numbers ? 'right' : 'left';
    return { align, width: Math.max(...rows.map((row) => (row[column] ?? '').length)) };
  });
  const rule = `+${columns.map(({ width }) => '-'.repeat(width + 2)).join('+')}+`;
  const line = (row: readonly string[]): string =>
    `|${columns.map(({ width, align }, at) => ` ${pad(row[at] ?? '', width, align)} `).join('|')}|`;
  return [rule, line(header), rule, ...body.map(line), rule].join('\n');
}
