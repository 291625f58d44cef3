import { ApiError, badRequest, conflict, forbidden } from '#common/api/errors.ts';
import { settingsOfBody, wireNames } from './schema.ts';
import type { Image, ImageSettings } from './image.ts';

export const patchTypes = [
  'application/openstack-images-v2.1-json-patch',
  'application/openstack-images-v2.0-json-patch',
] as const;

/** One change of one attribute. */
export interface Change {
  readonly op: 'add' | 'replace' | 'remove';
  readonly name: string;
  readonly value: unknown;
  /** v2.0's `add` refuses to replace. */
  readonly strictAdd: boolean;
}

/**
 * Reads a PATCH body of either of Glance's media types: RFC 6902 with single-step paths, and the older
 * `[{"replace": "/name", "value": …}]`.
 * @throws ApiError 400, 415
 */
export function parsePatch(contentType: string | undefined, body: unknown): readonly Change[] {
  const type = contentType?.split(';')[0]?.trim();
  if (!(patchTypes as readonly (string | undefined)[]).includes(type))
    throw new ApiError(415, `Unsupported Media Type: use ${patchTypes.join(' or ')}.`, {
      headers: { 'accept-patch': patchTypes.join(', ') },
    });
  if (!Array.isArray(body)) throw badRequest('Request body must be a JSON array of operation objects.');
  const older = type === patchTypes[1];
  return body.map((operation: unknown) => parseChange(operation, older));
}

const ops = ['add', 'replace', 'remove'] as const;

function parseChange(operation: unknown, older: boolean): Change {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation))
    throw badRequest('Operations must be JSON objects.');
  const given = operation as Record<string, unknown>;
  const named = older ? ops.filter((op) => op in given) : ops.filter((op) => op === given['op']);
  const [op] = named;
  if (named.length !== 1 || op === undefined)
    throw badRequest('Operation objects must contain exactly one member named "add", "remove", or "replace".');
  const path = older ? given[op] : given['path'];
  if (typeof path !== 'string' || path === '') throw badRequest('Unable to find path in JSON patch change.');
  if (op !== 'remove' && !('value' in given)) throw badRequest(`Operation "${op}" requires a member named "value".`);
  return { op, name: attributeOf(path), value: given['value'], strictAdd: older };
}

/** The attribute of a JSON pointer of one step. */
function attributeOf(path: string): string {
  const invalid = badRequest(`Invalid JSON pointer for this resource: '${path}'`);
  if (!path.startsWith('/') || /\/\//.test(path) || path.length < 2) throw invalid;
  if (/~(?![01])/.test(path))
    throw badRequest(`Pointer contains '~' not part of a recognized escape sequence: '${path}'`);
  const [name, ...rest] = path.slice(1).split('/');
  if (name === 'locations') throw forbidden("It's not allowed to change locations if locations are invisible.");
  if (rest.length > 0) throw invalid;
  return (name as string).replaceAll('~1', '/').replaceAll('~0', '~');
}

/**
 * What the changes, one after another, make of an image.
 * @throws ApiError 400 bad value, 403 read-only or reserved attribute, 409 attribute that is (not) there
 */
export function applyPatch(image: Image, changes: readonly Change[]): Partial<ImageSettings> {
  const properties: Record<string, string> = { ...image.properties };
  let settings: Partial<ImageSettings> = {};
  for (const { op, name, value, strictAdd } of changes) {
    const isBase = wireNames.has(name);
    const exists = isBase || Object.hasOwn(properties, name);
    if (op === 'remove') {
      if (isBase) throw forbidden(`Property ${name} may not be removed.`);
      settingsOfBody({ [name]: '' }); // refuses reserved names
      if (!exists) throw conflict(`Property ${name} does not exist.`);
      delete properties[name];
      settings = { ...settings, properties: { ...properties } };
      continue;
    }
    const one = settingsOfBody({ [name]: value });
    if (op === 'replace' && !exists) throw conflict(`Property ${name} does not exist.`);
    if (op === 'add' && strictAdd && exists) throw conflict(`Property ${name} already present.`);
    if ((name === 'disk_format' || name === 'container_format') && image.status !== 'queued')
      throw forbidden(`Attribute ${name} can be only replaced for a queued image.`);
    if (one.properties) Object.assign(properties, one.properties);
    settings = { ...settings, ...one, ...(one.properties && { properties: { ...properties } }) };
  }
  return settings;
}
