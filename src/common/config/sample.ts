import type { Option, OptionTable } from './config.ts';

const width = 100;

/** Prints a documented configuration file with every option of the table at its default, commented out. */
export function sampleConfig(table: OptionTable): string {
  return Object.entries(table)
    .map(([section, options]) => {
      const entries = Object.entries(options).map(([name, option]) => sampleOption(name, option));
      return [`[${section}]`, ...entries].join('\n\n');
    })
    .join('\n\n')
    .concat('\n');
}

function sampleOption(name: string, option: Option<unknown>): string {
  const lines = [...wrap(option.help), `Type: ${option.type}`];
  if (option.deprecated?.length) {
    lines.push(`Deprecated spellings: ${option.deprecated.map((d) => `[${d.replace('/', '] ')}`).join(', ')}`);
  }
  return [...lines.map((line) => `# ${line}`), `#${name} = ${shown(option.default)}`].join('\n');
}

const shown = (value: unknown): string =>
  value === null || value === undefined ? '<unset>' : Array.isArray(value) ? value.join(',') : String(value);

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
