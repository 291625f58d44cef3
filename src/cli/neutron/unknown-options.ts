import { looksLikeOption } from '../base/arguments.ts';
import { CommandError } from '../base/errors.ts';
import { parseBoolean } from '../base/python.ts';

/**
 * Options that a command does not know, as attributes of a request: `--router:external=True`,
 * `--provider:network_type gre`, `--dns-nameservers list=true 8.8.8.8 8.8.4.4`, `--extra type=dict a=b`,
 * `--admin-state-up type=bool False`, `--name action=clear`.
 * @throws CommandError
 */
export function attributesOf(words: readonly string[]): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (let at = 0; at < words.length;) {
    const word = words[at++] as string;
    if (!word.startsWith('-')) throw new CommandError(`Invalid values_specs ${words.join(' ')}`);
    const equals = word.indexOf('=');
    const name = (equals < 0 ? word : word.slice(0, equals)).replace(/^-+/, '').replaceAll('-', '_');
    const values = equals < 0 ? [] : [word.slice(equals + 1)];
    while (at < words.length && !looksLikeOption(words[at] as string)) values.push(words[at++] as string);
    attributes[name] = valueOf(name, values);
  }
  return attributes;
}

function valueOf(name: string, words: readonly string[]): unknown {
  const values = [...words];
  let type: string | undefined;
  let isList = false;
  for (;;) {
    const first = values[0] ?? '';
    if (/^type=/.test(first)) type = values.shift()?.slice('type='.length);
    else if (/^list=(true|false)$/i.test(first)) isList = /true$/i.test(values.shift() as string);
    else if (first === 'action=clear') return isList || type === 'list' ? [] : null;
    else break;
  }
  if (values.length === 0) return type === undefined ? true : null;
  const typed = values.map((value) => convert(name, value, type));
  return isList || typed.length > 1 ? typed : typed[0];
}

function convert(name: string, value: string, type: string | undefined): unknown {
  switch (type) {
    case 'int':
      if (!/^[+-]?\d+$/.test(value)) throw new CommandError(`--${name}: '${value}' is not an integer`);
      return Number(value);
    case 'float':
      return Number(value);
    case 'bool':
      return parseBoolean(value) ?? value;
    case 'dict':
      return dictOf(value, `--${name}`);
    default:
      return value;
  }
}

/** `a=1,b=2`. @throws CommandError */
export function dictOf(text: string, option: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CommandError(`argument ${option}: invalid key-value '${pair}'`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
