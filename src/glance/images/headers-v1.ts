import { badRequest } from '#common/api/errors.ts';
import { containerFormats, diskFormats, maxInteger, type Image, type ImageSettings } from './image.ts';
import { imageV1 } from './view-v1.ts';

/** What v1's `x-image-meta-*` request headers say. */
export interface MetaHeaders {
  readonly settings: Partial<ImageSettings>;
  readonly id?: string;
  /** Bytes that the sender announces. */
  readonly size?: number;
  readonly checksum?: string;
  readonly store?: string;
  readonly location?: string;
  /** `x-glance-api-copy-from` */
  readonly copyFrom?: string;
}

const prefix = 'x-image-meta-';
const propertyPrefix = 'x-image-meta-property-';
/** Sent back by clients that read them from an answer; said by the server alone. */
const ignored = new Set(['created_at', 'updated_at', 'deleted_at', 'deleted', 'status', 'virtual_size', 'uri']);

/** Headers carry UTF-8 in bytes that Node reads as Latin-1. */
const decode = (value: string): string => {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? value : text;
};
const encode = (value: string): string =>
  // A line break in a name must not become a header of its own.
  // eslint-disable-next-line no-control-regex
  Buffer.from(value.replace(/[\u0000-\u001f\u007f]/g, ' '), 'utf8').toString('latin1');

/** @throws ApiError 400 naming the header */
export function parseMetaHeaders(headers: Readonly<Record<string, string | undefined>>): MetaHeaders {
  const meta: Record<string, string> = {};
  const properties: Record<string, string> = {};
  for (const [name, raw] of Object.entries(headers)) {
    if (raw === undefined) continue;
    if (name.startsWith(propertyPrefix))
      properties[name.slice(propertyPrefix.length).replaceAll('-', '_')] = decode(raw);
    else if (name.startsWith(prefix)) meta[name.slice(prefix.length).replaceAll('-', '_')] = decode(raw);
  }
  const settings: { -readonly [K in keyof ImageSettings]?: ImageSettings[K] } = {};
  const rest: { -readonly [K in Exclude<keyof MetaHeaders, 'settings'>]?: MetaHeaders[K] } = {};
  for (const [name, value] of Object.entries(meta)) {
    if (ignored.has(name)) continue;
    switch (name) {
      case 'id':
      case 'checksum':
      case 'store':
      case 'location':
        if (value !== '') rest[name] = value;
        break;
      case 'size':
        rest.size = integer(name, value, Number.MAX_SAFE_INTEGER);
        break;
      case 'name':
        if (value.length > 255) throw badRequest(`Image name too long: ${value.length}`);
        settings.name = value;
        break;
      case 'owner':
        settings.owner = value === '' ? null : value;
        break;
      case 'is_public':
        settings.visibility = boolean(value) ? 'public' : 'shared';
        break;
      case 'protected':
        settings.protected = boolean(value);
        break;
      case 'min_disk':
        settings.minDisk = integer(name, value, maxInteger);
        break;
      case 'min_ram':
        settings.minRam = integer(name, value, maxInteger);
        break;
      case 'disk_format':
        settings.diskFormat = oneOf('disk', value, diskFormats);
        break;
      case 'container_format':
        settings.containerFormat = oneOf('container', value, containerFormats);
        break;
      default:
        throw badRequest(`Bad header: ${prefix}${name}`);
    }
  }
  if (Object.keys(properties).length > 0) settings.properties = properties;
  const copyFrom = headers['x-glance-api-copy-from'];
  return { settings, ...rest, ...(copyFrom && { copyFrom: decode(copyFrom) }) };
}

const boolean = (value: string): boolean => /^(true|1|yes|on|t|y)$/i.test(value);

function integer(name: string, value: string, most: number): number {
  if (!/^\d+$/.test(value) || Number(value) > most)
    throw badRequest(`Cannot convert image ${name} "${value}" to an integer between 0 and ${most}.`);
  return Number(value);
}

function oneOf(kind: string, value: string, formats: readonly string[]): string | null {
  if (value === '' || value.toLowerCase() === 'none') return null;
  if (!formats.includes(value)) throw badRequest(`Invalid ${kind} format '${value}' for image.`);
  return value;
}

/** An image as v1's response headers. What is null has no header. */
export function metaHeaders(image: Image): Readonly<Record<string, string>> {
  const { properties, ...fields } = imageV1(image);
  const text = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value));
  return Object.fromEntries([
    ...Object.entries(fields)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [prefix + name, encode(text(value))]),
    ...Object.entries(properties)
      .filter(([name]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))
      .map(([name, value]) => [propertyPrefix + name, encode(value)]),
  ]) as Record<string, string>;
}
