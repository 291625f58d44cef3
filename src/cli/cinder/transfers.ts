import type { Command } from '../base/command.ts';
import { kinds, word, type CinderApi, type Item, type Version } from './api.ts';
import { nameOption, namesOf } from './names.ts';

const withoutLinks = ({ links: _links, ...fields }: Item): Record<string, unknown> => fields;

/** Commands on transfers of volumes to other tenants. */
export const transferCommands = (version: Version): readonly Command<CinderApi>[] => [
  {
    name: 'transfer-create',
    summary: 'Creates a volume transfer.',
    arguments: [
      { name: '<volume>', help: 'Name or ID of the volume to transfer.' },
      nameOption(version, 'Optional transfer name.'),
    ],
    async run(api, given) {
      const body = {
        transfer: {
          volume_id: await api.idOf(kinds.volume, given.one('volume')),
          name: namesOf(version, given).name ?? null,
        },
      };
      api.printItem(withoutLinks((await api.call<{ transfer: Item }>('POST', kinds.transfer.path, body)).transfer));
    },
  },
  {
    name: 'transfer-delete',
    summary: 'Undo a transfer.',
    arguments: [{ name: '<transfer>', help: 'Name or ID of the transfer to delete.' }],
    async run(api, given) {
      await api.call('DELETE', `${kinds.transfer.path}/${await api.idOf(kinds.transfer, given.one('transfer'))}`);
    },
  },
  {
    name: 'transfer-accept',
    summary: 'Accepts a volume transfer.',
    arguments: [
      { name: '<transfer>', help: 'ID of the transfer to accept.' },
      { name: '<auth_key>', help: 'Auth key of the transfer to accept.' },
    ],
    async run(api, given) {
      const path = `${kinds.transfer.path}/${word(given.one('transfer'))}/accept`;
      const answer = await api.call<{ transfer: Item }>('POST', path, { accept: { auth_key: given.one('auth_key') } });
      api.printItem(withoutLinks(answer.transfer));
    },
  },
  {
    name: 'transfer-list',
    summary: 'List all the transfers.',
    arguments: [],
    async run(api) {
      const { transfers } = await api.call<{ transfers: Item[] }>('GET', kinds.transfer.list);
      api.printItems(['ID', 'Volume ID', 'Name'], transfers);
    },
  },
  {
    name: 'transfer-show',
    summary: 'Show details about a transfer.',
    arguments: [{ name: '<transfer>', help: 'Name or ID of the transfer to show.' }],
    async run(api, given) {
      api.printItem(withoutLinks(await api.find(kinds.transfer, given.one('transfer'))));
    },
  },
];
