import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, type Item, type NovaApi } from './api.ts';

const volume: Argument = { name: '<volume>', help: 'Name or ID of the volume.' };
const snapshot: Argument = { name: '<snapshot>', help: 'Name or ID of the snapshot.' };
const text = (name: string, help: string): Argument => ({ name: `--${name}`, value: `<${name}>`, help });
const names: readonly Argument[] = [
  text('display-name', 'Optional name. (Default=None)'),
  text('display-description', 'Optional description. (Default=None)'),
];
/** Cinder's first version under Nova's commands, as before it had its own. */
const onVolumes = (commands: readonly Command<NovaApi>[]): readonly Command<NovaApi>[] =>
  commands.map((command) => ({ ...command, serviceType: 'volume' }));

const attachedTo = (item: Item): string =>
  ((item['attachments'] ?? []) as { server_id?: string }[]).map((one) => one.server_id).join(',');

export const cinderVolumeCommands: readonly Command<NovaApi>[] = onVolumes([
  {
    name: 'volume-list',
    summary: 'List all the volumes.',
    arguments: [
      {
        name: '--all-tenants',
        value: '<0|1>',
        count: 'optional',
        type: 'int',
        help: 'Display information from all tenants (Admin only).',
      },
    ],
    async run(api, given) {
      const all = given.has('all-tenants') && given.text('all-tenants') !== '0';
      const { volumes } = await api.call<{ volumes: Item[] }>('GET', `/volumes/detail${all ? '?all_tenants=1' : ''}`);
      api.printItems(
        ['ID', 'Status', 'Display Name', 'Size', 'Volume Type', 'Attached to'],
        volumes.map((one) => ({ ...one, attached_to: attachedTo(one) })),
      );
    },
  },
  {
    name: 'volume-show',
    summary: 'Show details about a volume.',
    arguments: [volume],
    async run(api, given) {
      api.printItem(await api.find(kinds.volume, given.one('volume')));
    },
  },
  {
    name: 'volume-create',
    summary: 'Add a new volume.',
    arguments: [
      { name: '<size>', type: 'int', help: 'Size of volume in GB.' },
      text('snapshot-id', 'Optional snapshot id to create the volume from. (Default=None)'),
      text('image-id', 'Optional image id to create the volume from. (Default=None)'),
      ...names,
      text('volume-type', 'Optional volume type. (Default=None)'),
      text('availability-zone', 'Optional Availability Zone for volume. (Default=None)'),
    ],
    async run(api, given) {
      const value = (name: string): string | null => given.text(name) ?? null;
      const json = {
        volume: {
          size: given.integer('size'),
          snapshot_id: value('snapshot-id'),
          display_name: value('display-name'),
          display_description: value('display-description'),
          volume_type: value('volume-type'),
          availability_zone: value('availability-zone'),
          imageRef: value('image-id'),
        },
      };
      api.printItem((await api.call<{ volume: Item }>('POST', '/volumes', json)).volume);
    },
  },
  {
    name: 'volume-delete',
    summary: 'Remove volume(s).',
    arguments: [{ name: '<volume>', count: 'many', help: 'Name or ID of the volume(s) to delete.' }],
    async run(api, given) {
      for (const name of given.all('volume'))
        try {
          await api.call('DELETE', `/volumes/${(await api.find(kinds.volume, name)).id}`);
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          api.shell.out(`Delete for volume ${name} failed: ${error.message}\n`);
        }
    },
  },
  {
    name: 'volume-snapshot-list',
    summary: 'List all the snapshots.',
    arguments: [],
    async run(api) {
      const { snapshots } = await api.call<{ snapshots: Item[] }>('GET', '/snapshots/detail');
      api.printItems(['ID', 'Volume ID', 'Status', 'Display Name', 'Size'], snapshots);
    },
  },
  {
    name: 'volume-snapshot-show',
    summary: 'Show details about a snapshot.',
    arguments: [snapshot],
    async run(api, given) {
      api.printItem(await api.find(kinds.snapshot, given.one('snapshot')));
    },
  },
  {
    name: 'volume-snapshot-create',
    summary: 'Add a new snapshot.',
    arguments: [
      { name: '<volume-id>', help: 'ID of the volume to snapshot.' },
      {
        name: '--force',
        value: '<True|False>',
        help: "Snapshot the volume even if it's attached to a server. (Default=False)",
      },
      ...names,
    ],
    async run(api, given) {
      const json = {
        snapshot: {
          volume_id: given.one('volume-id'),
          force: given.text('force') ?? false,
          display_name: given.text('display-name') ?? null,
          display_description: given.text('display-description') ?? null,
        },
      };
      api.printItem((await api.call<{ snapshot: Item }>('POST', '/snapshots', json)).snapshot);
    },
  },
  {
    name: 'volume-snapshot-delete',
    summary: 'Remove a snapshot.',
    arguments: [snapshot],
    async run(api, given) {
      await api.call('DELETE', `/snapshots/${(await api.find(kinds.snapshot, given.one('snapshot'))).id}`);
    },
  },
  {
    name: 'volume-type-list',
    summary: "Print a list of available 'volume types'.",
    arguments: [],
    async run(api) {
      api.printItems(['ID', 'Name'], (await api.call<{ volume_types: Item[] }>('GET', '/types')).volume_types);
    },
  },
  {
    name: 'volume-type-create',
    summary: 'Create a new volume type.',
    arguments: [{ name: '<name>', help: 'Name of the new volume type.' }],
    async run(api, given) {
      const json = { volume_type: { name: given.one('name') } };
      api.printItems(['ID', 'Name'], [(await api.call<{ volume_type: Item }>('POST', '/types', json)).volume_type]);
    },
  },
  {
    name: 'volume-type-delete',
    summary: 'Delete a specific volume type.',
    arguments: [{ name: '<id>', help: 'Unique ID of the volume type to delete.' }],
    async run(api, given) {
      await api.call('DELETE', `/types/${encodeURIComponent(given.one('id'))}`);
    },
  },
]);
