import { displayNames, isOption, type Argument } from './arguments.ts';

/** Columns that help is wrapped to: argparse leaves two of the terminal's. */
const width = (Number(process.env['COLUMNS']) || 80) - 2;
/** Help starts in this column at the latest, earlier beside short names. */
const helpColumn = 24;

/** Where Python breaks words: after a hyphen between letters, and around a dash of two. */
const breaks = /(?<=\w[^\W\d_]-)(?=\w+[^\W\d])|(?<=[\w!"'&.,?])(?=-{2,}\w)|(?<=[\w!"'&.,?]-{2,})(?=\w)/;

/** Wraps words to lines of at most `columns`. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== ''))
    for (const [index, part] of word.split(breaks).entries()) {
      const gap = index === 0 && line !== '' ? ' ' : '';
      if (line !== '' && line.length + gap.length + part.length > columns) {
        lines.push(line);
        line = part;
      } else line += gap + part;
    }
  return line === '' ? lines : [...lines, line];
}

/** `<x>`, `[<x>]`, `[<x> [<x> ...]]`, `<x> [<x> ...]`: each part may go to another line. */
function words(value: string, count: Argument['count']): readonly string[] {
  if (count === 'many') return [value, `[${value} ...]`];
  if (count === 'optional') return [`[${value}]`];
  return count === 'any' ? [`[${value} [${value} ...]]`] : [value];
}

const optionText = (name: string, { value, count }: Argument): string =>
  value === undefined ? name : `${name} ${words(value, count).join(' ')}`;

function usageParts(argument: Argument): readonly string[] {
  if (!isOption(argument)) return words(argument.name, argument.count);
  const body = optionText(displayNames(argument.name, argument.aliases)[0] as string, argument);
  return argument.required ? body.split(' ') : [`[${body}]`];
}

/** `usage: prog [--a <a>] <b>`, wrapped under itself: options first, positional arguments on lines of their own. */
export function usageText(program: string, declared: readonly Argument[]): string {
  const shown = declared.filter((argument) => !argument.hidden);
  const options = joinExclusive(shown.filter(isOption));
  const positionals = shown.filter((argument) => !isOption(argument)).flatMap(usageParts);
  const head = `usage: ${program}`;
  const whole = [head, ...options, ...positionals].join(' ');
  if (whole.length <= width) return `${whole}\n`;
  const indent = ' '.repeat(head.length + 1);
  const lines =
    options.length === 0
      ? wrapParts(positionals, head, indent)
      : [...wrapParts(options, head, indent), ...(positionals.length === 0 ? [] : wrapParts(positionals, '', indent))];
  return lines.join('\n') + '\n';
}

/** Options that exclude each other share a pair of brackets: `[--a A | --b]`. */
function joinExclusive(options: readonly Argument[]): string[] {
  const parts: string[] = [];
  for (const option of options) {
    const own = usageParts(option);
    const before = option.notWith === undefined ? undefined : parts.pop();
    if (before === undefined) parts.push(...own);
    else parts.push(`${before.slice(0, -1)} | ${(own[0] as string).slice(1)}`);
  }
  return parts;
}

function wrapParts(parts: readonly string[], head: string, indent: string): string[] {
  const lines: string[] = [];
  let line = head === '' ? indent.slice(0, -1) : head;
  let empty = head === '';
  for (const part of parts) {
    if (!empty && line.length + 1 + part.length > width) {
      lines.push(line);
      line = indent + part;
    } else line += ` ${part}`;
    empty = false;
  }
  return [...lines, line];
}

const namesOf = (argument: Argument): string =>
  isOption(argument)
    ? displayNames(argument.name, argument.aliases)
        .map((name) => optionText(name, argument))
        .join(', ')
    : argument.name;

/** Where the help of these arguments starts. */
export const helpColumnOf = (declared: readonly Argument[]): number =>
  Math.min(
    helpColumn,
    Math.max(0, ...declared.filter((argument) => !argument.hidden).map((argument) => namesOf(argument).length)) + 4,
  );

/** Names of arguments on the left, what they mean on the right. */
export function argumentList(title: string, declared: readonly Argument[], column: number = helpColumn): string {
  const shown = declared.filter((argument) => !argument.hidden);
  return shown.length === 0 ? '' : `\n${title}:\n${shown.map((one) => argumentLines(one, column)).join('')}`;
}

function argumentLines(argument: Argument, column: number): string {
  const names = namesOf(argument);
  const help = wrap(argument.help ?? '', width - column);
  if (help.length === 0) return `  ${names}\n`;
  const indent = ' '.repeat(column);
  const fits = names.length + 4 <= column;
  const first = fits ? `  ${names.padEnd(column - 4)}  ${help.shift()}\n` : `  ${names}\n`;
  return first + help.map((line) => `${indent}${line}\n`).join('');
}

/** A list of commands with their summaries. */
export function commandList(commands: readonly { readonly name: string; readonly summary: string }[]): string {
  return commands
    .map(({ name, summary }) => {
      const lines = wrap(summary, width - helpColumn);
      const indent = ' '.repeat(helpColumn);
      const head =
        name.length + 6 <= helpColumn ? `    ${name.padEnd(helpColumn - 6)}  ${lines.shift() ?? ''}` : `    ${name}`;
      return [head.trimEnd(), ...lines.map((line) => indent + line)].join('\n') + '\n';
    })
    .join('');
}
