import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes } from '../base/python.ts';
import type { Item, Kind, NeutronApi } from './api.ts';
import { fieldArguments, outputArguments, printItem, printList } from './output.ts';
import { attributesOf } from './unknown-options.ts';

type Body = (api: NeutronApi, given: Given) => Promise<Item> | Item;

/** A kind of thing and its commands, as data: `net-list`, `net-show`, `net-create`, `net-update`, `net-delete`. */
export interface Resource {
  readonly kind: Kind;
  /** `net` */
  readonly word: string;
  /** `network`, in summaries and argument names. */
  readonly noun: string;
  /** Columns of a list, as far as the answer has them. */
  readonly columns: readonly string[];
  readonly formats?: Readonly<Record<string, (item: Item) => string>>;
  /**
   * What is printed of one: the attributes of Icehouse. Newer ones are printed when they are asked for, by
   * `--show-details`, a column, a field, or an option that sets them.
   */
  readonly attributes: readonly string[];
  /** Of those, what the answer to a create leaves out unless the request had it. */
  readonly absentInCreate?: readonly string[];
  /** Fetches what the columns need beside the list itself. */
  readonly complete?: (api: NeutronApi, items: readonly Item[]) => Promise<readonly Item[]>;
  readonly listArguments?: readonly Argument[];
  /** Things without names are found by id alone. */
  readonly idOnly?: boolean;
  readonly create?: { readonly arguments: readonly Argument[]; readonly body: Body };
  readonly update?: { readonly arguments: readonly Argument[]; readonly body: Body };
  readonly without?: readonly ('show' | 'delete')[];
}

export const tenantArgument: Argument = { name: '--tenant-id', value: 'TENANT_ID', help: 'The owner tenant ID.' };

/** `tenant_id` of `--tenant-id`. */
export const tenantOf = (given: Given): Item => (given.has('tenant-id') ? { tenant_id: given.text('tenant-id') } : {});

/** Query words of a list: fields, paging, and unknown options as filters. */
export function listQuery(given: Given): string {
  const query = new URLSearchParams();
  for (const field of given.all('fields')) query.append('fields', field);
  if (given.has('show-details')) query.set('verbose', 'True');
  const size = given.text('page-size');
  if (size !== undefined) query.set('limit', size);
  for (const key of given.all('sort-key')) query.append('sort_key', key);
  for (const direction of given.all('sort-dir')) query.append('sort_dir', direction);
  for (const [name, value] of Object.entries(attributesOf(given.unknown)))
    for (const one of [value].flat()) query.append(name, one === true ? 'True' : String(one));
  return query.size > 0 ? `?${query}` : '';
}

const listArguments: readonly Argument[] = [
  ...outputArguments,
  ...fieldArguments,
  {
    name: '--page-size',
    aliases: ['-P'],
    value: 'SIZE',
    help: 'Specify retrieve unit of each request, then split one request to several requests.',
  },
  {
    name: '--sort-key',
    value: 'FIELD',
    repeat: true,
    help: 'Sort list by specified fields (This option can be repeated).',
  },
  {
    name: '--sort-dir',
    value: '{asc,desc}',
    choices: ['asc', 'desc'],
    repeat: true,
    help: 'Sort list in specified directions.',
  },
];

/** Prints a list: the wanted columns as far as the answer has them, or all that was asked for. */
export async function printResources(
  api: NeutronApi,
  given: Given,
  resource: Resource,
  items: readonly Item[],
): Promise<void> {
  const { columns, formats = {}, complete } = resource;
  const whole = complete && !given.has('fields') ? await complete(api, items) : items;
  const there = Object.keys(items[0] ?? {});
  const shown =
    given.has('fields') || given.has('show-details') || columns.length === 0
      ? there.toSorted(byBytes)
      : columns.filter((name) => name in formats || there.includes(name));
  printList(api, given, whole, shown, formats);
}

/** An answer without the attributes that nobody asked for. */
function visible(item: Item, attributes: readonly string[], given: Given): Item {
  if (['show-details', 'fields', 'column', 'variable'].some((option) => given.has(option))) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => attributes.includes(name)));
}

/** The list, show, create, update and delete commands of a resource. */
export function resourceCommands(resource: Resource): readonly Command<NeutronApi>[] {
  const { kind, word, noun, create, update, without = [] } = resource;
  const positional = noun.toUpperCase().replaceAll(' ', '_');
  const target: Argument = { name: positional, help: resource.idOnly ? `ID of ${noun}.` : `ID or name of ${noun}.` };
  const idOf = async (api: NeutronApi, given: Given): Promise<string> =>
    resource.idOnly ? given.one(positional) : api.idOf(kind, given.one(positional));
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';

  const commands: Command<NeutronApi>[] = [
    {
      name: `${word}-list`,
      summary: `List ${noun}s that belong to a given tenant.`,
      arguments: [...listArguments, ...(resource.listArguments ?? [])],
      passUnknown: true,
      async run(api, given) {
        await printResources(api, given, resource, await api.list(kind, listQuery(given)));
      },
    },
  ];
  if (!without.includes('show'))
    commands.push({
      name: `${word}-show`,
      summary: `Show information of a given ${noun}.`,
      arguments: [...outputArguments, ...fieldArguments, target],
      async run(api, given) {
        const query = given
          .all('fields')
          .map((field) => `fields=${encodeURIComponent(field)}`)
          .join('&');
        const path = `${kind.path}/${encodeURIComponent(await idOf(api, given))}${query && `?${query}`}`;
        const { [kind.one]: item } = await api.call<Record<string, Item>>('GET', path);
        printItem(api, given, visible(item as Item, resource.attributes, given));
      },
    });
  if (create)
    commands.push({
      name: `${word}-create`,
      summary: `Create ${article} ${noun} for a given tenant.`,
      arguments: [...outputArguments, ...fieldArguments.slice(0, 1), tenantArgument, ...create.arguments],
      passUnknown: true,
      async run(api, given) {
        const body = { ...tenantOf(given), ...(await create.body(api, given)), ...attributesOf(given.unknown) };
        const made = await api.call<Record<string, Item>>('POST', kind.path, { [kind.one]: body });
        if ((given.text('format') ?? 'table') === 'table') api.shell.out(`Created a new ${kind.one}:\n`);
        const attributes = resource.attributes.filter((name) => !resource.absentInCreate?.includes(name));
        printItem(api, given, visible(made[kind.one] as Item, [...attributes, ...Object.keys(body)], given));
      },
    });
  if (update)
    commands.push({
      name: `${word}-update`,
      summary: `Update ${noun}'s information.`,
      arguments: [...update.arguments, target],
      passUnknown: true,
      async run(api, given) {
        const body = { ...(await update.body(api, given)), ...attributesOf(given.unknown) };
        if (Object.keys(body).length === 0) throw new CommandError(`Must specify new values to update ${kind.one}`);
        await api.call('PUT', `${kind.path}/${encodeURIComponent(await idOf(api, given))}`, { [kind.one]: body });
        api.shell.out(`Updated ${kind.one}: ${given.one(positional)}\n`);
      },
    });
  if (!without.includes('delete'))
    commands.push({
      name: `${word}-delete`,
      summary: `Delete a given ${noun}.`,
      arguments: [target],
      async run(api, given) {
        await api.call('DELETE', `${kind.path}/${encodeURIComponent(await idOf(api, given))}`);
        api.shell.out(`Deleted ${kind.one}: ${given.one(positional)}\n`);
      },
    });
  return commands;
}
