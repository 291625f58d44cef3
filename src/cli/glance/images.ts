import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { parseBoolean, pyText } from '../base/python.ts';
import type { Input } from '../base/shell.ts';
import { humanSize, type GlanceApi, type Image } from './api.ts';
import { fileInput, save, withProgress } from './data.ts';

const image: Argument = { name: '<IMAGE>', help: 'Name or ID of image.' };
const human: Argument = { name: '--human-readable', help: 'Print image size in a human-friendly format.' };
const property: Argument = {
  name: '--property',
  value: '<key=value>',
  repeat: true,
  help: 'Arbitrary property to associate with image. May be used multiple times.',
};

const text = (name: string, value: string, help: string): Argument => ({ name: `--${name}`, value, help });
const flag = (name: string, help: string): Argument => ({ name: `--${name}`, value: '{True,False}', help });

/** Options of create and update; most become `x-image-meta-*` headers of the same name. */
const attributes: readonly Argument[] = [
  text(
    'disk-format',
    '<DISK_FORMAT>',
    'Disk format of image. Acceptable formats: ami, ari, aki, vhd, vmdk, raw, qcow2, vdi, and iso.',
  ),
  text(
    'container-format',
    '<CONTAINER_FORMAT>',
    'Container format of image. Acceptable formats: ami, ari, aki, bare, and ovf.',
  ),
  text('owner', '<TENANT_ID>', 'Tenant who should own image.'),
  text('size', '<SIZE>', 'Size of image data (in bytes). Only used with --location and --copy-from.'),
  text('min-disk', '<DISK_GB>', 'Minimum size of disk needed to boot image (in gigabytes).'),
  text('min-ram', '<DISK_RAM>', 'Minimum amount of ram needed to boot image (in megabytes).'),
  text('location', '<IMAGE_URL>', 'URL where the data for this image already resides.'),
  text('file', '<FILE>', 'Local file of the data; without it, what is piped into standard input.'),
  text('checksum', '<CHECKSUM>', 'MD5 of the image data, which is verified.'),
  text('copy-from', '<IMAGE_URL>', 'Like --location, but the data is copied from there into the store.'),
  flag('is-public', 'Make image accessible to the public.'),
  flag('is-protected', 'Prevent image from being deleted.'),
  property,
];
const progress: Argument = { name: '--progress', help: 'Show a bar of how far the data is, at a terminal.' };
const headerOptions = [
  'name',
  'disk-format',
  'container-format',
  'owner',
  'size',
  'min-disk',
  'min-ram',
  'location',
  'checksum',
  'is-public',
  'is-protected',
];

/** A header's value: Node takes bytes as Latin-1, the service reads UTF-8. */
const headerText = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function pairOf(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 0) throw new CommandError(`argument --property: '${text}' is not of the form key=value`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function metaHeaders(given: Given): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const option of headerOptions) {
    const value = given.text(option);
    if (value === undefined) continue;
    const isFlag = option === 'is-public' || option === 'is-protected';
    const flag = isFlag ? parseBoolean(value) : undefined;
    if (isFlag && flag === undefined)
      throw new CommandError(`Unrecognized value '${value}', acceptable values are: true, false`);
    const header = option === 'is-protected' ? 'protected' : option.replaceAll('-', '_');
    headers[`x-image-meta-${header}`] = headerText(flag === undefined ? value : pyText(flag));
  }
  if (given.has('public') && !given.has('is-public')) headers['x-image-meta-is_public'] = 'True';
  for (const pair of given.all('property')) {
    const [name, value] = pairOf(pair);
    headers[`x-image-meta-property-${name}`] = headerText(value);
  }
  const copyFrom = given.text('copy-from');
  return { ...headers, ...(copyFrom !== undefined && { 'x-glance-api-copy-from': copyFrom }) };
}

/** The data to send: a file, or what is piped in. */
function inputOf(api: GlanceApi, given: Given): Input | undefined {
  if (given.has('location') || given.has('copy-from')) return undefined;
  const file = given.text('file');
  const input = file === undefined ? api.shell.input() : fileInput(file);
  if (!input || !given.has('progress')) return input;
  return { data: withProgress(api.shell, input.data, input.length), length: input.length };
}

function dataHeaders(input: Input | undefined): Record<string, string> {
  if (!input) return {};
  return {
    'content-type': 'application/octet-stream',
    ...(input.length !== undefined && {
      'content-length': String(input.length),
      'x-image-meta-size': String(input.length),
    }),
  };
}

const sizeFormat = (given: Given): ((size: unknown) => string) => (given.has('human-readable') ? humanSize : pyText);

const update = async (api: GlanceApi, given: Given): Promise<void> => {
  const { id, status } = await api.findImage(given.one('IMAGE'));
  // An image has its data once.
  const input = status === 'queued' ? inputOf(api, given) : undefined;
  const { image: changed } = await api.session.call<{ image: Image }>({
    method: 'PUT',
    path: `/images/${id}`,
    headers: {
      ...metaHeaders(given),
      ...dataHeaders(input),
      'x-glance-registry-purge-props': String(given.has('purge-props')),
    },
    ...(input && { body: input.data }),
  });
  api.printImage(changed, sizeFormat(given));
};

const sortKeys = ['name', 'status', 'container_format', 'disk_format', 'size', 'id', 'created_at', 'updated_at'];

export const imageCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'image-list',
    summary: 'List images you can access.',
    watches: 'image.',
    arguments: [
      { name: '--name', value: '<NAME>', help: 'Filter images to those that have this name.' },
      { name: '--status', value: '<STATUS>', help: 'Filter images to those that have this status.' },
      {
        name: '--container-format',
        value: '<CONTAINER_FORMAT>',
        help: 'Filter images to those that have this container format.',
      },
      { name: '--disk-format', value: '<DISK_FORMAT>', help: 'Filter images to those that have this disk format.' },
      { name: '--size-min', value: '<SIZE>', help: 'Filter images to those with a size greater than this.' },
      { name: '--size-max', value: '<SIZE>', help: 'Filter images to those with a size less than this.' },
      {
        name: '--property-filter',
        value: '<KEY=VALUE>',
        repeat: true,
        help: 'Filter images by a user-defined image property.',
      },
      {
        name: '--page-size',
        value: '<SIZE>',
        type: 'int',
        help: 'Number of images to request in each paginated request.',
      },
      human,
      {
        name: '--sort-key',
        value: `{${sortKeys.join(',')}}`,
        choices: sortKeys,
        help: 'Sort image list by specified field.',
      },
      {
        name: '--sort-dir',
        value: '{asc,desc}',
        choices: ['asc', 'desc'],
        help: 'Sort image list in specified direction.',
      },
      {
        name: '--is-public',
        value: '{True,False}',
        help: 'Allows the user to select a listing of public or non public images.',
      },
      { name: '--owner', value: '<TENANT_ID>', help: 'Display only images owned by this tenant id. Requires admin.' },
      {
        name: '--all-tenants',
        help: "Allows the admin user to list all images irrespective of the image's owner or is_public value.",
      },
    ],
    async run(api, given) {
      const query: Record<string, string> = {
        sort_key: given.text('sort-key') ?? 'name',
        sort_dir: given.text('sort-dir') ?? 'asc',
      };
      for (const option of ['name', 'status', 'container-format', 'disk-format', 'size-min', 'size-max', 'is-public']) {
        const value = given.text(option);
        if (value !== undefined) query[option.replaceAll('-', '_')] = value;
      }
      for (const pair of given.all('property-filter')) {
        const [name, value] = pairOf(pair);
        query[`property-${name}`] = value;
      }
      // The service does not narrow by owner: all are asked for, and the others' left out here.
      const owner = given.text('owner');
      if (given.has('all-tenants') || owner !== undefined) query['is_public'] = 'None';
      const rows: unknown[][] = [];
      for await (const one of api.images(query, given.integer('page-size'))) {
        if (owner !== undefined && (one['owner'] ?? '') !== owner) continue;
        rows.push([
          one.id,
          one.name,
          one['disk_format'],
          one['container_format'],
          one['size'] && sizeFormat(given)(one['size']),
          one['status'],
        ]);
      }
      api.printList(['ID', 'Name', 'Disk Format', 'Container Format', 'Size', 'Status'], rows);
    },
  },
  {
    name: 'image-show',
    summary: 'Describe a specific image.',
    arguments: [human, image],
    async run(api, given) {
      api.printImage(await api.head(await api.find(given.one('IMAGE'))), sizeFormat(given));
    },
  },
  {
    name: 'image-create',
    summary: 'Create a new image.',
    arguments: [
      { name: '--id', value: '<IMAGE_ID>', help: 'ID of image to reserve.' },
      text('name', '<NAME>', 'Name of image.'),
      text('store', '<STORE>', 'Store to upload image to.'),
      ...attributes,
      { name: '--public', hidden: true },
      human,
      progress,
    ],
    async run(api, given) {
      const input = inputOf(api, given);
      const [id, store] = [given.text('id'), given.text('store')];
      const made = await api.session.call<{ image: Image }>({
        method: 'POST',
        path: '/images',
        headers: {
          'x-image-meta-is_public': 'False',
          ...metaHeaders(given),
          ...(id !== undefined && { 'x-image-meta-id': id }),
          ...(store !== undefined && { 'x-image-meta-store': store }),
          ...dataHeaders(input),
        },
        ...(input && { body: input.data }),
      });
      api.printImage(made.image, sizeFormat(given));
    },
  },
  {
    name: 'image-update',
    summary: 'Update a specific image.',
    arguments: [
      { ...image, help: 'Name or ID of image to modify.' },
      text('name', '<NAME>', 'Name of image.'),
      ...attributes,
      { name: '--purge-props', help: 'Delete all image properties not explicitly set in the update request.' },
      human,
      progress,
    ],
    run: update,
  },
  {
    name: 'image-delete',
    summary: 'Delete specified image(s).',
    arguments: [{ name: '<IMAGE>', count: 'many', help: 'Name or ID of image(s) to delete.' }],
    async run(api, given) {
      for (const name of given.all('IMAGE')) {
        const id = await api.find(name);
        if (api.verbose) api.shell.out(`Requesting image delete for ${name} ... `);
        try {
          await api.session.headers({ method: 'DELETE', path: `/images/${id}` });
        } catch (error) {
          if (api.verbose) api.shell.out('[Fail]\n');
          if (!(error instanceof HttpError)) throw error;
          throw new CommandError(`${error.message}: Unable to delete image ${name}`);
        }
        if (api.verbose) api.shell.out('[Done]\n');
      }
    },
  },
  {
    name: 'image-download',
    summary: 'Download a specific image.',
    arguments: [
      {
        name: '--file',
        value: '<FILE>',
        help: 'Local file to save downloaded image data to. If this is not specified the image data will be written to stdout.',
      },
      image,
      progress,
    ],
    async run(api, given) {
      const id = await api.find(given.one('IMAGE'));
      const { stream, headers } = await api.session.send({ method: 'GET', path: `/images/${id}` });
      const length = Number(headers['content-length']);
      const data = given.has('progress') ? withProgress(api.shell, stream, length || undefined) : stream;
      await save(api.shell, data, given.text('file'), headers['x-image-meta-checksum']);
    },
  },
];
