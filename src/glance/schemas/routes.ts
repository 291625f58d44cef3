import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { imageProperties, uuidPattern } from '../images/schema.ts';
import { importMethods } from '../images/routes-v2.ts';
import { memberStatuses } from '../members/rows.ts';

const route = routesFor<Glance>();

const image = {
  name: 'image',
  properties: imageProperties,
  additionalProperties: { type: 'string' },
  links: [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ],
};

const member = {
  name: 'member',
  properties: {
    member_id: { type: 'string', description: 'Project that the image is shared with' },
    image_id: { type: 'string', description: 'Identifier of the image', pattern: uuidPattern },
    created_at: { type: 'string', description: 'When the image was shared' },
    updated_at: { type: 'string', description: 'When the sharing was changed last' },
    status: { type: 'string', description: "The project's answer", enum: [...memberStatuses] },
    schema: { readOnly: true, type: 'string' },
  },
};

/** A list of things, with the links between its pages. */
const collection = (name: string, items: object, paged: boolean) => ({
  name,
  properties: {
    [name]: { type: 'array', items },
    ...(paged && { first: { type: 'string' }, next: { type: 'string' } }),
    schema: { type: 'string' },
  },
  ...(paged && {
    links: [
      { rel: 'first', href: '{first}' },
      { rel: 'next', href: '{next}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  }),
});

const documents = {
  image,
  images: collection('images', image, true),
  member,
  members: collection('members', member, false),
};

export const schemaRoutes = [
  ...Object.entries(documents).map(([name, document]) =>
    route({
      id: `schemas.${name}`,
      summary: `The JSON schema of ${name}`,
      method: 'GET',
      path: `/schemas/${name}`,
      policy: 'get_schemas',
      status: 200,
      handle: () => document,
    }),
  ),
  route({
    id: 'info.import',
    summary: 'How data may be imported',
    method: 'GET',
    path: '/info/import',
    policy: 'get_stores',
    status: 200,
    handle: () => ({
      'import-methods': { description: 'Import methods available.', type: 'array', value: [...importMethods] },
    }),
  }),
  route({
    id: 'info.stores',
    summary: 'Where image data may be kept',
    method: 'GET',
    path: '/info/stores',
    policy: 'get_stores',
    status: 200,
    handle: ({ stores }) => ({
      stores: stores.all.map((store) => ({
        id: store.name,
        ...(store === stores.default && { default: 'true' }),
        ...(!store.writing && { 'read-only': 'true' }),
      })),
    }),
  }),
];
