import type { Expect } from './commands.ts';
import type { Typed } from './host.ts';
import { matcher, type Known } from './placeholders.ts';
import { drawTable, readTable } from './pretty-table.ts';

const words = (line: string): string => line.trim().replaceAll(/\s+/g, ' ');
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What of the output is not as the manual says; empty when all is. */
export function problemsOf(expect: Expect, { status, stdout, stderr }: Typed, known: Known): readonly string[] {
  const output = stdout.trimEnd();
  const problems = status === expect.exit ? [] : [`exit status ${status} instead of ${expect.exit}`];
  switch (expect.type) {
    case 'not-shown':
      return problems;
    case 'silent':
      return output === '' ? problems : [...problems, 'it should print nothing'];
    case 'message': {
      // An id in the manual's text is the manual's own.
      const text = (expect.message ?? '').replaceAll(uuid, '<uuid>');
      return matcher(text, known).test(output) ? problems : [...problems, `it should print: ${text}`];
    }
    case 'text':
      return [...problems, ...textProblems(expect, output, stderr)];
    default:
      return [...problems, ...tableProblems(expect, output, known)];
  }
}

/** Patterns where there are some, anywhere on the screen; otherwise the sample's lines, blanks aside. */
function textProblems({ patterns, sample = '', message }: Expect, output: string, stderr: string): readonly string[] {
  if (patterns) {
    const missing = patterns.filter((pattern) => !new RegExp(pattern, 'm').test(`${output}\n${stderr}`));
    return missing.map((pattern) => `nothing in it matches ${pattern}`);
  }
  if (message !== undefined) return output === message ? [] : [`it should print: ${message || 'nothing'}`];
  const printed = new Set(output.split('\n').map(words));
  const missing = sample.split('\n').filter((line) => words(line) !== '' && !printed.has(words(line)));
  return missing.map((line) => `the line is missing: ${line.trim()}`);
}

function tableProblems(expect: Expect, output: string, known: Known): readonly string[] {
  const { message, client = 'nova', columns: header = [], fields = {}, sort } = expect;
  const list = expect.type === 'table-list';
  const text = message !== undefined && output.startsWith(`${message}\n`) ? output.slice(message.length + 1) : output;
  const problems = message !== undefined && text === output ? [`the line above the table should be: ${message}`] : [];
  const rows = readTable(text);
  if (!rows) return [...problems, 'it should print a table'];
  const wanted = list ? (expect.rows ?? []) : (expect.row_order ?? []).map((name) => [name, fields[name] ?? '']);
  const [head = [], ...body] = rows;
  if (head.join('|') !== header.join('|')) problems.push(`columns ${head.join(', ')} instead of ${header.join(', ')}`);
  if (drawTable(rows, client, list) !== text) problems.push('the alignment is not the client’s');
  const anyOrder = sort?.startsWith('none') === true && !sort.includes('in order');
  return [...problems, ...rowProblems(anyOrder ? sorted(wanted, body, known) : wanted, body, known)];
}

/** Where the manual leaves the order open: the wanted rows in the order in which they were printed. */
function sorted(
  wanted: readonly (readonly string[])[],
  body: readonly (readonly string[])[],
  known: Known,
): typeof wanted {
  const place = (row: readonly string[]): number =>
    body.findIndex((printed) => rowProblems([row], [printed], known).length === 0);
  return wanted.toSorted((a, b) => place(a) - place(b));
}

function rowProblems(
  wanted: readonly (readonly string[])[],
  body: readonly (readonly string[])[],
  known: Known,
): readonly string[] {
  const names = (rows: readonly (readonly string[])[]): string => rows.map(([name = '']) => name).join(', ') || 'none';
  if (wanted.length !== body.length) return [`rows ${names(body)} instead of ${names(wanted)}`];
  return wanted.flatMap((row, at) =>
    row.flatMap((cell, column) => {
      const printed = body[at]?.[column] ?? '';
      if (matcher(cell, known).test(printed)) return [];
      return [`row ${at + 1} (${body[at]?.[0]}): "${printed}" instead of "${cell}"`];
    }),
  );
}

/** The value that a command gives to later ones: a field of its table, or the id in its message. */
export function valueIn(stdout: string, field: string): string | undefined {
  const rows = readTable(stdout.slice(Math.max(0, stdout.indexOf('+-'))));
  if (!rows) return stdout.match(uuid)?.[0];
  const column = rows[0]?.indexOf(field) ?? -1;
  return column >= 0 && !['Property', 'Field'].includes(rows[0]?.[0] ?? '')
    ? rows[1]?.[column]
    : rows.find(([name]) => name === field)?.[1];
}
