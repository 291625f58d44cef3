import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, metadataOf, queryOf, type CinderApi, type Item, type Version } from './api.ts';
import { descriptionOption, nameAttributes, nameKey, nameOption, newName } from './names.ts';
import { pyRepr } from '../base/python.ts';

const volume: Argument = { name: '<volume>', help: 'Name or ID of the volume.' };
const volumes: Argument = { name: '<volume>', count: 'many', help: 'Name or ID of the volume(s) to delete.' };
export const allTenants: Argument = {
  name: '--all-tenants',
  value: '<0|1>',
  count: 'optional',
  type: 'int',
  help: 'Display information from all tenants (Admin only).',
};
/** `1` for `--all-tenants` without a value; the environment has the last word, as ever. */
export const allTenantsOf = (api: CinderApi, given: Given): string | undefined => {
  const asked = api.shell.env['ALL_TENANTS'] ?? given.text('all-tenants') ?? (given.has('all-tenants') ? '1' : '0');
  return asked === '0' ? undefined : asked;
};

/** Does it for each that was named; says which failed. @throws CommandError when all did */
export async function each(
  api: CinderApi,
  names: readonly string[],
  failed: (name: string, why: string) => string,
  all: string,
  work: (name: string) => Promise<unknown>,
): Promise<void> {
  let failures = 0;
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failures++;
      api.shell.out(`${failed(name, error.message)}\n`);
    }
  }
  if (failures === names.length) throw new CommandError(all);
}

/** The states command of volumes and of snapshots: a single failure is the error itself. */
export const resetState = (name: string, label: 'volume' | 'snapshot'): Command<CinderApi> => ({
  name,
  summary: `Explicitly update the state of a ${label}.`,
  arguments: [
    { name: `<${label}>`, count: 'many', help: `Name or ID of the ${label} to modify.` },
    {
      name: '--state',
      value: '<state>',
      help: 'Indicate which state to assign. Options include available, error, creating, deleting, error_deleting; available unless given.',
    },
  ],
  async run(api, given) {
    const names = given.all(label);
    const state = given.text('state') ?? 'available';
    const failures: string[] = [];
    for (const one of names) {
      try {
        await api.act(kinds[label], await api.idOf(kinds[label], one), 'os-reset_status', { status: state });
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        failures.push(`Reset state for ${label} ${one} failed: ${error.message}`);
        if (names.length > 1) api.shell.out(`${failures.at(-1)}\n`);
      }
    }
    if (failures.length === names.length)
      throw new CommandError(
        names.length === 1 ? failures[0] : `Unable to reset the state for any of the specified ${label}s.`,
      );
  },
});

const shown = (version: Version, item: Item): Record<string, unknown> => {
  const { links, ...fields } = item;
  return version === '1' && links !== undefined ? { ...fields, links } : fields;
};

const create = (version: Version): Command<CinderApi> => ({
  name: 'create',
  summary: 'Add a new volume.',
  arguments: [
    { name: '<size>', type: 'int', help: 'Size of volume in GB.' },
    { name: '--snapshot-id', value: '<snapshot-id>', help: 'Create volume from snapshot id.' },
    { name: '--source-volid', value: '<source-volid>', help: 'Create volume from volume id.' },
    { name: '--image-id', value: '<image-id>', help: 'Create volume from image id.' },
    nameOption(version, 'Volume name.'),
    descriptionOption(version, 'Volume description.'),
    { name: '--volume-type', value: '<volume-type>', help: 'Volume type.' },
    { name: '--availability-zone', value: '<availability-zone>', help: 'Availability zone for volume.' },
    { name: '--metadata', value: '<key=value>', count: 'any', help: 'Metadata key=value pairs.' },
    ...(version === '2'
      ? [{ name: '--hint', value: '<key=value>', repeat: true, help: 'Scheduler hint like in nova.' }]
      : []),
  ],
  async run(api, given) {
    const text = (name: string): string | null => given.text(name) ?? null;
    const body = {
      volume: {
        size: given.integer('size'),
        snapshot_id: text('snapshot-id'),
        ...nameAttributes(version, given),
        volume_type: text('volume-type'),
        user_id: null,
        project_id: null,
        availability_zone: text('availability-zone'),
        status: 'creating',
        attach_status: 'detached',
        metadata: metadataOf(given.all('metadata')),
        imageRef: text('image-id'),
        source_volid: text('source-volid'),
      },
      ...(version === '2' && given.has('hint') && { 'OS-SCH-HNT:scheduler_hints': hintsOf(given.all('hint')) }),
    };
    const { volume: made } = await api.call<{ volume: Item }>('POST', '/volumes', body);
    api.printItem(shown(version, version === '1' ? made : await api.get(kinds.volume, made.id)));
  },
});

/** Hints that are given several times are lists. */
function hintsOf(words: readonly string[]): Record<string, string | string[]> {
  const hints: Record<string, string | string[]> = {};
  for (const text of words) {
    const equals = text.indexOf('=');
    const key = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? '' : text.slice(equals + 1);
    const before = hints[key];
    hints[key] = before === undefined ? value : [before, value].flat();
  }
  return hints;
}

const list = (version: Version): Command<CinderApi> => ({
  name: 'list',
  summary: 'List all the volumes.',
  watches: 'volume.',
  arguments: [
    allTenants,
    nameOption(version, `Filter results by ${version === '1' ? 'display-name' : 'name'}.`),
    { name: '--status', value: '<status>', help: 'Filter results by status.' },
    { name: '--metadata', value: '<key=value>', count: 'any', help: 'Filter results by metadata.' },
  ],
  async run(api, given) {
    const key = nameKey(version);
    const query = queryOf({
      all_tenants: allTenantsOf(api, given),
      [key]: given.text(key.replace('_', '-')),
      status: given.text('status'),
      // The service reads it as Python writes a dictionary of byte strings.
      metadata: given.has('metadata')
        ? pyRepr(metadataOf(given.all('metadata'))).replaceAll(/(?<=[{ ])u(?=['"])/g, '')
        : undefined,
    });
    const { volumes: found } = await api.call<{ volumes: Item[] }>('GET', `/volumes/detail${query}`);
    api.printItems(
      ['ID', 'Status', version === '1' ? 'Display Name' : 'Name', 'Size', 'Volume Type', 'Bootable', 'Attached to'],
      found.map((one) => ({
        ...one,
        attached_to: ((one['attachments'] ?? []) as { server_id?: string }[]).map((at) => at.server_id).join(','),
      })),
    );
  },
});

/** Commands on volumes as such. */
export const volumeCommands = (version: Version): readonly Command<CinderApi>[] => [
  list(version),
  create(version),
  {
    name: 'show',
    summary: 'Show details about a volume.',
    arguments: [volume],
    async run(api, given) {
      api.printItem(shown(version, await api.find(kinds.volume, given.one('volume'))));
    },
  },
  {
    name: 'delete',
    summary: version === '1' ? 'Remove volume(s).' : 'Remove a volume(s).',
    arguments: [volumes],
    run: (api, given) =>
      each(
        api,
        given.all('volume'),
        (name, why) => `Delete for volume ${name} failed: ${why}`,
        'Unable to delete any of the specified volumes.',
        async (name) => api.call('DELETE', `/volumes/${await api.idOf(kinds.volume, name)}`),
      ),
  },
  {
    name: 'force-delete',
    summary: 'Attempt forced removal of volume(s), regardless of the state(s).',
    arguments: [volumes],
    run: (api, given) =>
      each(
        api,
        given.all('volume'),
        (name, why) => `Delete for volume ${name} failed: ${why}`,
        'Unable to force delete any of the specified volumes.',
        async (name) => api.act(kinds.volume, await api.idOf(kinds.volume, name), 'os-force_delete'),
      ),
  },
  resetState('reset-state', 'volume'),
  {
    name: 'rename',
    summary: 'Rename a volume.',
    arguments: [
      { ...volume, help: 'Name or ID of the volume to rename.' },
      newName(version, 'volume'),
      descriptionOption(version, 'Optional volume description.'),
    ],
    run: (api, given) => rename(api, given, 'volume', version),
  },
];

/** Renames a volume or snapshot. @throws CommandError when nothing is to be changed */
export async function rename(
  api: CinderApi,
  given: Given,
  label: 'volume' | 'snapshot',
  version: Version,
): Promise<void> {
  const change = nameAttributes(version, given, true);
  if (Object.keys(change).length === 0)
    throw new CommandError(
      `Must supply either ${version === '1' ? 'display-name or display-description' : 'name or description'}.`,
    );
  const id = await api.idOf(kinds[label], given.one(label));
  await api.call('PUT', `${kinds[label].path}/${id}`, { [label]: change });
}
