import type { Argument, Given } from '../base/arguments.ts';
import { byBytes, pyJson, pyText } from '../base/python.ts';
import { drawTable, type Alignment } from '../base/table.ts';
import type { Item, NeutronApi } from './api.ts';

/** How a command's answer is printed; all show and list commands have these. */
export const outputArguments: readonly Argument[] = [
  {
    name: '--format',
    aliases: ['-f'],
    value: '{table,shell,value,csv,json}',
    choices: ['table', 'shell', 'value', 'csv', 'json'],
    help: 'The output format, defaults to table.',
  },
  {
    name: '--column',
    aliases: ['-c'],
    value: 'COLUMN',
    repeat: true,
    help: 'Specify the column(s) to include, can be repeated.',
  },
  { name: '--variable', value: 'VARIABLE', repeat: true, hidden: true },
  { name: '--prefix', value: 'PREFIX', help: 'Add a prefix to all variable names of the shell format.' },
  { name: '--quote', value: '{all,minimal,none,nonnumeric}', hidden: true },
];

/** Options that choose what is asked for. */
export const fieldArguments: readonly Argument[] = [
  { name: '--show-details', aliases: ['-D'], help: 'Show detailed information.' },
  {
    name: '--fields',
    aliases: ['-F', '--field'],
    value: 'FIELD',
    repeat: true,
    help: 'Specify the field(s) to be returned by server, can be repeated.',
  },
];

/** A cell: None is empty, each element of a list has a line, structures are JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? pyJson(one) : pyText(one))).join('\n');
  return isObject(value) ? pyJson(value) : pyText(value);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const chosen = (all: readonly string[], given: Given): readonly string[] => {
  const wanted = [...given.all('column'), ...given.all('variable')];
  return wanted.length === 0 ? all : all.filter((name) => wanted.includes(name));
};

/** Prints one thing as fields and values. */
export function printItem(api: NeutronApi, given: Given, item: Item): void {
  const names = chosen(Object.keys(item).toSorted(byBytes), given);
  const rows = names.map((name) => [name, cellText(item[name])]);
  const prefix = given.text('prefix') ?? '';
  switch (given.text('format') ?? 'table') {
    case 'shell':
      return api.shell.out(
        rows
          .map(
            ([name = '', value = '']) => `${prefix}${name.replace(/[:.-]/g, '_')}="${value.replaceAll('"', '\\"')}"\n`,
          )
          .join(''),
      );
    case 'value':
      return api.shell.out(rows.map(([, value]) => `${value}\n`).join(''));
    case 'json':
      return api.shell.out(pyJson(Object.fromEntries(names.map((name) => [name, item[name]]))) + '\n');
    default:
      return api.shell.out(drawTable({ columns: ['Field', 'Value'], rows }));
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
  const shown = chosen(columns, given);
  const text = (item: Item, name: string): string => formats[name]?.(item) ?? cellText(item[name]);
  const rows = items.map((item) => shown.map((name) => text(item, name)));
  switch (given.text('format') ?? 'table') {
    case 'csv':
      return api.shell.out(
        [
          shown.map(csvCell),
          ...items.map((item, index) =>
            shown.map((name, at) =>
              typeof item[name] === 'number' ? rows[index]?.[at] : csvCell(rows[index]?.[at] ?? ''),
            ),
          ),
        ]
          .map((cells) => cells.join(',') + '\n')
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
      return api.shell.out(drawTable({ columns: shown, rows, align }));
    }
  }
}

const csvCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
