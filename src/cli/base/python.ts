/** A value as Python's `str` prints it: what the clients put into a cell. */
export function pyText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'object') return pyJson(value);
  return String(value);
}

/** JSON with a blank after commas and colons, as Python writes it. */
export function pyJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pyJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${pyJson(item)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

/** A value as Python's `repr` writes it inside a list or dictionary: `{u'a': 1, u'b': None}`. Keys are in byte order. */
export function pyRepr(value: unknown): string {
  if (typeof value === 'string') return `u${pyQuote(value)}`;
  if (Array.isArray(value)) return `[${value.map(pyRepr).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .toSorted(([a], [b]) => byBytes(a, b))
      .map(([key, item]) => `${pyRepr(key)}: ${pyRepr(item)}`)
      .join(', ')}}`;
  return pyText(value);
}

/** A value as Python's `pprint` writes it: in one line if it fits, else an element a line. @param indent columns before it */
export function pyPretty(value: unknown, indent = 0): string {
  const line = pyRepr(value);
  if (line.length + indent <= 80 || typeof value !== 'object' || value === null) return line;
  const gap = `,\n${' '.repeat(indent + 1)}`;
  if (Array.isArray(value)) return `[${value.map((one) => pyPretty(one, indent + 1)).join(gap)}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => byBytes(a, b));
  return `{${entries.map(([key, one]) => `${pyRepr(key)}: ${pyPretty(one, indent + pyRepr(key).length + 3)}`).join(gap)}}`;
}

/** A value as Python's `str` writes it: a text as it is, anything else as `repr` does. */
export const pyStr = (value: unknown): string => (typeof value === 'string' ? value : pyRepr(value ?? null));

/** Python 2's order of values of any kind: None, numbers, dictionaries, lists, texts. */
export function pyCompare(a: unknown, b: unknown): number {
  const [first, second] = [rank(a), rank(b)];
  if (first !== second) return first - second;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let at = 0; at < Math.min(a.length, b.length); at++) {
      const order = pyCompare(a[at], b[at]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (typeof a === 'string' && typeof b === 'string') return byBytes(a, b);
  return first === 1 ? Number(a) - Number(b) : byBytes(pyRepr(a), pyRepr(b));
}

function rank(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'number' || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return 4;
  return Array.isArray(value) ? 3 : 2;
}

/** A text in Python's quotes: single ones, unless it has one and no double ones. */
function pyQuote(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    [quote]: `\\${quote}`,
  };
  const escaped = Array.from(text, (character) => {
    const code = character.codePointAt(0) as number;
    if (escapes[character] !== undefined) return escapes[character];
    if (code >= 0x20 && code < 0x7f) return character;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return quote + escaped.join('') + quote;
}

/** A number that Python keeps as a float: `1.0`. */
export const pyFloat = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** Byte order: capitals before lower case. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `true`, `1`, `t`, `yes`, `on`: what the clients take as true; undefined for what is neither true nor false. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(true|1|t|y|yes|on)$/i.test(text)) return true;
  if (/^(false|0|f|n|no|off)$/i.test(text)) return false;
  return undefined;
}
