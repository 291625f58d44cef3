import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { compileCheck } from '#common/api/validation.ts';
import { wordsOf } from '../schemas/words.ts';

const text = (description: string, maxLength?: number) => ({
  type: 'string',
  description,
  ...(maxLength !== undefined && { maxLength }),
});
const nullable = (description: string, maxLength: number) => ({ type: ['string', 'null'], description, maxLength });
const readOnly = (description: string) => ({ type: 'string', description, readOnly: true });
const times = {
  created_at: { ...readOnly('When it was made'), format: 'date-time' },
  updated_at: { ...readOnly('When it was changed last'), format: 'date-time' },
};
const count = { type: 'integer', minimum: 0 };
const words = { type: 'array', items: { type: 'string' } };

/** What a property may be: the part of JSON schema that forms can be made from. */
const propertyAttributes = {
  title: text('A title for people'),
  description: text('What the property means'),
  operators: { ...words, description: 'How a value may be compared with the property' },
  type: { type: 'string', enum: ['array', 'boolean', 'integer', 'number', 'object', 'string', null] },
  required: words,
  minimum: { type: 'number' },
  maximum: { type: 'number' },
  maxLength: count,
  minLength: count,
  pattern: { type: 'string' },
  enum: { type: 'array' },
  readonly: { type: 'boolean' },
  default: {},
  items: {
    type: 'object',
    properties: {
      type: { type: 'string', enum: ['array', 'boolean', 'integer', 'number', 'object', 'string', null] },
      enum: { type: 'array' },
    },
  },
  maxItems: count,
  minItems: count,
  uniqueItems: { type: 'boolean' },
  additionalItems: { type: 'boolean' },
};
const propertyMap = {
  type: 'object',
  additionalProperties: { type: 'object', properties: propertyAttributes, required: ['title', 'type'] },
};

const object = {
  name: text('Name within the namespace', 255),
  description: text('What the object is'),
  required: { ...words, description: 'Properties that such an object must have' },
  properties: propertyMap,
  schema: readOnly('URL of the schema'),
  self: readOnly('URL of the object'),
  ...times,
};
const tag = { name: text('Name within the namespace', 80), ...times };
const association = {
  name: text('The resource type', 80),
  prefix: nullable('Stands before the names of properties on such resources', 80),
  properties_target: nullable('Which of the properties of such a resource are meant', 80),
  ...times,
};
const namespace = {
  namespace: text('The unique name', 80),
  display_name: nullable('A name for people', 80),
  description: nullable('What is defined here', 500),
  visibility: { type: 'string', enum: ['public', 'private'], description: 'Who sees it' },
  protected: { type: 'boolean', description: 'Whether deleting it is refused' },
  owner: text('Project that owns it', 255),
  objects: { type: 'array', items: { type: 'object', required: ['name'], properties: object } },
  properties: propertyMap,
  tags: { type: 'array', items: { type: 'object', required: ['name'], properties: tag } },
  resource_type_associations: { type: 'array', items: { type: 'object', required: ['name'], properties: association } },
  schema: readOnly('URL of the schema'),
  self: readOnly('URL of the namespace'),
  ...times,
};

const selfLinks = [
  { rel: 'self', href: '{self}' },
  { rel: 'describedby', href: '{schema}' },
];
const named = (name: string, properties: object, required: readonly string[], extra: object = {}) => ({
  name,
  properties,
  additionalProperties: false,
  required: [...required],
  ...extra,
});
const listOf = (name: string, items: object) => ({
  name,
  properties: {
    [name]: items,
    first: { type: 'string' },
    next: { type: 'string' },
    schema: { type: 'string' },
  },
  links: [
    { rel: 'first', href: '{first}' },
    { rel: 'next', href: '{next}' },
    { rel: 'describedby', href: '{schema}' },
  ],
});
const arrayOf = (name: string, item: object) => listOf(name, { type: 'array', items: item });

const one = {
  namespace: named('namespace', namespace, ['namespace'], { links: selfLinks }),
  object: named('object', object, ['name'], { links: selfLinks }),
  property: named('property', { name: text('Name within the namespace', 255), ...propertyAttributes }, [
    'name',
    'title',
    'type',
  ]),
  tag: named('tag', tag, ['name']),
  resource_type: named('resource_type_association', association, ['name']),
};

/** What `/v2/schemas/metadefs/<name>` publishes; requests are validated with the same. */
export const metadefSchemas = {
  ...one,
  namespaces: arrayOf('namespaces', one.namespace),
  objects: arrayOf('objects', one.object),
  properties: listOf('properties', propertyMap),
  tags: arrayOf('tags', one.tag),
  resource_types: arrayOf('resource_type_associations', one.resource_type),
};

const readOnlyNames = ['self', 'schema', 'created_at', 'updated_at'];
const check = (name: string, schema: object) =>
  compileCheck(Type.Unsafe({ type: 'object', ...schema }), 'body', wordsOf(name));
const checks = {
  namespace: check('namespace', one.namespace),
  object: check('object', one.object),
  property: check('property', one.property),
  tag: check('tag', one.tag),
  resource_type: check('resource_type_association', one.resource_type),
  tags: check('tags', { properties: { tags: namespace.tags }, required: ['tags'] }),
};

/**
 * A request's body after the schema of that name.
 * @throws ApiError 400, 403 for what only the server writes
 */
export function metadefBody(name: keyof typeof checks, body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('Malformed request body: it must be a JSON object.');
  const theirs = readOnlyNames.find((one) => Object.hasOwn(body, one));
  if (theirs !== undefined) throw forbidden(`Attribute '${theirs}' is read-only.`);
  const invalid = checks[name](body);
  if (invalid) throw invalid;
  return body as Record<string, unknown>;
}
