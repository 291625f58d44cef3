/**
 * The regular expressions with which clients look for names. A JavaScript RegExp can be made to run for years by whoever
 * writes it; here all alternatives advance together, so the time is pattern × text and no more.
 */

type Test = (char: string) => boolean;
type Node =
  | { readonly kind: 'char'; readonly test: Test }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: 0 | 1; readonly many: boolean }
  | { readonly kind: 'start' | 'end' };

interface State {
  readonly test?: Test;
  readonly assert?: 'start' | 'end';
  next: State[];
}

const classes: Readonly<Record<string, Test>> = {
  d: (c) => /\d/.test(c),
  D: (c) => /\D/.test(c),
  w: (c) => /\w/.test(c),
  W: (c) => /\W/.test(c),
  s: (c) => /\s/.test(c),
  S: (c) => /\S/.test(c),
};

/** @throws SyntaxError for a malformed pattern */
function parse(pattern: string): Node {
  let at = 0;
  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at position ${at} of "${pattern}"`);
  };
  const either = (): Node => {
    const parts = [sequence()];
    while (pattern[at] === '|') {
      at++;
      parts.push(sequence());
    }
    return { kind: 'either', parts };
  };
  const sequence = (): Node => {
    const parts: Node[] = [];
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') parts.push(repeated());
    return { kind: 'sequence', parts };
  };
  const repeated = (): Node => {
    let node = atom();
    while ('*+?'.includes(pattern[at] ?? ' ')) {
      const sign = pattern[at++];
      node = { kind: 'repeat', node, min: sign === '+' ? 1 : 0, many: sign !== '?' };
    }
    return node;
  };
  const atom = (): Node => {
    const c = pattern[at++] as string;
    if (c === '(') {
      if (pattern.startsWith('?:', at)) at += 2;
      const inner = either();
      if (pattern[at++] !== ')') fail('A closing parenthesis is missing');
      return inner;
    }
    if (c === '[') return { kind: 'char', test: set() };
    if (c === '.') return { kind: 'char', test: () => true };
    if (c === '^') return { kind: 'start' };
    if (c === '$') return { kind: 'end' };
    if ('*+?'.includes(c)) fail('Nothing to repeat');
    if (c === '\\') return { kind: 'char', test: escaped() };
    return { kind: 'char', test: (other) => other.toLowerCase() === c.toLowerCase() };
  };
  const escaped = (): Test => {
    const c = pattern[at++] ?? fail('The pattern ends in a backslash');
    return classes[c] ?? ((other) => other.toLowerCase() === c.toLowerCase());
  };
  const set = (): Test => {
    const negated = pattern[at] === '^';
    if (negated) at++;
    const tests: Test[] = [];
    for (let first = true; pattern[at] !== ']' || first; first = false) {
      const low = pattern[at++] ?? fail('A closing bracket is missing');
      if (low === '\\') tests.push(escaped());
      else if (pattern[at] === '-' && pattern[at + 1] !== ']' && at + 1 < pattern.length) {
        const high = pattern[at + 1] as string;
        at += 2;
        tests.push((c) => [c, c.toLowerCase(), c.toUpperCase()].some((one) => low <= one && one <= high));
      } else tests.push((c) => c.toLowerCase() === low.toLowerCase());
    }
    at++;
    return (c) => tests.some((test) => test(c)) !== negated;
  };
  const whole = either();
  if (at < pattern.length) fail('An unexpected closing parenthesis');
  return whole;
}

/** Puts the states of `node` before `after`; gives where they begin. */
function build(node: Node, after: State): State {
  switch (node.kind) {
    case 'char':
      return { test: node.test, next: [after] };
    case 'start':
    case 'end':
      return { assert: node.kind, next: [after] };
    case 'sequence':
      return node.parts.reduceRight((next, part) => build(part, next), after);
    case 'either':
      return { next: node.parts.map((part) => build(part, after)) };
    case 'repeat': {
      const again: State = { next: [] };
      const body = build(node.node, node.many ? again : after);
      again.next = [body, after];
      return node.min === 1 ? body : { next: [body, after] };
    }
  }
}

/** Finds `pattern` anywhere in a text, without regard to case. @throws SyntaxError for a malformed pattern */
export function compileNamePattern(pattern: string): (text: string) => boolean {
  const accepted: State = { next: [] };
  const first = build(parse(pattern), accepted);
  return (text) => {
    const chars = [...text];
    let current = new Set<State>();
    const reach = (state: State, at: number): void => {
      if (current.has(state)) return;
      current.add(state);
      if (state.test) return;
      if (state.assert === 'start' && at !== 0) return;
      if (state.assert === 'end' && at !== chars.length) return;
      for (const next of state.next) reach(next, at);
    };
    for (let at = 0; ; at++) {
      reach(first, at);
      if (current.has(accepted)) return true;
      if (at === chars.length) return false;
      const before = current;
      current = new Set();
      for (const state of before)
        if (state.test?.(chars[at] as string)) for (const next of state.next) reach(next, at + 1);
    }
  };
}

/** Whether the pattern is plain text, which the database can look for by itself. */
export const isPlainText = (pattern: string): boolean => !/[\\^$.*+?()[\]{}|]/.test(pattern);
