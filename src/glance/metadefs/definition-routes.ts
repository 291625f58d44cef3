import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { last, pageLinks, parsePage } from './paging.ts';
import { metadefBody, metadefSchemas } from './schema.ts';
import { definitionOfBody, namespaceUrl, objectView } from './wire.ts';

const route = routesFor<Glance>();
const base = '/metadefs/namespaces/:namespace';
const Namespace = Type.Object({ namespace: Type.String() });
const ObjectName = Type.Object({ namespace: Type.String(), object: Type.String() });
const PropertyName = Type.Object({ namespace: Type.String(), property: Type.String() });
const Query = Type.Unsafe<Record<string, unknown>>({ type: 'object' });
const ObjectBody = Type.Unsafe<unknown>({ type: 'object', properties: metadefSchemas.object.properties });
const PropertyBody = Type.Unsafe<unknown>({ type: 'object', properties: metadefSchemas.property.properties });

export const metadefObjectRoutes = [
  route({
    id: 'metadefs.objects.list',
    summary: 'List the objects of a namespace',
    method: 'GET',
    path: `${base}/objects`,
    policy: 'get_metadef_objects',
    status: 200,
    params: Namespace,
    query: Query,
    async handle({ metadefs, limits }, { ctx, params: { namespace }, query, url }) {
      const page = parsePage(query, limits);
      const found = await metadefs.definitions(ctx, namespace, 'object', page);
      return {
        objects: found.map((one) => objectView(namespace, one)),
        ...pageLinks(url, `${namespaceUrl(namespace)}/objects`, found.length === page.limit, found.at(-1)?.name),
        schema: '/v2/schemas/metadefs/objects',
      };
    },
  }),
  route({
    id: 'metadefs.objects.create',
    summary: 'Define an object',
    method: 'POST',
    path: `${base}/objects`,
    policy: 'add_metadef_object',
    status: 201,
    params: Namespace,
    body: ObjectBody,
    async handle({ metadefs }, { ctx, params: { namespace }, body, reply }) {
      const made = await metadefs.define(ctx, namespace, 'object', definitionOfBody(metadefBody('object', body)));
      reply.header('location', encodeURI(`${namespaceUrl(namespace)}/objects/${made.name}`));
      return objectView(namespace, made);
    },
  }),
  route({
    id: 'metadefs.objects.deleteAll',
    summary: 'Delete all objects of a namespace',
    method: 'DELETE',
    path: `${base}/objects`,
    policy: 'delete_metadef_object',
    status: 204,
    params: Namespace,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.undefine(ctx, params.namespace, 'object');
      return undefined;
    },
  }),
  route({
    id: 'metadefs.objects.show',
    summary: 'Show an object',
    method: 'GET',
    path: `${base}/objects/:object`,
    policy: 'get_metadef_object',
    status: 200,
    params: ObjectName,
    handle: async ({ metadefs }, { ctx, params: { namespace, object } }) =>
      objectView(namespace, await metadefs.definition(ctx, namespace, 'object', object)),
  }),
  route({
    id: 'metadefs.objects.update',
    summary: 'Define an object anew',
    method: 'PUT',
    path: `${base}/objects/:object`,
    policy: 'modify_metadef_object',
    status: 200,
    params: ObjectName,
    body: ObjectBody,
    async handle({ metadefs }, { ctx, params: { namespace, object }, body }) {
      const given = definitionOfBody(metadefBody('object', body));
      return objectView(namespace, await metadefs.redefine(ctx, namespace, 'object', object, given));
    },
  }),
  route({
    id: 'metadefs.objects.delete',
    summary: 'Delete an object',
    method: 'DELETE',
    path: `${base}/objects/:object`,
    policy: 'delete_metadef_object',
    status: 204,
    params: ObjectName,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.undefine(ctx, params.namespace, 'object', params.object);
      return undefined;
    },
  }),
];

export const metadefPropertyRoutes = [
  route({
    id: 'metadefs.properties.list',
    summary: 'List the properties of a namespace',
    method: 'GET',
    path: `${base}/properties`,
    policy: 'get_metadef_properties',
    status: 200,
    params: Namespace,
    query: Query,
    async handle({ metadefs }, { ctx, params: { namespace }, query }) {
      const type = last(query['resource_type']);
      const prefix = (await metadefs.associations(ctx, namespace)).find(({ name }) => name === type)?.prefix ?? '';
      const found = await metadefs.definitions(ctx, namespace, 'property');
      return {
        properties: Object.fromEntries(found.map(({ name, body }) => [prefix + name, body])),
        schema: '/v2/schemas/metadefs/properties',
      };
    },
  }),
  route({
    id: 'metadefs.properties.create',
    summary: 'Define a property',
    method: 'POST',
    path: `${base}/properties`,
    policy: 'add_metadef_property',
    status: 201,
    params: Namespace,
    body: PropertyBody,
    async handle({ metadefs }, { ctx, params: { namespace }, body, reply }) {
      const made = await metadefs.define(ctx, namespace, 'property', definitionOfBody(metadefBody('property', body)));
      reply.header('location', encodeURI(`${namespaceUrl(namespace)}/properties/${made.name}`));
      return { name: made.name, ...made.body };
    },
  }),
  route({
    id: 'metadefs.properties.deleteAll',
    summary: 'Delete all properties of a namespace',
    method: 'DELETE',
    path: `${base}/properties`,
    policy: 'remove_metadef_property',
    status: 204,
    params: Namespace,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.undefine(ctx, params.namespace, 'property');
      return undefined;
    },
  }),
  route({
    id: 'metadefs.properties.show',
    summary: 'Show a property, by the name that it has on resources of a type when one is named',
    method: 'GET',
    path: `${base}/properties/:property`,
    policy: 'get_metadef_property',
    status: 200,
    params: PropertyName,
    query: Query,
    async handle({ metadefs }, { ctx, params: { namespace, property }, query }) {
      const type = last(query['resource_type']);
      const own = type === undefined ? property : await metadefs.ownName(ctx, namespace, property, type);
      const found = await metadefs.definition(ctx, namespace, 'property', own);
      return { name: property, ...found.body };
    },
  }),
  route({
    id: 'metadefs.properties.update',
    summary: 'Define a property anew',
    method: 'PUT',
    path: `${base}/properties/:property`,
    policy: 'modify_metadef_property',
    status: 200,
    params: PropertyName,
    body: PropertyBody,
    async handle({ metadefs }, { ctx, params: { namespace, property }, body }) {
      const given = definitionOfBody(metadefBody('property', body));
      const made = await metadefs.redefine(ctx, namespace, 'property', property, given);
      return { name: made.name, ...made.body };
    },
  }),
  route({
    id: 'metadefs.properties.delete',
    summary: 'Delete a property',
    method: 'DELETE',
    path: `${base}/properties/:property`,
    policy: 'remove_metadef_property',
    status: 204,
    params: PropertyName,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.undefine(ctx, params.namespace, 'property', params.property);
      return undefined;
    },
  }),
];
