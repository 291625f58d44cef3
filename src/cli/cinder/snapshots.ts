import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, queryOf, type CinderApi, type Item, type Version } from './api.ts';
import { descriptionOption, nameAttributes, nameKey, nameOption, newName } from './names.ts';
import { allTenants, allTenantsOf, rename, resetState } from './volumes.ts';

const snapshot = (help: string): Argument => ({ name: '<snapshot>', help });

/** Commands on snapshots. */
export const snapshotCommands = (version: Version): readonly Command<CinderApi>[] => [
  {
    name: 'snapshot-list',
    summary: 'List all the snapshots.',
    watches: 'snapshot.',
    arguments: [
      allTenants,
      nameOption(version, `Filter results by ${version === '1' ? 'display-name' : 'name'}.`),
      { name: '--status', value: '<status>', help: 'Filter results by status.' },
      { name: '--volume-id', value: '<volume-id>', help: 'Filter results by volume-id.' },
    ],
    async run(api, given) {
      const key = nameKey(version);
      const query = queryOf({
        all_tenants: allTenantsOf(api, given),
        [key]: given.text(key.replace('_', '-')),
        status: given.text('status'),
        volume_id: given.text('volume-id'),
      });
      const { snapshots } = await api.call<{ snapshots: Item[] }>('GET', `/snapshots/detail${query}`);
      api.printItems(['ID', 'Volume ID', 'Status', version === '1' ? 'Display Name' : 'Name', 'Size'], snapshots);
    },
  },
  {
    name: 'snapshot-show',
    summary: 'Show details about a snapshot.',
    arguments: [snapshot('Name or ID of the snapshot.')],
    async run(api, given) {
      api.printItem(await api.find(kinds.snapshot, given.one('snapshot')));
    },
  },
  {
    name: 'snapshot-create',
    summary: 'Add a new snapshot.',
    arguments: [
      { name: '<volume>', help: 'Name or ID of the volume to snapshot.' },
      {
        name: '--force',
        value: '<True|False>',
        help: "Snapshot the volume even if it's attached to an instance (Default=False).",
      },
      nameOption(version, 'Optional snapshot name.'),
      descriptionOption(version, 'Optional snapshot description.'),
    ],
    async run(api, given) {
      const body = {
        snapshot: {
          volume_id: await api.idOf(kinds.volume, given.one('volume')),
          force: given.text('force') ?? false,
          ...nameAttributes(version, given),
        },
      };
      api.printItem((await api.call<{ snapshot: Item }>('POST', '/snapshots', body)).snapshot);
    },
  },
  {
    name: 'snapshot-delete',
    summary: 'Remove a snapshot.',
    arguments: [snapshot('Name or ID of the snapshot to delete.')],
    async run(api, given) {
      await api.call('DELETE', `/snapshots/${await api.idOf(kinds.snapshot, given.one('snapshot'))}`);
    },
  },
  {
    name: 'snapshot-rename',
    summary: 'Rename a snapshot.',
    arguments: [
      snapshot('Name or ID of the snapshot.'),
      newName(version, 'snapshot'),
      descriptionOption(version, 'Optional snapshot description.'),
    ],
    run: (api, given) => rename(api, given, 'snapshot', version),
  },
  resetState('snapshot-reset-state', 'snapshot'),
];
