import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes } from '../base/python.ts';
import type { Item, Kind, NeutronApi } from './api.ts';
import { fieldArguments, listOutputArguments, printItem, printList, requestFormat, showArguments } from './output.ts';
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
  /** Columns that depend on options. */
  readonly columnsOf?: (given: Given, columns: readonly string[]) => readonly string[];
  readonly formats?: Readonly<Record<string, (item: Item) => string>>;
  /** How attributes of one are printed, where that differs. */
  readonly showFormats?: Readonly<Record<string, (item: Item) => string>>;
  /**
   * What is printed of one: the attributes of Icehouse. Newer ones are printed when they are asked for, by
   * `--show-details`, a column, a field, or an option that sets them. All there are unless given.
   */
  readonly attributes?: readonly string[];
  /** Of those, what the answer to a create leaves out unless the request had it. */
  readonly absentInCreate?: readonly string[];
  /** Fetches what the columns need beside the list itself. */
  readonly complete?: (api: NeutronApi, items: readonly Item[], given: Given) => Promise<readonly Item[]>;
  readonly listArguments?: readonly Argument[];
  /** Things without names are found by id alone. */
  readonly idOnly?: boolean;
  readonly create?: { readonly arguments: readonly Argument[]; readonly body: Body };
  readonly update?: { readonly arguments: readonly Argument[]; readonly body: Body };
  /** `IPsecSiteConnection`, where summaries call it by a name of its own; else the noun. */
  readonly title?: string;
  readonly without?: readonly ('show' | 'delete')[];
}

export const tenantArgument: Argument = { name: '--tenant-id', value: 'TENANT_ID', help: 'The owner tenant ID' };

/** `tenant_id` of `--tenant-id`. */
export const tenantOf = (given: Given): Item => (given.has('tenant-id') ? { tenant_id: given.text('tenant-id') } : {});

/** Query words of a list: fields, paging, and unknown options as filters. */
export function listQuery(given: Given): string {
  const query = new URLSearchParams();
  for (const field of given.all('field')) query.append('fields', field);
  const size = given.text('page-size');
  if (size !== undefined) query.set('limit', size);
  for (const key of given.all('sort-key')) query.append('sort_key', key);
  for (const direction of given.all('sort-dir')) query.append('sort_dir', direction);
  for (const [name, value] of Object.entries(attributesOf(given.unknown)))
    for (const one of [value].flat()) query.append(name, one === true ? 'True' : String(one));
  return query.size > 0 ? `?${query}` : '';
}

/** Options of all lists. */
export const listArguments: readonly Argument[] = [
  ...listOutputArguments,
  ...fieldArguments,
  {
    name: '--page-size',
    aliases: ['-P'],
    value: 'SIZE',
    type: 'int',
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
  const { formats = {}, complete } = resource;
  const columns = resource.columnsOf?.(given, resource.columns) ?? resource.columns;
  const whole = complete ? await complete(api, items, given) : items;
  const there = Object.keys(items[0] ?? {});
  const usual = columns.filter((name) => name in formats || there.includes(name));
  const asked = given.all('field').filter((name) => there.includes(name) && !usual.includes(name));
  const shown = columns.length === 0 ? there.toSorted(byBytes) : [...usual, ...asked];
  printList(api, given, whole, shown, formats);
}

/** An answer without the attributes that nobody asked for. */
function visible(item: Item, attributes: readonly string[] | undefined, given: Given): Item {
  if (attributes === undefined || ['show-details', 'field', 'column', 'variable'].some((option) => given.has(option)))
    return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => attributes.includes(name)));
}

/** The list, show, create, update and delete commands of a resource. */
export function resourceCommands(resource: Resource): readonly Command<NeutronApi>[] {
  const { kind, word, create, update, without = [] } = resource;
  const noun = resource.title ?? resource.noun;
  const positional = resource.noun.toUpperCase().replaceAll(' ', '_');
  const idWords = resource.idOnly ? 'ID' : 'ID or name';
  const target: Argument = { name: positional };
  const lookUp: Argument = { ...target, help: `${idWords} of ${kind.one} to look up` };
  const idOf = async (api: NeutronApi, given: Given): Promise<string> =>
    resource.idOnly ? given.one(positional) : api.idOf(kind, given.one(positional));
  const article = /^[aeiou]/i.test(noun) ? 'an' : 'a';
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;

  const commands: Command<NeutronApi>[] = [
    {
      name: `${word}-list`,
      summary: `List ${plural} that belong to a given tenant.`,
      arguments: [...listArguments, ...(resource.listArguments ?? [])],
      passUnknown: true,
      watches: `${kind.one}.`,
      async run(api, given) {
        await printResources(api, given, resource, await api.list(kind, listQuery(given)));
      },
    },
  ];
  if (!without.includes('show'))
    commands.push({
      name: `${word}-show`,
      summary: `Show information of a given ${noun}.`,
      arguments: [...showArguments, ...fieldArguments, lookUp],
      async run(api, given) {
        const query = given
          .all('field')
          .map((field) => `fields=${encodeURIComponent(field)}`)
          .join('&');
        const path = `${kind.path}/${encodeURIComponent(await idOf(api, given))}${query && `?${query}`}`;
        const { [kind.one]: item } = await api.call<Record<string, Item>>('GET', path);
        printItem(api, given, visible(item as Item, resource.attributes, given), resource.showFormats);
      },
    });
  if (create)
    commands.push({
      name: `${word}-create`,
      summary: `Create ${article} ${noun} for a given tenant.`,
      arguments: [...showArguments, tenantArgument, ...create.arguments],
      passUnknown: true,
      async run(api, given) {
        const body = { ...tenantOf(given), ...(await create.body(api, given)), ...attributesOf(given.unknown) };
        const made = await api.call<Record<string, Item>>('POST', kind.path, { [kind.one]: body });
        if ((given.text('format') ?? 'table') === 'table') api.say(`Created a new ${kind.one}:`);
        const attributes = resource.attributes?.filter((name) => !resource.absentInCreate?.includes(name));
        const shown = attributes && [...attributes, ...Object.keys(body)];
        printItem(api, given, visible(made[kind.one] as Item, shown, given));
      },
    });
  if (update)
    commands.push({
      name: `${word}-update`,
      summary: `Update ${noun}'s information.`,
      arguments: [requestFormat, { ...target, help: `ID or name of ${kind.one} to update` }, ...update.arguments],
      passUnknown: true,
      async run(api, given) {
        const body = { ...(await update.body(api, given)), ...attributesOf(given.unknown) };
        if (Object.keys(body).length === 0) throw new CommandError(`Must specify new values to update ${kind.one}`);
        await api.call('PUT', `${kind.path}/${encodeURIComponent(await idOf(api, given))}`, { [kind.one]: body });
        api.say(`Updated ${kind.one}: ${given.one(positional)}`);
      },
    });
  if (!without.includes('delete'))
    commands.push({
      name: `${word}-delete`,
      summary: `Delete a given ${noun}.`,
      arguments: [requestFormat, { ...target, help: `${idWords} of ${kind.one} to delete` }],
      async run(api, given) {
        await api.call('DELETE', `${kind.path}/${encodeURIComponent(await idOf(api, given))}`);
        api.say(`Deleted ${kind.one}: ${given.one(positional)}`);
      },
    });
  return commands;
}
