import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { byBytes } from '../base/python.ts';
import { kinds, metadataOf, word, type CinderApi } from './api.ts';

const action: Argument = { name: '<action>', choices: ['set', 'unset'], help: "Actions: 'set' or 'unset'." };
const pairs = (help: string): Argument => ({ name: '<key=value>', count: 'many', help });

/** Commands on the metadata of volumes or snapshots. */
const metadataOfKind = (label: 'volume' | 'snapshot'): readonly Command<CinderApi>[] => {
  const name = label === 'volume' ? 'metadata' : 'snapshot-metadata';
  const article = `a ${label}`;
  const target: Argument = {
    name: `<${label}>`,
    help: `${label === 'volume' ? 'Name or ID' : 'ID'} of the ${label} to update metadata on.`,
  };
  const pathOf = async (api: CinderApi, named: string): Promise<string> =>
    `${kinds[label].path}/${await api.idOf(kinds[label], named)}/metadata`;
  return [
    {
      name,
      summary: `Set or Delete metadata on ${article}.`,
      arguments: [target, action, pairs('Metadata to set/unset (only key is necessary on unset).')],
      async run(api, given) {
        const path = await pathOf(api, given.one(label));
        const metadata = metadataOf(given.all('key=value'));
        if (given.one('action') === 'set') {
          const answer = await api.call<{ metadata: Record<string, unknown> }>('POST', path, { metadata });
          if (label === 'snapshot') api.printItem(answer.metadata);
        } else
          for (const key of Object.keys(metadata).toSorted(byBytes).toReversed())
            await api.call('DELETE', `${path}/${word(key)}`);
      },
    },
    {
      name: `${name}-show`,
      summary: `Show metadata of given ${label}.`,
      arguments: [{ name: `<${label}>`, help: `ID of ${label}.` }],
      async run(api, given) {
        const found = await api.find(kinds[label], given.one(label));
        api.printItem((found['metadata'] ?? {}) as Record<string, unknown>, 'Metadata-property');
      },
    },
    {
      name: `${name}-update-all`,
      summary: `Update all metadata of ${article}.`,
      arguments: [
        { ...target, help: `ID of the ${label} to update metadata on.` },
        pairs('Metadata entry/entries to update.'),
      ],
      async run(api, given) {
        const path = await pathOf(api, given.one(label));
        // The table has one row: the whole answer under the word metadata.
        api.printItem(await api.call('PUT', path, { metadata: metadataOf(given.all('key=value')) }));
      },
    },
  ];
};

export const metadataCommands: readonly Command<CinderApi>[] = [
  ...metadataOfKind('volume'),
  ...metadataOfKind('snapshot'),
];
