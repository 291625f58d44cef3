import { UsageError } from './errors.ts';

/** One argument of a command, as data. */
export interface Argument {
  /** `--flavor`, `--pub-key`; or a positional one's name: `<server>`. */
  readonly name: string;
  /** Other spellings: `-F`. Underscores for dashes are understood without being listed. */
  readonly aliases?: readonly string[];
  /** What stands for the value in help: `<name>`; absent for an option that takes none. */
  readonly value?: string;
  readonly help?: string;
  readonly required?: boolean;
  /** May be given several times. */
  readonly repeat?: boolean;
  /** Positional only: may be left out (`optional`), takes all that is left (`many` at least one, `any` also none). */
  readonly count?: 'one' | 'optional' | 'many' | 'any';
  readonly choices?: readonly string[];
  /** Left out of help: older spellings. */
  readonly hidden?: boolean;
}

export const isOption = (argument: Argument): boolean => argument.name.startsWith('-');

/** What was given on a command line. Names are those of the declaration, without dashes and brackets. */
export class Given {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** Options that the command does not declare, in order: neutron hands them to the service. */
  readonly unknown: readonly string[];

  constructor(values: ReadonlyMap<string, readonly string[]>, unknown: readonly string[] = []) {
    this.#values = values;
    this.unknown = unknown;
  }

  /** The last value; undefined when it was not given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** A value that the declaration demands. */
  one(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError('too few arguments');
    return value;
  }

  /** All values. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Whether it was given at all. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** A whole number. @throws UsageError */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^[+-]?\d+$/.test(value)) throw new UsageError(`argument ${name}: invalid int value: '${value}'`);
    return Number(value);
  }
}

const keyOf = (name: string): string => name.replace(/^-+|[<>]/g, '').replace(/^<|>$/g, '');
/** A negative number is a value. */
export const looksLikeOption = (word: string): boolean => /^--?[A-Za-z]/.test(word);
const normal = (option: string): string => (option.startsWith('--') ? option.replaceAll('_', '-') : option);

export interface ParseOptions {
  /** Unknown options are kept with their values instead of refused. */
  readonly passUnknown?: boolean;
  /** Stop at the first positional word: what follows belongs to the sub-command. */
  readonly stopAtWord?: boolean;
}

/**
 * Reads a command line as argparse does: `--opt value`, `--opt=value`, unambiguous beginnings, negative numbers as words,
 * `--` before words that look like options.
 * @returns what was given, and what was left over when stopped at a word
 * @throws UsageError
 */
export function parseArguments(
  declared: readonly Argument[],
  argv: readonly string[],
  { passUnknown = false, stopAtWord = false }: ParseOptions = {},
): { readonly given: Given; readonly rest: readonly string[] } {
  const options = new Map<string, Argument>();
  for (const argument of declared.filter(isOption))
    for (const name of [argument.name, ...(argument.aliases ?? [])]) options.set(normal(name), argument);
  const values = new Map<string, string[]>();
  const unknown: string[] = [];
  const words: string[] = [];
  const positionals = declared.filter((argument) => !isOption(argument));
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === '--') {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-' || /^-\d+(\.\d+)?$/.test(word)) {
      if (stopAtWord) return { given: new Given(values), rest: argv.slice(at) };
      words.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const spelled = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const argument = findOption(options, spelled, passUnknown);
    if (!argument) {
      if (!passUnknown) throw new UsageError(`unrecognized arguments: ${word}`);
      unknown.push(word);
      if (attached === undefined) at += takeUnknownValues(argv, at, unknown, words.length >= positionals.length);
      continue;
    }
    const value = valueOf(argument, spelled, attached, argv[at + 1]);
    if (argument.value !== undefined && attached === undefined) at++;
    const key = keyOf(argument.name);
    if (argument.choices && !argument.choices.includes(value))
      throw new UsageError(
        `argument ${argument.name}: invalid choice: '${value}' (choose from ${argument.choices.map((one) => `'${one}'`).join(', ')})`,
      );
    values.set(key, argument.repeat ? [...(values.get(key) ?? []), value] : [value]);
  }
  assignWords(positionals, words, values);
  const missing = declared.filter(
    (argument) => isOption(argument) && argument.required && !values.has(keyOf(argument.name)),
  );
  if (missing.length > 0) throw new UsageError(`argument ${(missing[0] as Argument).name} is required`);
  return { given: new Given(values, unknown), rest: [] };
}

function findOption(options: ReadonlyMap<string, Argument>, spelled: string, exact: boolean): Argument | undefined {
  const wanted = normal(spelled);
  const found = options.get(wanted);
  if (found || exact || !wanted.startsWith('--')) return found;
  const candidates = [...options.keys()].filter((name) => name.startsWith(wanted));
  const arguments_ = new Set(candidates.map((name) => options.get(name) as Argument));
  if (arguments_.size > 1) throw new UsageError(`ambiguous option: ${spelled} could match ${candidates.join(', ')}`);
  return [...arguments_][0];
}

function valueOf(argument: Argument, spelled: string, attached: string | undefined, next: string | undefined): string {
  if (argument.value === undefined) {
    if (attached !== undefined) throw new UsageError(`argument ${spelled}: ignored explicit argument '${attached}'`);
    return 'true';
  }
  if (attached !== undefined) return attached;
  if (next === undefined || (/^-[^-\d]|^--./.test(next) && next !== '-'))
    throw new UsageError(`argument ${spelled}: expected one argument`);
  return next;
}

/** The words after an unknown option are its values: one while positional words are still missing, else all. */
function takeUnknownValues(argv: readonly string[], at: number, unknown: string[], all: boolean): number {
  let taken = 0;
  for (const next of argv.slice(at + 1)) {
    if (looksLikeOption(next) || (taken === 1 && !all)) break;
    unknown.push(next);
    taken++;
  }
  return taken;
}

function assignWords(positionals: readonly Argument[], words: readonly string[], values: Map<string, string[]>): void {
  const needed = positionals.filter(({ count = 'one' }) => count === 'one' || count === 'many').length;
  if (words.length < needed) throw new UsageError('too few arguments');
  let spare = words.length - needed;
  let at = 0;
  for (const { name, count = 'one', choices } of positionals) {
    const least = count === 'one' || count === 'many' ? 1 : 0;
    const take = count === 'one' ? 1 : count === 'optional' ? Math.min(1, spare) : least + spare;
    spare -= take - least;
    const mine = words.slice(at, at + take);
    at += take;
    for (const word of mine)
      if (choices && !choices.includes(word))
        throw new UsageError(
          `argument ${name}: invalid choice: '${word}' (choose from ${choices.map((one) => `'${one}'`).join(', ')})`,
        );
    if (mine.length > 0) values.set(keyOf(name), mine);
  }
  if (at < words.length) throw new UsageError(`unrecognized arguments: ${words.slice(at).join(' ')}`);
}
