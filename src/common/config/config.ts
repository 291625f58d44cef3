/**
 * Typed options over OpenStack's INI files (oslo.config).
 *
 * A service declares its options once (`src/<service>/config.ts`); each daemon reads them from the manual's files, the
 * command line and the environment. Values of the wrong type are a start-up error that names file, line and option.
 */

/** One option: its type, its default, and what an operator should know of it. */
export interface Option<T> {
  readonly type: string;
  /** @throws Error with the reason when the text is no such value */
  readonly parse: (text: string) => T;
  readonly default: T;
  readonly help: string;
  /** Older spellings, `section/name`; a use is accepted and reported once. */
  readonly deprecated?: readonly string[];
  /** Never shown: not in logs, not in `igloo doctor`. */
  readonly secret?: boolean;
}

export interface OptionSettings<T> {
  readonly default: T;
  readonly help: string;
  readonly deprecated?: readonly string[];
  readonly secret?: boolean;
}

const option =
  <T>(type: string, parse: (text: string) => T) =>
  (settings: OptionSettings<T>): Option<T> => ({ type, parse, ...settings });

const fail = (text: string, wanted: string): never => {
  throw new Error(`"${text}" is not ${wanted}`);
};

const parseBool = (text: string): boolean =>
  /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : fail(text, 'a boolean');

/** Text; surrounding quotes are kept out. */
export const str = option<string>('string', (text) => text.replace(/^(['"])(.*)\1$/, '$2'));
/** Text that may be unset. */
export const optionalStr = option<string | null>('string', (text) => text.replace(/^(['"])(.*)\1$/, '$2'));
export const int = option<number>('integer', (text) =>
  /^[+-]?\d+$/.test(text) ? Number(text) : fail(text, 'an integer'),
);
export const float = option<number>('float', (text) =>
  text !== '' && Number.isFinite(Number(text)) ? Number(text) : fail(text, 'a number'),
);
export const bool = option<boolean>('boolean', parseBool);
/** Comma separated. */
export const list = option<readonly string[]>('list', (text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
/** One of a closed set, case kept. */
export const oneOf = <const V extends string>(
  values: readonly V[],
  settings: OptionSettings<V>,
  aliases: Readonly<Record<string, V>> = {},
): Option<V> =>
  option<V>(values.join('|'), (text) => {
    const value = aliases[text] ?? (values as readonly string[]).find((v) => v === text);
    return (value as V | undefined) ?? fail(text, `one of ${values.join(', ')}`);
  })(settings);

/** Section → option name → declaration. Section names are compared without regard to case. */
export type OptionTable = Readonly<Record<string, Readonly<Record<string, Option<unknown>>>>>;

/** The values of a table: `conf.DEFAULT.my_ip`. */
export type ConfigOf<T> = {
  readonly [S in keyof T]: { readonly [O in keyof T[S]]: T[S][O] extends Option<infer V> ? V : never };
};

/** One value as somebody wrote it, with where, for messages. */
export interface RawValue {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  /** `/etc/nova/nova.conf:12`, `--my_ip`, `igloo up` */
  readonly origin: string;
}

/** Everything that was said, in reading order: a later value of an option wins. */
export interface ConfigSource {
  readonly values: readonly RawValue[];
}
