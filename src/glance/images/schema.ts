import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { compileCheck } from '#common/api/validation.ts';
import { containerFormats, diskFormats, maxInteger, visibilities, type ImageSettings } from './image.ts';
import { wordsOf } from '../schemas/words.ts';
import { imageStatuses } from './status.ts';

export const uuidPattern = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';

const nullableText = (description: string, maxLength = 255) => ({ type: ['null', 'string'], description, maxLength });
const readOnly = (schema: object) => ({ ...schema, readOnly: true });

/** The attributes of an image as `/v2/schemas/image` publishes them; requests are validated with the same. */
export const imageProperties = {
  id: { type: 'string', description: 'Identifier of the image', pattern: uuidPattern },
  name: nullableText('A name for people; need not be unique'),
  status: readOnly({ type: 'string', description: 'State of the image', enum: [...imageStatuses] }),
  visibility: { type: 'string', description: 'Who may see and use the image', enum: [...visibilities].sort() },
  protected: { type: 'boolean', description: 'Whether deleting the image is refused' },
  os_hidden: { type: 'boolean', description: 'Whether lists leave the image out unless they ask for hidden ones' },
  checksum: readOnly(nullableText('MD5 of the data', 32)),
  os_hash_algo: readOnly(nullableText('Which algorithm os_hash_value is made with', 64)),
  os_hash_value: readOnly(nullableText('Hash of the data, hexadecimal', 128)),
  owner: nullableText('Project that owns the image'),
  size: readOnly({ type: ['null', 'integer'], description: 'Bytes of the data' }),
  virtual_size: readOnly({ type: ['null', 'integer'], description: 'Bytes of the disk that a guest sees' }),
  container_format: {
    type: ['null', 'string'],
    description: 'What the data is wrapped in',
    enum: [null, ...containerFormats],
  },
  disk_format: { type: ['null', 'string'], description: 'Format of the disk', enum: [null, ...diskFormats] },
  created_at: readOnly({ type: 'string', description: 'When the image was registered' }),
  updated_at: readOnly({ type: 'string', description: 'When the image was changed last' }),
  tags: { type: 'array', description: 'Words attached to the image', items: { type: 'string', maxLength: 255 } },
  direct_url: readOnly({ type: 'string', description: 'Where the store keeps the data' }),
  min_ram: { type: 'integer', description: 'Megabytes of memory that a guest needs', maximum: maxInteger },
  min_disk: { type: 'integer', description: 'Gigabytes of disk that a guest needs', maximum: maxInteger },
  self: readOnly({ type: 'string', description: 'URL of the image' }),
  file: readOnly({ type: 'string', description: 'URL of the data' }),
  stores: readOnly({ type: 'string', description: 'Names of the stores that have the data, with commas between' }),
  schema: readOnly({ type: 'string', description: 'URL of this schema' }),
  locations: {
    type: 'array',
    description: 'Where the data is',
    items: {
      type: 'object',
      required: ['url', 'metadata'],
      properties: { url: { type: 'string', maxLength: 255 }, metadata: { type: 'object' } },
    },
  },
};

const checkImage = compileCheck(
  Type.Unsafe({ type: 'object', properties: imageProperties, additionalProperties: { type: 'string' } }),
  'body',
  wordsOf('image'),
);

const readOnlyNames = [
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'os_hash_algo',
  'os_hash_value',
  'id',
];
const reservedNames = [
  'direct_url',
  'self',
  'file',
  'schema',
  'stores',
  'is_public',
  'deleted',
  'deleted_at',
  'location',
];

/** Attributes that every image has: they can be replaced but not removed. */
export const wireNames: ReadonlySet<string> = new Set([
  'name',
  'visibility',
  'owner',
  'protected',
  'os_hidden',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'tags',
]);

/** @throws ApiError 400 when a v2 body is no image */
export function validateImageBody(body: unknown): asserts body is Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('Malformed request body: it must be a JSON object.');
  const invalid = checkImage(body);
  if (invalid) throw invalid;
}

/**
 * A v2 body (without `id`) as settings: what the image schema does not know is a custom property.
 * @throws ApiError 400 invalid, 403 read-only or reserved attribute
 */
export function settingsOfBody(body: unknown): Partial<ImageSettings> {
  if (typeof body === 'object' && body !== null)
    for (const name of Object.keys(body)) {
      if (readOnlyNames.includes(name)) throw forbidden(`Attribute '${name}' is read-only.`);
      if (reservedNames.includes(name) || name.startsWith('os_glance_'))
        throw forbidden(`Attribute '${name}' is reserved.`);
      if (name === 'locations') throw forbidden("It's not allowed to change locations if locations are invisible.");
    }
  validateImageBody(body);
  for (const name of ['min_disk', 'min_ram'])
    if (typeof body[name] === 'number' && body[name] < 0) throw badRequest(`Value of ${name} must not be negative.`);
  const known: Record<string, unknown> = {
    name: body['name'],
    visibility: body['visibility'],
    owner: body['owner'],
    protected: body['protected'],
    hidden: body['os_hidden'],
    diskFormat: body['disk_format'],
    containerFormat: body['container_format'],
    minDisk: body['min_disk'],
    minRam: body['min_ram'],
    tags: body['tags'],
  };
  const custom = Object.entries(body).filter(([name]) => !wireNames.has(name)) as [string, string][];
  for (const [name] of custom)
    if (name.length > 255) throw badRequest(`The property name "${name}" is longer than 255.`);
  return {
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    ...(custom.length > 0 && { properties: Object.fromEntries(custom) }),
  };
}

const pairs: Readonly<Record<string, string>> = { ami: 'ami', ari: 'ari', aki: 'aki' };

/** The formats of Amazon's images come in pairs. @throws ApiError 400 */
export function checkFormats(diskFormat: string | null, containerFormat: string | null): void {
  if (diskFormat === null || containerFormat === null) return;
  if ((pairs[diskFormat] ?? pairs[containerFormat]) !== undefined && diskFormat !== containerFormat)
    throw badRequest(
      "Invalid mix of disk and container formats. When setting a disk or container format to one of 'aki', 'ari', or 'ami', the container and disk formats must match.",
    );
}
