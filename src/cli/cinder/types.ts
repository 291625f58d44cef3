import type { Command } from '../base/command.ts';
import { HttpError } from '../base/errors.ts';
import { kinds, metadataOf, word, type CinderApi, type Item } from './api.ts';

const types = async (api: CinderApi): Promise<readonly Item[]> =>
  (await api.call<{ volume_types: Item[] }>('GET', '/types')).volume_types;

/** A type's extra specs; those of one that is gone meanwhile are `N/A`. */
async function extraSpecs(api: CinderApi, id: string): Promise<unknown> {
  try {
    return (await api.call('GET', `/types/${word(id)}/extra_specs`))['extra_specs'];
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return 'N/A';
    throw error;
  }
}

export const typeCommands: readonly Command<CinderApi>[] = [
  {
    name: 'type-list',
    summary: "Print a list of available 'volume types'.",
    arguments: [],
    async run(api) {
      api.printItems(['ID', 'Name'], await types(api));
    },
  },
  {
    name: 'extra-specs-list',
    summary: "Print a list of current 'volume types and extra specs' (Admin Only).",
    arguments: [],
    async run(api) {
      const found = await types(api);
      const specs = await Promise.all(found.map(({ id }) => extraSpecs(api, id)));
      api.printItems(
        ['ID', 'Name', 'extra_specs'],
        found.map((one, index) => ({ ...one, extra_specs: specs[index] })),
      );
    },
  },
  {
    name: 'type-create',
    summary: 'Create a new volume type.',
    arguments: [{ name: '<name>', help: 'Name of the new volume type.' }],
    async run(api, given) {
      const answer = await api.call<{ volume_type: Item }>('POST', '/types', {
        volume_type: { name: given.one('name') },
      });
      api.printItems(['ID', 'Name'], [answer.volume_type]);
    },
  },
  {
    name: 'type-delete',
    summary: 'Delete a specific volume type.',
    arguments: [{ name: '<id>', help: 'Unique ID of the volume type to delete.' }],
    async run(api, given) {
      await api.call('DELETE', `/types/${word(given.one('id'))}`);
    },
  },
  {
    name: 'type-key',
    summary: 'Set or unset extra_spec for a volume type.',
    arguments: [
      { name: '<vtype>', help: 'Name or ID of the volume type.' },
      { name: '<action>', choices: ['set', 'unset'], help: "Actions: 'set' or 'unset'." },
      {
        name: '<key=value>',
        count: 'any',
        help: 'Extra_specs to set/unset (only key is necessary on unset).',
      },
    ],
    async run(api, given) {
      const path = `/types/${await api.idOf(kinds.type, given.one('vtype'))}/extra_specs`;
      const specs = metadataOf(given.all('key=value'));
      if (given.one('action') === 'set') await api.call('POST', path, { extra_specs: specs });
      else for (const key of Object.keys(specs)) await api.call('DELETE', `${path}/${word(key)}`);
    },
  },
];
