import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes, parseBoolean, pyStr, pyText } from '../base/python.ts';
import type { GlanceApi, Image } from './api.ts';

const id: Argument = { name: '<IMAGE_ID>', help: 'ID of image.' };
const fields: Argument = { name: 'field=value', count: 'any', hidden: true };
const page: readonly Argument[] = [
  { name: '--limit', value: 'LIMIT', type: 'int', help: 'Page size to use while requesting image metadata.' },
  { name: '--marker', value: 'MARKER', help: 'Image index after which to begin pagination.' },
  { name: '--sort_key', value: 'KEY', help: 'Sort results by this image attribute.' },
  { name: '--sort_dir', value: '[desc|asc]', help: 'Sort results in this direction.' },
  fields,
];
const path = (imageId: string): string => `/images/${encodeURIComponent(imageId)}`;

/** `name=x disk_format=raw,`: the older way to name attributes. @throws CommandError */
function fieldsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((text) => {
      const pieces = text.replace(/^,+|,+$/g, '').split('=');
      if (pieces.length !== 2)
        throw new CommandError(`Arguments should be in the form of field=value. You specified ${text}.`);
      return pieces as [string, string];
    }),
  );
}

const filters = [
  'name',
  'disk_format',
  'container_format',
  'status',
  'min_ram',
  'min_disk',
  'size_min',
  'size_max',
  'changes-since',
];

async function imagesOf(api: GlanceApi, given: Given): Promise<readonly Image[]> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(fieldsOf(given.all('field=value'))))
    query[filters.includes(name) ? name : `property-${name}`] = value;
  for (const name of ['marker', 'sort_key', 'sort_dir']) {
    const value = given.text(name);
    if (value !== undefined) query[name] = value;
  }
  const images: Image[] = [];
  for await (const image of api.images(query, given.integer('limit') ?? 10)) images.push(image);
  return images;
}

/** An image as lines of text. */
async function describe(api: GlanceApi, image: Image): Promise<void> {
  const yes = (value: unknown): string => (value ? 'Yes' : 'No');
  const text = (name: string): string => (image[name] === undefined ? '' : pyText(image[name]));
  const lines = [
    `URI: ${await api.session.endpoint()}${path(image.id)}`,
    `Id: ${image.id}`,
    `Public: ${yes(image['is_public'])}`,
    `Protected: ${yes(image['protected'])}`,
    `Name: ${text('name')}`,
    `Status: ${text('status')}`,
    `Size: ${text('size')}`,
    `Disk format: ${text('disk_format')}`,
    `Container format: ${text('container_format')}`,
    `Minimum Ram Required (MB): ${text('min_ram')}`,
    `Minimum Disk Required (GB): ${text('min_disk')}`,
    ...(image['owner'] === undefined ? [] : [`Owner: ${text('owner')}`]),
    ...Object.entries(image.properties).map(([name, value]) => `Property '${name}': ${value}`),
    `Created at: ${text('created_at')}`,
    ...['deleted_at', 'updated_at'].flatMap((name) =>
      image[name] === undefined ? [] : [`${name === 'deleted_at' ? 'Deleted' : 'Updated'} at: ${text(name)}`],
    ),
  ];
  api.shell.out(`${lines.join('\n')}\n`);
}

/** Whether to go on: asked at a terminal, no elsewhere, yes with `--force`. */
async function confirmed(api: GlanceApi, question: string): Promise<boolean> {
  return api.force || /^y(es)?$/i.test((await api.shell.askLine(`${question} [y/N] `)) ?? '');
}

/** Takes out what cannot be set, and says so. */
function settable(api: GlanceApi, given: Given, fixed: readonly string[], word: string): Record<string, string> {
  const wanted = fieldsOf(given.all('field=value'));
  for (const name of fixed.filter((one) => one in wanted)) {
    api.shell.out(`Found ${word} field ${name}. Removing.\n`);
    delete wanted[name];
  }
  return wanted;
}

const flags = ['is_public', 'protected'];
const own = [
  'id',
  'name',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'location',
  'owner',
  'checksum',
  ...flags,
];

function headersOf(wanted: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => {
      if (name === 'copy_from') return ['x-glance-api-copy-from', value];
      const shown = flags.includes(name) ? pyText(parseBoolean(value) ?? false) : value;
      return [`x-image-meta-${own.includes(name) ? name : `property-${name}`}`, shown];
    }),
  );
}

const dump = (api: GlanceApi, values: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(values).toSorted(([a], [b]) => byBytes(a, b)))
    api.shell.out(` ${name.padStart(30)} => ${pyStr(value)}\n`);
};

async function add(api: GlanceApi, given: Given): Promise<void> {
  const wanted = {
    is_public: 'False',
    protected: 'False',
    ...settable(api, given, ['status', 'size'], 'non-settable'),
  };
  if (api.dryRun) {
    api.shell.out('Dry run. We would have done the following:\nAdd new image with metadata:\n');
    return dump(api, wanted);
  }
  const input = 'location' in wanted || 'copy_from' in wanted ? undefined : api.shell.input();
  const { image } = await api.session.call<{ image: Image }>({
    method: 'POST',
    path: '/images',
    headers: {
      ...headersOf(wanted),
      ...(input && { 'content-type': 'application/octet-stream' }),
      ...(input?.length !== undefined && { 'content-length': String(input.length) }),
    },
    ...(input && { body: input.data }),
  });
  api.shell.out(`Added new image with ID: ${image.id}\n`);
  if (!api.verbose) return;
  api.shell.out('Returned the following metadata for the new image:\n');
  dump(api, image);
}

async function update(api: GlanceApi, given: Given): Promise<void> {
  const fixed = ['created_at', 'deleted_at', 'deleted', 'updated_at', 'size', 'status'];
  const wanted = settable(api, given, fixed, 'non-modifiable');
  const imageId = given.one('IMAGE_ID');
  if (api.dryRun) {
    api.shell.out('Dry run. We would have done the following:\nUpdate existing image with metadata:\n');
    return dump(api, wanted);
  }
  const { image } = await api.session.call<{ image: Image }>({
    method: 'PUT',
    path: path(imageId),
    headers: headersOf(wanted),
  });
  api.shell.out(`Updated image ${imageId}\n`);
  if (!api.verbose) return;
  api.shell.out(`Updated image metadata for image ${imageId}:\n`);
  await describe(api, image);
}

const cell = (value: unknown, width: number): string => pyText(value).slice(0, width).padEnd(width);

/** Commands of older releases on images. */
export const olderImageCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'index',
    summary: 'DEPRECATED! Use image-list instead.',
    arguments: page,
    async run(api, given) {
      const widths = [36, 30, 20, 20, 14];
      const heads = ['ID', 'Name', 'Disk Format', 'Container Format', 'Size'];
      api.shell.out(`${heads.map((head, at) => head.padEnd(widths[at] as number)).join(' ')}\n`);
      api.shell.out(`${widths.map((width) => '-'.repeat(width)).join(' ')}\n`);
      for (const image of await imagesOf(api, given)) {
        const { id: imageId, name, disk_format: disk, container_format: container, size } = image;
        const left = [imageId, name, disk, container].map((one, at) => cell(one, widths[at] as number));
        api.shell.out(`${[...left, pyText(size).slice(0, 14).padStart(14)].join(' ')}\n`);
      }
    },
  },
  {
    name: 'details',
    summary: 'DEPRECATED! Use image-list instead.',
    arguments: page,
    async run(api, given) {
      const rule = `${'='.repeat(80)}\n`;
      for (const [at, image] of (await imagesOf(api, given)).entries()) {
        if (at === 0) api.shell.out(rule);
        await describe(api, image);
        api.shell.out(rule);
      }
    },
  },
  {
    name: 'show',
    summary: 'DEPRECATED! Use image-show instead.',
    arguments: [id],
    async run(api, given) {
      await describe(api, await api.head(given.one('IMAGE_ID')));
    },
  },
  {
    name: 'add',
    summary: 'DEPRECATED! Use image-create instead.',
    arguments: [{ name: '--silent-upload', help: 'Accepted; nothing is drawn.' }, fields],
    run: add,
  },
  {
    name: 'update',
    summary: 'DEPRECATED! Use image-update instead.',
    arguments: [id, fields],
    run: update,
  },
  {
    name: 'delete',
    summary: 'DEPRECATED! Use image-delete instead.',
    arguments: [id],
    async run(api, given) {
      const imageId = given.one('IMAGE_ID');
      if (await confirmed(api, `Delete image ${imageId}?`))
        await api.session.headers({ method: 'DELETE', path: path(imageId) });
      else api.shell.out(`Not deleting image ${imageId}\n`);
    },
  },
  {
    name: 'clear',
    summary: 'DEPRECATED! Deletes all images.',
    arguments: [],
    async run(api) {
      if (!(await confirmed(api, 'Delete all images?'))) return api.shell.out('Not deleting any images\n');
      for await (const image of api.images({})) {
        if (api.verbose) api.shell.out(`Deleting image ${image.id} "${image.name}" ... `);
        await api.session.headers({ method: 'DELETE', path: path(image.id) });
        if (api.verbose) api.shell.out('done\n');
      }
    },
  },
];
