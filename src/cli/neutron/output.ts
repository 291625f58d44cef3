import type { Argument, Given } from '../base/arguments.ts';
import { byBytes, pyJson, pyText } from '../base/python.ts';
import { drawTable, type Alignment } from '../base/table.ts';
import type { Item, NeutronApi } from './api.ts';

const formatOption = (formats: readonly string[]): Argument => ({
  name: '--format',
  aliases: ['-f'],
  value: `{${formats.join(',')}}`,
  choices: formats,
  help: 'the output format, defaults to table',
});
const column: Argument = {
  name: '--column',
  aliases: ['-c'],
  value: 'COLUMN',
  repeat: true,
  help: 'specify the column(s) to include, can be repeated',
};
const maxWidth: Argument = {
  name: '--max-width',
  value: '<integer>',
  type: 'int',
  help: 'Maximum display width of a column, 0 to disable',
};
const variable: Argument = {
  name: '--variable',
  value: 'VARIABLE',
  repeat: true,
  help: 'specify the variable(s) to include, can be repeated',
};
const prefix: Argument = { name: '--prefix', value: 'PREFIX', help: 'add a prefix to all variable names' };
const quote: Argument = {
  name: '--quote',
  value: '{all,minimal,none,nonnumeric}',
  choices: ['all', 'minimal', 'none', 'nonnumeric'],
  help: 'when to include quotes, defaults to nonnumeric',
};
const showFormat = formatOption(['json', 'shell', 'table', 'value']);
const listFormat = formatOption(['csv', 'json', 'table', 'value']);
/** All commands have it. */
export const requestFormat: Argument = {
  name: '--request-format',
  value: '{json,xml}',
  choices: ['json', 'xml'],
  help: 'The xml or json request format; json is spoken',
};

/** Options by the heading that help has them under. */
export const formatArguments: readonly Argument[] = [showFormat, listFormat, column];
export const tableArguments: readonly Argument[] = [maxWidth];
export const shellArguments: readonly Argument[] = [variable, prefix];
export const csvArguments: readonly Argument[] = [quote];

/** How one thing is printed; all show and create commands have these. */
export const showArguments: readonly Argument[] = [showFormat, column, maxWidth, variable, prefix, requestFormat];
/** How many are printed; all list commands have these. */
export const listOutputArguments: readonly Argument[] = [listFormat, column, maxWidth, quote, requestFormat];

/** Options that choose what is asked for. */
export const fieldArguments: readonly Argument[] = [
  { name: '--show-details', aliases: ['-D'], help: 'Show detailed info' },
  {
    name: '--field',
    aliases: ['-F'],
    formerly: ['--fields'],
    value: 'FIELD',
    repeat: true,
    help: 'Specify the field(s) to be returned by server, can be repeated',
  },
];

/** A cell: None is empty, each element of a list has a line, structures are JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? pyJson(one) : pyText(one))).join('\n');
  return isObject(value) ? pyJson(value) : pyText(value);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
/** The names that were asked for, in that order; else all. */
const chosen = (all: readonly string[], given: Given, there: readonly string[] = all): readonly string[] => {
  const wanted = [...given.all('column'), ...given.all('variable')];
  return wanted.length === 0 ? all : wanted.filter((name) => there.includes(name) || all.includes(name));
};

/** Prints one thing as fields and values. */
export function printItem(
  api: NeutronApi,
  given: Given,
  item: Item,
  formats: Readonly<Record<string, (item: Item) => string>> = {},
): void {
  const sorted = Object.keys(item).toSorted(byBytes);
  const wanted = chosen(sorted, given);
  const names = sorted.filter((name) => wanted.includes(name));
  const rows = names.map((name) => [name, formats[name]?.(item) ?? cellText(item[name])]);
  const prefixed = given.text('prefix') ?? '';
  switch (given.text('format') ?? 'table') {
    case 'shell':
      return api.shell.out(
        rows.map(([name = '', value = '']) => `${prefixed}${name}="${value.replaceAll('"', '\\"')}"\n`).join(''),
      );
    case 'value':
      return api.shell.out(rows.map(([, value]) => `${value}\n`).join(''));
    case 'json':
      return api.shell.out(pyJson(Object.fromEntries(names.map((name) => [name, item[name]]))) + '\n');
    default:
      return api.shell.out(drawTable({ columns: ['Field', 'Value'], rows: narrow(rows, given) }));
  }
}

/** Prints many things; without any it is an empty line. */
export function printList(
  api: NeutronApi,
  given: Given,
  items: readonly Item[],
  columns: readonly string[],
  formats: Readonly<Record<string, (item: Item) => string>> = {},
): void {
  const shown = chosen(columns, given, Object.keys(items[0] ?? {}));
  const text = (item: Item, name: string): string => formats[name]?.(item) ?? cellText(item[name]);
  const rows = items.map((item) => shown.map((name) => text(item, name)));
  switch (given.text('format') ?? 'table') {
    case 'csv':
      return api.shell.out(
        [
          shown,
          ...items.map((item, index) =>
            shown.map((name, at) => (typeof item[name] === 'number' ? Number(item[name]) : (rows[index]?.[at] ?? ''))),
          ),
        ]
          .map((cells) => `${cells.map((cell) => csvCell(cell, given.text('quote') ?? 'nonnumeric')).join(',')}\n`)
          .join(''),
      );
    case 'value':
      return api.shell.out(rows.map((cells) => cells.join(' ') + '\n').join(''));
    case 'json':
      return api.shell.out(
        pyJson(items.map((item) => Object.fromEntries(shown.map((name) => [name, item[name]])))) + '\n',
      );
    default: {
      if (rows.length === 0) return api.shell.out('\n');
      // A column is a number's when its first value is one.
      const align = shown.map((name): Alignment => (typeof items[0]?.[name] === 'number' ? 'right' : 'left'));
      return api.shell.out(drawTable({ columns: shown, rows: narrow(rows, given), align }));
    }
  }
}

/** A cell in quotes, as far as it is wanted. @param style one of the choices of `--quote` */
function csvCell(cell: string | number, style: string): string {
  const needed = typeof cell === 'string' && /[",\r\n]/.test(cell);
  const quoted = style === 'all' || needed || (style === 'nonnumeric' && typeof cell === 'string');
  return quoted && style !== 'none' ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);
}

/** Cells wrapped to the widest column that is wanted. */
function narrow(rows: readonly (readonly string[])[], given: Given): readonly (readonly string[])[] {
  const width = given.integer('max-width') ?? 0;
  if (width <= 0) return rows;
  const wrap = (line: string): string => line.match(new RegExp(`.{1,${width}}`, 'gsu'))?.join('\n') ?? line;
  return rows.map((row) => row.map((cell) => cell.split('\n').map(wrap).join('\n')));
}
