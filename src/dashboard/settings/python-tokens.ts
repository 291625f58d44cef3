import { StartupError } from '#common/daemon.ts';

export interface Token {
  /** `number` and `text` are literals; `code` is a literal that only running it would give (an f-string). */
  readonly kind: 'name' | 'number' | 'text' | 'code' | 'operator';
  readonly text: string;
  /** Of a literal. */
  readonly value?: string | number;
  readonly line: number;
}

/** A statement's tokens, however many lines of the file it has. */
export interface LogicalLine {
  readonly indent: number;
  readonly tokens: readonly Token[];
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const operators = /\*\*=|\/\/=|<<=|>>=|\.\.\.|[-+*/%&|^@!=<>:]=|->|\*\*|\/\/|<<|>>|[-+*/%&|^@=<>:~.,;()[\]{}]/y;
const names = /[\p{L}_][\p{L}\p{N}_]*/uy;
const numbers = /0[xX][\dA-Fa-f_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?/y;
const quotes = /([A-Za-z]{0,2})('''|"""|'|")/y;
const blanks = /[ \t\f]+|#[^\n]*|\\\r?\n/y;

/**
 * Splits Python source into logical lines: what brackets or a backslash hold together is one, comments are left out.
 * @throws StartupError with file:line for what Python could not read either: an open bracket or string
 */
export function pythonLines(source: string, file: string): readonly LogicalLine[] {
  const text = source.replace(/^\uFEFF/, '');
  const lines: LogicalLine[] = [];
  const open: Token[] = [];
  let tokens: Token[] = [];
  let [at, line, indent] = [0, 1, 0];

  const fail = (where: number, why: string): never => {
    throw new StartupError(`${file}:${where}: ${why}`);
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const literal = (prefix: string, quote: string, from: number): Token => {
    const start = at;
    for (;;) {
      if (at >= text.length || (quote.length === 1 && text[at] === '\n'))
        fail(from, `the text that begins with ${quote} does not end. Close it with ${quote}.`);
      if (text.startsWith(quote, at)) break;
      if (text[at] === '\\') at++;
      if (text[at] === '\n') line++;
      at++;
    }
    const raw = text.slice(start, at);
    at += quote.length;
    if (/f/i.test(prefix)) return { kind: 'code', text: 'an f-string', line: from };
    return { kind: 'text', text: raw, value: /r/i.test(prefix) ? raw : unescape(raw), line: from };
  };

  const endLine = (): void => {
    if (tokens.length > 0) lines.push({ indent, tokens });
    tokens = [];
  };
  while (at < text.length) {
    if (tokens.length === 0 && open.length === 0 && (at === 0 || text[at - 1] === '\n'))
      indent = /^[ \t\f]*/.exec(text.slice(at, at + 200))?.[0].length ?? 0;
    const blank = match(blanks);
    if (blank) {
      if (blank[0].startsWith('\\')) line++;
      continue;
    }
    if (text[at] === '\n' || text[at] === '\r') {
      if (text[at] === '\n') {
        line++;
        if (open.length === 0) endLine();
      }
      at++;
      continue;
    }
    const quoted = match(quotes);
    if (quoted) {
      tokens.push(literal(quoted[1] as string, quoted[2] as string, line));
      continue;
    }
    const name = match(names);
    if (name) {
      tokens.push({ kind: 'name', text: name[0], line });
      continue;
    }
    const number = match(numbers);
    if (number) {
      tokens.push({ kind: 'number', text: number[0], value: Number(number[0].replaceAll('_', '')), line });
      continue;
    }
    const operator = match(operators)?.[0] ?? fail(line, `"${text[at] ?? ''}" is not Python. Remove it.`);
    const token: Token = { kind: 'operator', text: operator, line };
    if (closing[operator]) open.push(token);
    else if (')]}'.includes(operator)) {
      const opened = open.pop();
      if (!opened || closing[opened.text] !== operator)
        fail(
          line,
          opened
            ? `"${operator}" closes the "${opened.text}" of line ${opened.line}.`
            : `"${operator}" closes nothing.`,
        );
    }
    tokens.push(token);
  }
  const left = open.at(-1);
  if (left) fail(left.line, `this "${left.text}" is not closed: "${closing[left.text]}" is missing.`);
  endLine();
  return lines;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

const unescape = (raw: string): string =>
  raw.replace(
    /\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-7]{1,3})|([\s\S]))/g,
    (all: string, x?: string, u?: string, wide?: string, octal?: string, one = '') => {
      const hex = x ?? u ?? wide;
      if (hex !== undefined) return String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      return `\\'"`.includes(one) ? one : (escapes[one] ?? all);
    },
  );
