import type { Argument, Given } from '../base/arguments.ts';
import { CommandError } from '../base/errors.ts';
import type { Item, Kind, NeutronApi } from './api.ts';

/** An option that becomes the attribute of its name; the placeholder is the name in capitals. */
export const option = (name: string, help: string, more: Partial<Argument> = {}): Argument => ({
  name: `--${name}`,
  value: more.choices ? `{${more.choices.join(',')}}` : name.toUpperCase().replaceAll('-', '_'),
  help,
  ...more,
});

export const adminStateDown: Argument = { name: '--admin-state-down', help: 'Set admin state up to false' };
export const adminState = (given: Given): Item => ({ admin_state_up: !given.has('admin-state-down') });
export const shared = (help: string): Argument => ({ name: '--shared', help });

/** The attributes of those options that were given. */
export const attributesGiven = (given: Given, ...names: readonly string[]): Item =>
  Object.fromEntries(
    names.flatMap((name) => (given.has(name) ? [[name.replaceAll('-', '_'), given.text(name)] as const] : [])),
  );

/** The id of what an option or argument names, under the attribute of that name. */
export async function idAttribute(api: NeutronApi, kind: Kind, attribute: string, named: string): Promise<Item> {
  return { [attribute]: await api.idOf(kind, named) };
}

/** A positive whole number. @throws CommandError in the words of `refuse` */
export function wholeNumber(text: string, least: number, refuse: string): number {
  if (!/^\d+$/.test(text) || Number(text) < least) throw new CommandError(refuse);
  return Number(text);
}
