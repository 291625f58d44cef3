import type { Argument, Given } from '../base/arguments.ts';
import type { Version } from './api.ts';

/** The attributes that hold a name and a description: `display_name` in version 1, `name` in version 2. */
export const nameKey = (version: Version): 'display_name' | 'name' => (version === '1' ? 'display_name' : 'name');
const descriptionKey = (version: Version): string => (version === '1' ? 'display_description' : 'description');

/** `--display-name <display-name>`, or `--name <name>` that understands the older one too. */
export const nameOption = (version: Version, help: string): Argument =>
  version === '1'
    ? { name: '--display-name', value: '<display-name>', help }
    : { name: '--name', formerly: ['--display-name'], value: '<name>', help };
export const descriptionOption = (version: Version, help: string): Argument =>
  version === '1'
    ? { name: '--display-description', value: '<display-description>', help }
    : { name: '--description', formerly: ['--display-description'], value: '<description>', help };
/** The new name of something that is renamed. */
export const newName = (version: Version, what: string): Argument => ({
  name: version === '1' ? '<display-name>' : '<name>',
  count: 'optional',
  help: `New ${version === '1' ? 'display-name' : 'name'} for the ${what}.`,
});

/** What was given for a name and a description, under the attributes' names. */
export const namesOf = (
  version: Version,
  given: Given,
): { readonly name: string | undefined; readonly description: string | undefined } => ({
  name: given.text(nameKey(version).replace('_', '-')),
  description: given.text(descriptionKey(version).replace('_', '-')),
});

/** The attributes of a body; those that were not given are null unless `onlyGiven`. */
export function nameAttributes(version: Version, given: Given, onlyGiven = false): Record<string, string | null> {
  const { name, description } = namesOf(version, given);
  return Object.fromEntries(
    [[nameKey(version), name] as const, [descriptionKey(version), description] as const].flatMap(([key, value]) =>
      value === undefined && onlyGiven ? [] : [[key, value ?? null]],
    ),
  );
}
