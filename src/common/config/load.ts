import { StartupError } from '../daemon.ts';
import type { ConfigOf, ConfigSource, Option, OptionTable, RawValue } from './config.ts';
import { createSubstitution } from './substitute.ts';

export { fromObject, mergeSources, readConfigFiles, type PlainValue } from './sources.ts';
export { sampleConfig } from './sample.ts';

/** Uses of deprecated spellings that were reported: several tables of one daemon hear the same option. */
const reported = new WeakSet<RawValue>();

/** Told, one line each, what an operator should change: deprecated spellings, references to nothing. */
export type Report = (line: string) => void;

/** `section/name` as compared: sections without regard to case, `-` and `_` alike in names as oslo.config has it. */
export const optionKey = (section: string, name: string): string =>
  `${section.toLowerCase()}/${name.replaceAll('-', '_')}`;

const deprecatedKey = (spelling: string): string => {
  const slash = spelling.indexOf('/');
  return optionKey(spelling.slice(0, slash), spelling.slice(slash + 1));
};

/**
 * Reads a table's options from what was said. The last value of an option wins, whether by its name or by a deprecated
 * spelling (reported once each); `$name` and `${section.name}` are substituted, `$$` is a dollar sign. Options that were
 * not said have their defaults; a text default may refer to other options too.
 *
 * @throws StartupError naming file:line, section/option, what was expected, for the first value of a wrong type
 */
export function loadConfig<const T extends OptionTable>(
  table: T,
  source: ConfigSource,
  report: Report = () => undefined,
): ConfigOf<T> {
  const said = new Map<string, RawValue>();
  const order = new Map<RawValue, number>();
  for (const [index, raw] of source.values.entries()) {
    said.set(optionKey(raw.section, raw.name), raw);
    order.set(raw, index);
  }

  const find = (section: string, name: string, option: Option<unknown>): RawValue | undefined => {
    let found = said.get(optionKey(section, name));
    for (const spelling of option.deprecated ?? []) {
      const raw = said.get(deprecatedKey(spelling));
      if (!raw) continue;
      if (!reported.has(raw))
        report(
          `${raw.origin}: [${raw.section}] ${raw.name} is a deprecated spelling; write [${section}] ${name} instead.`,
        );
      reported.add(raw);
      if (!found || (order.get(raw) ?? 0) > (order.get(found) ?? 0)) found = raw;
    }
    return found;
  };

  const declared = new Map<string, { raw: RawValue | undefined; option: Option<unknown> }>();
  for (const [section, options] of Object.entries(table)) {
    for (const [name, option] of Object.entries(options)) {
      declared.set(optionKey(section, name), { raw: find(section, name, option), option });
    }
  }

  const substitute = createSubstitution((section, name) => {
    const key = optionKey(section, name);
    const entry = declared.get(key);
    const raw = entry ? entry.raw : said.get(key);
    if (raw) return { section: raw.section, text: raw.value, origin: raw.origin };
    const preset = entry?.option.default;
    if (preset === undefined) return undefined;
    return { section, text: preset === null ? '' : String(preset), origin: `default of [${section}] ${name}` };
  }, report);

  const valueOf = (section: string, name: string, option: Option<unknown>): unknown => {
    const raw = declared.get(optionKey(section, name))?.raw;
    if (!raw) {
      const preset = option.default;
      const refers = typeof preset === 'string' && preset.includes('$');
      return refers ? substitute(preset, section, `default of [${section}] ${name}`, option.secret === true) : preset;
    }
    const text = substitute(raw.value, section, raw.origin, option.secret === true);
    try {
      return option.parse(text);
    } catch (error) {
      const why = option.secret ? `its value is not of type ${option.type}` : (error as Error).message;
      throw new StartupError(
        `${raw.origin}: [${raw.section}] ${raw.name}: ${why}. Expected: ${option.type}. Correct the value or remove the line.`,
      );
    }
  };

  const result: Record<string, Record<string, unknown>> = {};
  for (const [section, options] of Object.entries(table)) {
    result[section] = Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, valueOf(section, name, option)]),
    );
  }
  return result as ConfigOf<T>;
}

/** What was said that no option of the table hears: a misspelling, or an option of another program of the same file. */
export function unknownOptions(table: OptionTable, source: ConfigSource): readonly RawValue[] {
  const known = new Set<string>();
  for (const [section, options] of Object.entries(table)) {
    for (const [name, option] of Object.entries(options)) {
      known.add(optionKey(section, name));
      for (const spelling of option.deprecated ?? []) known.add(deprecatedKey(spelling));
    }
  }
  return source.values.filter((raw) => !known.has(optionKey(raw.section, raw.name)));
}
