import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, pairs, type Item, type NovaApi } from './api.ts';

const image = { name: '<image>', help: 'Name or ID of image.' };

/** Prints an image: its metadata have rows of their own. */
export function printImage(api: NovaApi, image_: Item): void {
  const { links: _links, metadata = {}, server, ...fields } = image_;
  const row: Record<string, unknown> = { ...fields };
  if (server !== undefined) row['server'] = (server as { id: string }).id;
  for (const [key, value] of Object.entries(metadata as Record<string, string>)) row[`metadata ${key}`] = value;
  api.printItem(row);
}

export const imageCommands: readonly Command<NovaApi>[] = [
  {
    name: 'image-list',
    summary: 'Print a list of available images to boot from.',
    arguments: [{ name: '--limit', value: '<limit>', help: 'Number of images to return per request.' }],
    async run(api, given) {
      const limit = given.text('limit');
      const query = limit === undefined ? '' : `?limit=${encodeURIComponent(limit)}`;
      const { images } = await api.call<{ images: Item[] }>('GET', `/images/detail${query}`);
      const rows = images.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      api.printList(
        ['ID', 'Name', 'Status', 'Server'],
        rows.map((one) => [one.id, one.name, one['status'], (one['server'] as { id?: string } | undefined)?.id ?? '']),
      );
    },
  },
  {
    name: 'image-show',
    summary: 'Show details about the given image.',
    arguments: [image],
    async run(api, given) {
      const { id } = await api.find(kinds.image, given.one('image'));
      const found = (await api.call<{ image: Item }>('GET', `/images/${id}`)).image;
      printImage(api, found);
    },
  },
  {
    name: 'image-delete',
    summary: 'Delete specified image(s).',
    arguments: [{ name: '<image>', count: 'many', help: 'Name or ID of image(s).' }],
    async run(api, given) {
      let failed = 0;
      for (const name of given.all('image'))
        try {
          await api.call('DELETE', `/images/${(await api.find(kinds.image, name)).id}`);
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          failed++;
          api.shell.out(`Delete for image ${name} failed: ${error.message}\n`);
        }
      // Newer clients end with an error when nothing was done; scripts depend on it.
      if (failed === given.all('image').length) throw new CommandError('Unable to delete any of the specified images.');
    },
  },
  {
    name: 'image-meta',
    summary: 'Set or delete metadata on an image.',
    arguments: [
      image,
      { name: '<action>', choices: ['set', 'delete'], help: "Actions: 'set' or 'delete'." },
      {
        name: '<key=value>',
        count: 'many',
        help: 'Metadata to add/update or delete (only key is necessary on delete).',
      },
    ],
    async run(api, given) {
      const path = `/images/${(await api.find(kinds.image, given.one('image'))).id}/metadata`;
      const words = given.all('key=value');
      if (given.one('action') === 'set') await api.call('POST', path, { metadata: pairs(words, '<key=value>') });
      else
        for (const word of words)
          await api.call('DELETE', `${path}/${encodeURIComponent(word.split('=')[0] as string)}`);
    },
  },
];
