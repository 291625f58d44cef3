import { UsageError } from './errors.ts';

/** One argument of a command, as data. */
export interface Argument {
  /** `--flavor`, `--pub-key`; or a positional one's name: `<server>`. */
  readonly name: string;
  /** Other spellings: `-F`. Underscores for dashes are understood without being listed. */
  readonly aliases?: readonly string[];
  /** Older spellings, understood but not in help. */
  readonly formerly?: readonly string[];
  /** What stands for the value in help: `<name>`; absent for an option that takes none. */
  readonly value?: string;
  readonly help?: string;
  readonly required?: boolean;
  /** May be given several times. */
  readonly repeat?: boolean;
  /**
   * How many words it takes: one, at most one (`optional`), all that is left (`many` at least one, `any` also none). An
   * option takes the words up to the next option.
   */
  readonly count?: 'one' | 'optional' | 'many' | 'any';
  readonly choices?: readonly string[];
  /** What its words must be; checked with the command line. */
  readonly type?: 'int' | 'float';
  /** Another option that it cannot be given with, declared just before. */
  readonly notWith?: string;
  /** Left out of help. */
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

  /** A number; the command line was checked for it where the declaration has a type. @throws UsageError */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!isInteger(value)) throw new UsageError(`argument ${name}: invalid int value: '${value}'`);
    return Number(value);
  }
}

const isInteger = (word: string): boolean => /^\s*[+-]?\d+\s*$/.test(word);
const isFloat = (word: string): boolean => word.trim() !== '' && Number.isFinite(Number(word));

const keyOf = (name: string): string => name.replace(/^-+|[<>]/g, '').replace(/^<|>$/g, '');
/** A negative number is a value, and so is what has a blank in it. */
export const looksLikeOption = (word: string): boolean => /^--?[A-Za-z]/.test(word) && !/^[^=]* /.test(word);
/** How error messages call an argument: all its spellings. */
const spelling = ({ name, aliases = [] }: Argument): string => displayNames(name, aliases).join('/');
/** Short spellings come before long ones. */
export const displayNames = (name: string, aliases: readonly string[] = []): readonly string[] =>
  [name, ...aliases].toSorted((a, b) => Number(a.startsWith('--')) - Number(b.startsWith('--')));
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
    for (const name of [argument.name, ...(argument.aliases ?? []), ...(argument.formerly ?? [])])
      options.set(normal(name), argument);
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
    if (
      !word.startsWith('-') ||
      word === '-' ||
      /^-\d+(\.\d+)?$/.test(word) ||
      / /.test(word.split('=')[0] as string)
    ) {
      if (stopAtWord) return { given: new Given(values), rest: argv.slice(at) };
      words.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const spelled = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const argument = findOption(options, spelled, passUnknown);
    if (!argument) {
      if (!passUnknown) {
        const words = argv.slice(at + 1).some((one) => !looksLikeOption(one));
        throw stopAtWord && !words
          ? new UsageError('too few arguments', 'client')
          : new UsageError(`unrecognized arguments: ${word}`, 'client');
      }
      unknown.push(word);
      if (attached === undefined) at += takeUnknownValues(argv, at, unknown, words.length >= positionals.length);
      continue;
    }
    const { taken, found } = valuesOf(argument, attached, argv.slice(at + 1));
    at += taken;
    const key = keyOf(argument.name);
    check(argument, found);
    values.set(key, argument.repeat ? [...(values.get(key) ?? []), ...found] : found);
  }
  assignWords(positionals, words, values);
  const missing = declared.find(
    (argument) => isOption(argument) && argument.required && !values.has(keyOf(argument.name)),
  );
  if (missing) throw new UsageError(`argument ${spelling(missing)} is required`);
  for (const argument of declared) {
    const { notWith } = argument;
    if (notWith !== undefined && values.has(keyOf(argument.name)) && values.has(keyOf(notWith)))
      throw new UsageError(`argument ${spelling(argument)}: not allowed with argument ${notWith}`);
  }
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

/** The words that belong to an option. @throws UsageError */
function valuesOf(
  argument: Argument,
  attached: string | undefined,
  next: readonly string[],
): { readonly taken: number; readonly found: string[] } {
  const { value, count = 'one' } = argument;
  if (value === undefined) {
    if (attached !== undefined)
      throw new UsageError(`argument ${spelling(argument)}: ignored explicit argument '${attached}'`);
    return { taken: 0, found: ['true'] };
  }
  if (attached !== undefined) return { taken: 0, found: [attached] };
  const end = next.findIndex((word) => looksLikeOption(word) || word === '--');
  const available = end < 0 ? next : next.slice(0, end);
  if (available.length === 0 && (count === 'one' || count === 'many'))
    throw new UsageError(
      `argument ${spelling(argument)}: expected ${count === 'one' ? 'one argument' : 'at least one argument'}`,
    );
  const found = count === 'one' || count === 'optional' ? available.slice(0, 1) : [...available];
  return { taken: found.length, found };
}

/** @throws UsageError for a word that is not of the choices or the type */
function check(argument: Argument, words: readonly string[]): void {
  for (const word of words) {
    if (argument.type && !(argument.type === 'int' ? isInteger(word) : isFloat(word)))
      throw new UsageError(`argument ${spelling(argument)}: invalid ${argument.type} value: '${word}'`);
    if (argument.choices && !argument.choices.includes(word))
      throw new UsageError(
        `argument ${spelling(argument)}: invalid choice: '${word}' (choose from ${argument.choices.map((one) => `'${one}'`).join(', ')})`,
      );
  }
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
  for (const argument of positionals) {
    const { name, count = 'one' } = argument;
    const least = count === 'one' || count === 'many' ? 1 : 0;
    const take = count === 'one' ? 1 : count === 'optional' ? Math.min(1, spare) : least + spare;
    spare -= take - least;
    const mine = words.slice(at, at + take);
    at += take;
    check(argument, mine);
    if (mine.length > 0) values.set(keyOf(name), mine);
  }
  if (at < words.length) throw new UsageError(`unrecognized arguments: ${words.slice(at).join(' ')}`, 'client');
}
