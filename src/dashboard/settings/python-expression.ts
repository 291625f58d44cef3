import type { Token } from './python-tokens.ts';

/** Lists and tuples are arrays. */
export type PythonValue = string | number | boolean | null | PythonList | PythonDict;
export type PythonList = readonly PythonValue[];
export type PythonDict = ReadonlyMap<PythonValue, PythonValue>;

/** Only running the expression would tell its value. The message goes on after "it": "calls a function". */
export class Unknowable extends Error {
  override readonly name = 'Unknowable';
}

const constants: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

/**
 * The value of an expression of literals and earlier names.
 * @throws Unknowable for everything else
 */
export function evaluate(tokens: readonly Token[], names: ReadonlyMap<string, PythonValue>): PythonValue {
  let at = 0;
  const peek = (): string => {
    const token = tokens[at];
    return token?.kind === 'operator' || token?.kind === 'name' ? token.text : '';
  };
  const isOperator = (...texts: readonly string[]): boolean =>
    tokens[at]?.kind === 'operator' && texts.includes(tokens[at]?.text ?? '');
  const taken = (text: string): boolean => isOperator(text) && ++at > 0;
  const must = (text: string): void => {
    if (!taken(text)) notUnderstood();
  };
  const notUnderstood = (): never => {
    if (isOperator('(')) throw new Unknowable('calls a function');
    if (isOperator('.')) throw new Unknowable('asks an object for something');
    throw new Unknowable(tokens[at] ? `is not understood from "${tokens[at]?.text}" on` : 'has no value');
  };

  const items = (end: string): PythonValue[] => {
    const found: PythonValue[] = [];
    while (!taken(end)) {
      found.push(sum());
      if (!isOperator(end)) must(',');
    }
    return found;
  };
  const dictionary = (): PythonDict => {
    const found = new Map<PythonValue, PythonValue>();
    while (!taken('}')) {
      const key = sum();
      must(':');
      found.set(key, sum());
      if (!isOperator('}')) must(',');
    }
    return found;
  };
  const parenthesised = (): PythonValue => {
    if (taken(')')) return [];
    const first = sum();
    if (taken(')')) return first;
    must(',');
    return [first, ...items(')')];
  };
  const atom = (): PythonValue => {
    const token = tokens[at];
    if (token?.kind === 'text') {
      let text = '';
      for (; tokens[at]?.kind === 'text'; at++) text += String(tokens[at]?.value);
      if (tokens[at]?.kind === 'code') throw new Unknowable('holds an f-string');
      return text;
    }
    if (token?.kind === 'code') throw new Unknowable('holds an f-string');
    if (token?.kind === 'number') {
      at++;
      return token.value as number;
    }
    if (token?.kind === 'name') {
      at++;
      const value = constants.has(token.text) ? constants.get(token.text) : names.get(token.text);
      if (value !== undefined) return value;
      if (isOperator('(', '.')) notUnderstood();
      throw new Unknowable(`needs ${token.text}, which this file does not plainly set`);
    }
    if (taken('(')) return parenthesised();
    if (taken('[')) return items(']');
    if (taken('{')) return dictionary();
    return notUnderstood();
  };
  const trailed = (): PythonValue => {
    const value = atom();
    if (isOperator('(', '.', '[')) notUnderstood();
    return value;
  };
  const signed = (): PythonValue => {
    const sign = isOperator('-', '+') ? tokens[at++]?.text : undefined;
    if (sign === undefined) return trailed();
    const value = signed();
    if (typeof value !== 'number') throw new Unknowable(`has a ${sign} before what is no number`);
    return sign === '-' ? -value : value;
  };
  const product = (): PythonValue => {
    let value = signed();
    while (isOperator('*', '/', '//', '%', '**')) value = combine(tokens[at++]?.text as string, value, signed());
    return value;
  };
  const sum = (): PythonValue => {
    let value = product();
    while (isOperator('+', '-')) value = combine(tokens[at++]?.text as string, value, product());
    return value;
  };

  let value = sum();
  // `A = 1, 2` is a tuple.
  if (isOperator(',')) {
    const rest: PythonValue[] = [value];
    while (taken(',') && at < tokens.length) rest.push(sum());
    value = rest;
  }
  if (at < tokens.length) {
    if (['if', 'for', 'and', 'or', 'in', 'is', 'not'].includes(peek())) throw new Unknowable('depends on a condition');
    notUnderstood();
  }
  return value;
}

function combine(operator: string, left: PythonValue, right: PythonValue): PythonValue {
  if (operator === '%' && typeof left === 'string') return format(left, right);
  if (typeof left === 'number' && typeof right === 'number') {
    if ((operator === '/' || operator === '//' || operator === '%') && right === 0)
      throw new Unknowable('divides by zero');
    if (operator === '+') return left + right;
    if (operator === '-') return left - right;
    if (operator === '*') return left * right;
    if (operator === '/') return left / right;
    if (operator === '//') return Math.floor(left / right);
    if (operator === '%') return left - right * Math.floor(left / right);
  }
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (operator === '+' && Array.isArray(left) && Array.isArray(right))
    return [...(left as PythonList), ...(right as PythonList)];
  throw new Unknowable(`uses ${operator} in a way that is not understood`);
}

/** `"http://%s:5000/v3" % OPENSTACK_HOST`, with a tuple or a dictionary too. */
function format(pattern: string, values: PythonValue): string {
  const queue = Array.isArray(values) ? [...(values as PythonList)] : [values];
  const next = (key: string | undefined): PythonValue => {
    const value =
      key === undefined ? queue.shift() : values instanceof Map ? (values as PythonDict).get(key) : undefined;
    if (value === undefined) throw new Unknowable(`has a % without a value: ${pattern}`);
    return value;
  };
  const text = pattern.replace(
    /%(?:\(([^)]*)\))?([-+ #0-9.]*)(.)?/gs,
    (all: string, key: string | undefined, flags: string, kind: string | undefined) => {
      if (kind === '%') return '%';
      if (kind === undefined || !'sdi'.includes(kind) || flags !== '')
        throw new Unknowable(`formats by ${all}, which is not understood`);
      const value = next(key);
      if (typeof value === 'object') throw new Unknowable('writes a list or None into a text');
      if (typeof value === 'boolean') return value ? 'True' : 'False';
      return String(value);
    },
  );
  if (!(values instanceof Map) && queue.length > 0) throw new Unknowable(`has more values than ${pattern} takes`);
  return text;
}
