import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { imageProperties, uuidPattern } from '../images/schema.ts';
import { metadefSchemas } from '../metadefs/schema.ts';
import { taskStatuses, taskTypes } from '../tasks/task.ts';
import type { ImageStore } from '../stores/driver.ts';
import type { Stores } from '../stores/stores.ts';
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

const task = {
  name: 'task',
  properties: {
    id: { type: 'string', description: 'Identifier of the task', pattern: uuidPattern },
    type: { type: 'string', description: 'What is done', enum: [...taskTypes] },
    status: { type: 'string', description: 'How far it is', enum: [...taskStatuses] },
    input: { type: ['null', 'object'], description: 'What was asked for' },
    result: { type: ['null', 'object'], description: 'What came of it' },
    owner: { type: 'string', description: 'Project that asked' },
    message: { type: 'string', description: 'Why it failed' },
    expires_at: { type: ['null', 'string'], description: 'Until when the task is shown' },
    created_at: { type: 'string', description: 'When it was asked for' },
    updated_at: { type: 'string', description: 'When it was changed last' },
    image_id: { type: ['null', 'string'], description: 'The image' },
    request_id: { type: ['null', 'string'], description: 'The request that asked' },
    user_id: { type: ['null', 'string'], description: 'The user who asked' },
    self: { type: 'string' },
    schema: { type: 'string' },
  },
};

const documents: Readonly<Record<string, object>> = {
  image,
  images: collection('images', image, true),
  member,
  members: collection('members', member, false),
  task,
  tasks: collection('tasks', task, true),
  ...Object.fromEntries(Object.entries(metadefSchemas).map(([name, document]) => [`metadefs/${name}`, document])),
};

const storeView = (stores: Stores, store: ImageStore) => ({
  id: store.name,
  ...(store === stores.default && { default: 'true' }),
  ...(!store.writing && { 'read-only': 'true' }),
});

export const schemaRoutes = [
  ...Object.entries(documents).map(([name, document]) =>
    route({
      id: `schemas.${name.replace('/', '.')}`,
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
    handle: ({ imports }) => ({
      'import-methods': { description: 'Import methods available.', type: 'array', value: [...imports.methods] },
    }),
  }),
  route({
    id: 'info.stores',
    summary: 'Where image data may be kept',
    method: 'GET',
    path: '/info/stores',
    policy: 'get_stores',
    status: 200,
    handle: ({ stores }) => ({ stores: stores.all.map((store) => storeView(stores, store)) }),
  }),
  route({
    id: 'info.storesDetail',
    summary: 'Where image data may be kept, with how',
    method: 'GET',
    path: '/info/stores/detail',
    policy: 'get_stores_detail',
    status: 200,
    handle: ({ stores }) => ({
      stores: stores.all.map((store) => ({
        ...storeView(stores, store),
        type: store.schemes[0],
        properties: { ...store.details },
      })),
    }),
  }),
];
