import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, word, type CinderApi, type Item, type Version } from './api.ts';
import { descriptionOption, nameOption, namesOf } from './names.ts';

const backup = (help: string): Argument => ({ name: '<backup>', help });
const withoutLinks = ({ links: _links, ...fields }: Item): Record<string, unknown> => fields;

/** Commands on backups. */
export const backupCommands = (version: Version): readonly Command<CinderApi>[] => [
  {
    name: 'backup-create',
    summary: 'Creates a backup.',
    arguments: [
      { name: '<volume>', help: 'Name or ID of the volume to backup.' },
      { name: '--container', value: '<container>', help: 'Optional backup container name.' },
      nameOption(version, 'Optional backup name.'),
      descriptionOption(version, 'Optional backup description.'),
    ],
    async run(api, given) {
      const volume_id = await api.idOf(kinds.volume, given.one('volume'));
      const { name, description } = namesOf(version, given);
      const body = {
        backup: {
          volume_id,
          container: given.text('container') ?? null,
          name: name ?? null,
          description: description ?? null,
        },
      };
      const made = await api.call<{ backup: Item }>('POST', '/backups', body);
      api.printItem({ volume_id, ...withoutLinks(made.backup) });
    },
  },
  {
    name: 'backup-show',
    summary: 'Show details about a backup.',
    arguments: [backup('Name or ID of the backup.')],
    async run(api, given) {
      api.printItem(withoutLinks(await api.find(kinds.backup, given.one('backup'))));
    },
  },
  {
    name: 'backup-list',
    summary: 'List all the backups.',
    watches: 'backup.',
    arguments: [],
    async run(api) {
      const { backups } = await api.call<{ backups: Item[] }>('GET', '/backups/detail');
      api.printItems(['ID', 'Volume ID', 'Status', 'Name', 'Size', 'Object Count', 'Container'], backups);
    },
  },
  {
    name: 'backup-delete',
    summary: 'Remove a backup.',
    arguments: [backup('Name or ID of the backup to delete.')],
    async run(api, given) {
      await api.call('DELETE', `/backups/${await api.idOf(kinds.backup, given.one('backup'))}`);
    },
  },
  {
    name: 'backup-restore',
    summary: 'Restore a backup.',
    arguments: [
      backup('ID of the backup to restore.'),
      version === '1'
        ? { name: '--volume-id', value: '<volume>', help: 'ID (or name) of the volume to restore to.' }
        : {
            name: '--volume',
            formerly: ['--volume-id'],
            value: '<volume>',
            help: 'ID (or name) of the volume to restore to.',
          },
    ],
    async run(api, given) {
      const target = given.text(version === '1' ? 'volume-id' : 'volume');
      const volume_id = target === undefined ? null : await api.idOf(kinds.volume, target);
      await api.call('POST', `/backups/${word(given.one('backup'))}/restore`, { restore: { volume_id } });
    },
  },
];
