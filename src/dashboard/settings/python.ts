import { evaluate, Unknowable, type PythonValue } from './python-expression.ts';
import { pythonLines, type LogicalLine, type Token } from './python-tokens.ts';

/** A name at the end of the file. */
export interface Assigned {
  /** Undefined when only running the file could tell it. */
  readonly value: PythonValue | undefined;
  /** Why it is undefined: "calls a function". */
  readonly why: string;
  readonly line: number;
}

export interface PythonFile {
  readonly names: ReadonlyMap<string, Assigned>;
  /** What was passed over, one line each, with file:line. */
  readonly notes: readonly string[];
}

const compound = new Set(['if', 'for', 'while', 'try', 'with', 'def', 'class', 'async', 'match', '@']);
const goingOn = new Set(['elif', 'else', 'except', 'finally']);

/**
 * Reads the assignments of a Django settings file without running anything: text, numbers, True, False, None, lists, tuples,
 * dictionaries, and `+`, `*`, `%` on them and on earlier names. Imports, conditions, functions and everything else that
 * would have to be run are passed over with a note.
 * @param file its path, for messages
 * @throws StartupError with file:line where the file is no Python at all
 */
export function readPython(source: string, file: string): PythonFile {
  const names = new Map<string, Assigned>();
  const notes: string[] = [];
  let skipping: { line: number; word: string; lines: number } | undefined;
  const told = (): void => {
    if (skipping)
      notes.push(
        `${file}:${skipping.line}: "${skipping.word} …" is passed over${skipping.lines > 0 ? ` with its ${skipping.lines} line${skipping.lines === 1 ? '' : 's'}` : ''}: nothing in this file is run.`,
      );
    skipping = undefined;
  };
  for (const { indent, tokens } of pythonLines(source, file)) {
    const first = tokens[0] as Token;
    if (skipping && (indent > 0 || goingOn.has(first.text))) {
      skipping.lines++;
      continue;
    }
    told();
    if (compound.has(first.text) && !isTarget(tokens)) {
      skipping = { line: first.line, word: first.text, lines: 0 };
      continue;
    }
    for (const statement of split(tokens)) {
      const note = assign(statement, names);
      if (note !== null) notes.push(`${file}:${statement[0]?.line ?? first.line}: ${note}`);
    }
  }
  told();
  return { names, notes };
}

/** `match = 1` is an assignment, not a condition. */
const isTarget = (tokens: LogicalLine['tokens']): boolean => tokens[1]?.text === '=';

/** `A = 1; B = 2` */
function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'operator' && token.text === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

/** Takes one statement in. @returns what a person should know of it, or null */
function assign(tokens: readonly Token[], names: Map<string, Assigned>): string | null {
  const known = new Map<string, PythonValue>();
  for (const [name, { value }] of names) if (value !== undefined) known.set(name, value);
  const at = tokens.findIndex(({ kind, text }) => kind === 'operator' && (text === '=' || text === '+='));
  const [target, ...path] = tokens.slice(0, Math.max(at, 0));
  const first = tokens[0] as Token;
  if (!target || target.kind !== 'name')
    return tokens.length === 1 && first.kind === 'text' ? null : `"${first.text} …" is passed over: nothing is run.`;
  const unknown = (why: string): string => {
    names.set(target.text, { value: undefined, why, line: target.line });
    return `${target.text} is passed over: it ${why}, and nothing is run.`;
  };
  const annotated = path[0]?.text === ':';
  try {
    let value = evaluate(tokens.slice(at + 1), known);
    if (tokens[at]?.text === '+=') {
      if (path.length > 0) return unknown('is changed in a way that is not understood');
      value = evaluate([target, { kind: 'operator', text: '+', line: first.line }, ...tokens.slice(at + 1)], known);
    } else if (path.length > 0 && !annotated) {
      const inside = names.get(target.text)?.value;
      const changed = inside === undefined ? undefined : changeInside(inside, path, value, known);
      if (changed === undefined) return unknown('is changed in a way that is not understood');
      value = changed;
    }
    names.set(target.text, { value, why: '', line: target.line });
    return null;
  } catch (error) {
    if (error instanceof Unknowable) return unknown(error.message);
    throw error;
  }
}

/** `CACHES['default']['LOCATION'] = …`: the dictionary as it is afterwards; undefined when that is not what it says. */
function changeInside(
  inside: PythonValue,
  path: readonly Token[],
  value: PythonValue,
  known: ReadonlyMap<string, PythonValue>,
): PythonValue | undefined {
  if (path.length === 0) return value;
  const end = path.findIndex(({ kind, text }) => kind === 'operator' && text === ']');
  if (!(inside instanceof Map) || path[0]?.text !== '[' || end < 0) return undefined;
  const key = evaluate(path.slice(1, end), known);
  const rest = path.slice(end + 1);
  const old = (inside as ReadonlyMap<PythonValue, PythonValue>).get(key);
  const changed = rest.length === 0 ? value : old === undefined ? undefined : changeInside(old, rest, value, known);
  return changed === undefined ? undefined : new Map([...inside, [key, changed]]);
}
