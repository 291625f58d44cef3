import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { parseBoolean } from '../base/python.ts';
import type { GlanceApi } from './api.ts';

/** An image as version 2 shows it: custom properties are among the attributes. */
type Image = Readonly<Record<string, unknown>> & { readonly id: string };

const id = (help: string): Argument => ({ name: '<IMAGE_ID>', help });
const property: Argument = {
  name: '--property',
  value: '<key=value>',
  repeat: true,
  help: 'Arbitrary property to associate with image. May be used multiple times.',
};

const visibilities = ['public', 'private'];
const diskFormats = ['ami', 'ari', 'aki', 'vhd', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso'];
const containerFormats = ['ami', 'ari', 'aki', 'bare', 'ovf'];
const choice = (name: string, choices: readonly string[], help: string): Argument => ({
  name,
  value: `{${choices.join(',')}}`,
  choices,
  help,
});

/** The attributes that the image's schema lets one set. */
const attributes: readonly Argument[] = [
  { name: '--architecture', value: '<ARCHITECTURE>', help: 'Operating system architecture.' },
  choice('--container-format', containerFormats, 'Format of the container.'),
  choice('--disk-format', diskFormats, 'Format of the disk.'),
  { name: '--id', value: '<ID>', help: 'An identifier for the image.' },
  { name: '--instance-uuid', value: '<INSTANCE_UUID>', help: 'ID of instance used to create this image.' },
  {
    name: '--kernel-id',
    value: '<KERNEL_ID>',
    help: 'ID of image stored in Glance that is the kernel of an AMI-style image.',
  },
  {
    name: '--min-disk',
    value: '<MIN_DISK>',
    type: 'int',
    help: 'Amount of disk space (in GB) required to boot image.',
  },
  { name: '--min-ram', value: '<MIN_RAM>', type: 'int', help: 'Amount of ram (in MB) required to boot image.' },
  { name: '--name', value: '<NAME>', help: 'Descriptive name for the image.' },
  { name: '--os-distro', value: '<OS_DISTRO>', help: 'Common name of operating system distribution.' },
  { name: '--os-version', value: '<OS_VERSION>', help: 'Operating system version as specified by the distributor.' },
  { name: '--owner', value: '<OWNER>', help: 'Owner of the image.' },
  { name: '--protected', value: '[True|False]', help: 'If true, image will not be deletable.' },
  {
    name: '--ramdisk-id',
    value: '<RAMDISK_ID>',
    help: 'ID of image stored in Glance that is the ramdisk of an AMI-style image.',
  },
  { name: '--tags', value: '<TAGS>', count: 'many', help: 'List of strings related to the image.' },
  choice('--visibility', visibilities, 'Scope of image accessibility.'),
];

/** The attributes that were given. @throws CommandError */
function fieldsOf(given: Given): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const { name, type } of attributes) {
    const option = name.slice(2);
    const value = given.text(option);
    if (value === undefined) continue;
    const key = option.replaceAll('-', '_');
    if (option === 'tags') fields[key] = given.all('tags');
    else if (option === 'protected') fields[key] = parseBoolean(value) ?? value;
    else fields[key] = type === 'int' ? Number(value) : value;
  }
  for (const text of given.all('property')) {
    const equals = text.indexOf('=');
    if (equals < 0) throw new CommandError(`argument --property: '${text}' is not of the form key=value`);
    fields[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return fields;
}

/** An image without what only programs read. */
export function printImage(api: GlanceApi, image: Image): void {
  const { self: _self, access: _access, file: _file, schema: _schema, ...shown } = image as Record<string, unknown>;
  api.printFields(shown);
}

export const imageOf = (api: GlanceApi, imageId: string): Promise<Image> =>
  api.session.call<Image>({ method: 'GET', path: `/images/${encodeURIComponent(imageId)}` });

async function update(api: GlanceApi, given: Given): Promise<void> {
  const imageId = given.one('IMAGE_ID');
  const before = await imageOf(api, imageId);
  const changes = [
    ...given.all('remove-property').map((name) => ({ op: 'remove', path: `/${pointer(name)}` })),
    ...Object.entries(fieldsOf(given))
      .filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value))
      .map(([name, value]) => ({ op: name in before ? 'replace' : 'add', path: `/${pointer(name)}`, value })),
  ];
  await api.session.call({
    method: 'PATCH',
    path: `/images/${encodeURIComponent(imageId)}`,
    json: changes,
    headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
  });
  printImage(api, await imageOf(api, imageId));
}

/** A name as a part of a JSON pointer. */
const pointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Commands on images in version 2. */
export const imageCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'image-list',
    summary: 'List images you can access.',
    watches: 'image.',
    arguments: [
      {
        name: '--page-size',
        value: '<SIZE>',
        type: 'int',
        help: 'Number of images to request in each paginated request.',
      },
      { name: '--visibility', value: '<VISIBILITY>', help: 'The visibility of the images to display.' },
      { name: '--member-status', value: '<MEMBER_STATUS>', help: 'The status of images to display.' },
      { name: '--owner', value: '<OWNER>', help: 'Display images owned by <OWNER>.' },
      { name: '--checksum', value: '<CHECKSUM>', help: 'Display images matching the checksum.' },
      { name: '--tag', value: '<TAG>', repeat: true, help: 'Filter images by a user-defined tag.' },
    ],
    async run(api, given) {
      const query = new URLSearchParams({ limit: String(given.integer('page-size') ?? 20) });
      for (const option of ['visibility', 'member-status', 'owner', 'checksum']) {
        const value = given.text(option);
        if (value !== undefined) query.set(option.replace('-', '_'), value);
      }
      for (const tag of given.all('tag')) query.append('tag', tag);
      const rows: unknown[][] = [];
      for (let path: string | undefined = `/images?${query}`; path !== undefined;) {
        const page: { images: Image[]; next?: string } = await api.session.call({ method: 'GET', path });
        rows.push(...page.images.map((one) => [one.id, one['name']]));
        path = page.next?.replace(/^\/v2/, '');
      }
      api.printList(['ID', 'Name'], rows);
    },
  },
  {
    name: 'image-show',
    summary: 'Describe a specific image.',
    arguments: [id('ID of image to describe.')],
    async run(api, given) {
      printImage(api, await imageOf(api, given.one('IMAGE_ID')));
    },
  },
  {
    name: 'image-create',
    summary: 'Create a new image.',
    arguments: [...attributes, property],
    async run(api, given) {
      const json = fieldsOf(given);
      printImage(api, await api.session.call<Image>({ method: 'POST', path: '/images', json }));
    },
  },
  {
    name: 'image-update',
    summary: 'Update an existing image.',
    arguments: [
      id('ID of image to update.'),
      ...attributes.filter(({ name }) => name !== '--id'),
      property,
      {
        name: '--remove-property',
        value: 'key',
        repeat: true,
        help: 'Name of arbitrary property to remove from the image.',
      },
    ],
    run: update,
  },
  {
    name: 'image-delete',
    summary: 'Delete specified image.',
    arguments: [id('ID of image to delete.')],
    async run(api, given) {
      await api.session.headers({ method: 'DELETE', path: `/images/${encodeURIComponent(given.one('IMAGE_ID'))}` });
    },
  },
  {
    name: 'explain',
    summary: 'Describe a specific model.',
    arguments: [{ name: '<MODEL>', help: 'Name of model to describe.' }],
    async run(api, given) {
      const model = given.one('MODEL');
      try {
        const { properties = {} } = await api.session.call<{
          properties?: Record<string, { readonly description?: string }>;
        }>({ method: 'GET', path: `/schemas/${encodeURIComponent(model)}` });
        api.printList(
          ['Attribute', 'Description'],
          Object.entries(properties).map(([name, { description }]) => [name, description]),
        );
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 404) throw error;
        throw new CommandError(`Unable to find requested model '${model}'`);
      }
    },
  },
];
