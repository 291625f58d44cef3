import { isOption, type Argument } from './arguments.ts';

/** Columns that help is wrapped to: argparse leaves two of an 80-column terminal. */
const width = 78;
const helpColumn = 24;

/** Wraps words to lines of at most `columns`. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

function usagePart(argument: Argument): string {
  if (!isOption(argument)) {
    const { name, count = 'one' } = argument;
    if (count === 'many') return `${name} [${name} ...]`;
    return count === 'optional' ? `[${name}]` : count === 'any' ? `[${name} ...]` : name;
  }
  const body = argument.value === undefined ? argument.name : `${argument.name} ${argument.value}`;
  return argument.required ? body : `[${body}]`;
}

/** `usage: prog [--a <a>] <b>`, wrapped under itself. */
export function usageText(program: string, declared: readonly Argument[]): string {
  const shown = declared.filter((argument) => !argument.hidden);
  const parts = [...shown.filter(isOption), ...shown.filter((argument) => !isOption(argument))].map(usagePart);
  const head = `usage: ${program}`;
  if ([head, ...parts].join(' ').length <= width) return [head, ...parts].join(' ') + '\n';
  const indent = ' '.repeat(head.length + 1);
  const lines: string[] = [];
  let line = head;
  for (const part of parts) {
    if (line !== head && line.trim() !== '' && line.length + 1 + part.length > width) {
      lines.push(line);
      line = indent + part;
    } else line = line === head ? `${head} ${part}` : `${line} ${part}`;
  }
  return [...lines, line].join('\n') + '\n';
}

/** Names of arguments on the left, what they mean on the right. */
export function argumentList(title: string, declared: readonly Argument[]): string {
  const shown = declared.filter((argument) => !argument.hidden);
  if (shown.length === 0) return '';
  return `\n${title}:\n${shown.map(argumentLines).join('')}`;
}

function argumentLines(argument: Argument): string {
  const names = isOption(argument)
    ? [argument.name, ...(argument.aliases ?? [])]
        .map((name) => (argument.value === undefined ? name : `${name} ${argument.value}`))
        .join(', ')
    : argument.name;
  const help = wrap(argument.help ?? '', width - helpColumn);
  if (help.length === 0) return `  ${names}\n`;
  const indent = ' '.repeat(helpColumn);
  const fits = names.length + 4 <= helpColumn;
  const first = fits ? `  ${names.padEnd(helpColumn - 4)}  ${help.shift()}\n` : `  ${names}\n`;
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
