import { StartupError } from '../daemon.ts';
import type { RawValue } from './config.ts';

const delimiter = /[=:]/;

/** An option whose value may go on in the following lines. */
interface Open {
  readonly name: string;
  readonly line: number;
  readonly value: string[];
}

/**
 * Reads oslo.config's INI dialect: `[section]`, `option = value` or `option: value`, `#` and `;` comments, values that go
 * on in indented lines (joined by a line break), options before any section belonging to DEFAULT. A repeated option gives
 * one value each time, in order. Section names keep their case; whoever looks them up compares without.
 *
 * @param file the name to use in origins and errors
 * @throws StartupError naming file and line
 */
export function parseIni(text: string, file: string): readonly RawValue[] {
  const values: RawValue[] = [];
  let section = 'DEFAULT';
  let open: Open | undefined;

  const fail = (line: number, why: string): never => {
    throw new StartupError(`${file}:${line}: ${why}`);
  };
  const flush = (): void => {
    if (open) values.push({ section, name: open.name, value: open.value.join('\n'), origin: `${file}:${open.line}` });
    open = undefined;
  };

  for (const [index, full] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const number = index + 1;
    const line = full.trimEnd();
    const content = line.trimStart();
    if (content === '') {
      flush();
    } else if (content.startsWith('#') || content.startsWith(';')) {
      continue; // an indented comment too: nobody means it as a part of the value above
    } else if (content !== line) {
      if (!open)
        fail(number, `"${content}" is indented, but there is no option above that it could continue. Unindent it.`);
      else open.value.push(content);
    } else if (content.startsWith('[')) {
      flush();
      const name = /^\[([^\]]+)\]$/.exec(content)?.[1]?.trim();
      section = name ?? fail(number, `"${content}" is no section header. Write it as [name].`);
    } else {
      flush();
      const at = content.search(delimiter);
      if (at < 0) fail(number, `"${content}" is neither a section nor an option. Write it as option = value.`);
      const name = content.slice(0, at).trim();
      if (name === '') fail(number, `there is no option name before "${content[at]}".`);
      open = { name, line: number, value: [content.slice(at + 1).trim()] };
    }
  }
  flush();
  return values;
}
