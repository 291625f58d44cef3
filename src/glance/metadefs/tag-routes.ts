import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { pageLinks, parsePage } from './paging.ts';
import { metadefBody, metadefSchemas } from './schema.ts';
import { associationOfBody, associationView, namespaceUrl, tagView } from './wire.ts';
import { v2Time } from '../images/view-v2.ts';

const route = routesFor<Glance>();
const base = '/metadefs/namespaces/:namespace';
const Namespace = Type.Object({ namespace: Type.String() });
const TagName = Type.Object({ namespace: Type.String(), tag: Type.String() });
const TypeName = Type.Object({ namespace: Type.String(), resource_type: Type.String() });
const Query = Type.Unsafe<Record<string, unknown>>({ type: 'object' });
const TagBody = Type.Unsafe<unknown>({ type: 'object', properties: metadefSchemas.tag.properties });

export const metadefTagRoutes = [
  route({
    id: 'metadefs.tags.list',
    summary: 'List the tags of a namespace',
    method: 'GET',
    path: `${base}/tags`,
    policy: 'get_metadef_tags',
    status: 200,
    params: Namespace,
    query: Query,
    async handle({ metadefs, limits }, { ctx, params: { namespace }, query, url }) {
      const page = parsePage(query, limits);
      const found = await metadefs.definitions(ctx, namespace, 'tag', page);
      return {
        tags: found.map(({ name }) => ({ name })),
        ...pageLinks(url, `${namespaceUrl(namespace)}/tags`, found.length === page.limit, found.at(-1)?.name),
        schema: '/v2/schemas/metadefs/tags',
      };
    },
  }),
  route({
    id: 'metadefs.tags.replace',
    summary: 'Replace the tags of a namespace, or with X-Openstack-Append add to them',
    method: 'POST',
    path: `${base}/tags`,
    policy: 'add_metadef_tags',
    status: 201,
    params: Namespace,
    body: Type.Unsafe<unknown>({ type: 'object' }),
    async handle({ metadefs }, { ctx, params: { namespace }, body, headers, reply }) {
      const { tags } = metadefBody('tags', body) as { tags: { name: string }[] };
      const append = /^(true|1|yes|on|t|y)$/i.test(headers['x-openstack-append'] ?? '');
      await metadefs.setTags(
        ctx,
        namespace,
        tags.map(({ name }) => name),
        append,
      );
      reply.header('location', encodeURI(`${namespaceUrl(namespace)}/tags`));
      return { tags: tags.map(({ name }) => ({ name })) };
    },
  }),
  route({
    id: 'metadefs.tags.deleteAll',
    summary: 'Delete all tags of a namespace',
    method: 'DELETE',
    path: `${base}/tags`,
    policy: 'delete_metadef_tags',
    status: 204,
    params: Namespace,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.undefine(ctx, params.namespace, 'tag');
      return undefined;
    },
  }),
  route({
    id: 'metadefs.tags.create',
    summary: 'Define a tag',
    method: 'POST',
    path: `${base}/tags/:tag`,
    policy: 'add_metadef_tag',
    status: 201,
    params: TagName,
    async handle({ metadefs }, { ctx, params: { namespace, tag }, reply }) {
      if (tag.length > 80) throw badRequest('A tag has at most 80 characters.');
      const made = await metadefs.define(ctx, namespace, 'tag', { name: tag, body: {} });
      reply.header('location', encodeURI(`${namespaceUrl(namespace)}/tags/${tag}`));
      return tagView(made);
    },
  }),
  route({
    id: 'metadefs.tags.show',
    summary: 'Show a tag',
    method: 'GET',
    path: `${base}/tags/:tag`,
    policy: 'get_metadef_tag',
    status: 200,
    params: TagName,
    handle: async ({ metadefs }, { ctx, params: { namespace, tag } }) =>
      tagView(await metadefs.definition(ctx, namespace, 'tag', tag)),
  }),
  route({
    id: 'metadefs.tags.update',
    summary: 'Rename a tag',
    method: 'PUT',
    path: `${base}/tags/:tag`,
    policy: 'modify_metadef_tag',
    status: 200,
    params: TagName,
    body: TagBody,
    async handle({ metadefs }, { ctx, params: { namespace, tag }, body }) {
      const { name } = metadefBody('tag', body) as { name: string };
      return tagView(await metadefs.redefine(ctx, namespace, 'tag', tag, { name, body: {} }));
    },
  }),
  route({
    id: 'metadefs.tags.delete',
    summary: 'Delete a tag',
    method: 'DELETE',
    path: `${base}/tags/:tag`,
    policy: 'delete_metadef_tag',
    status: 204,
    params: TagName,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.undefine(ctx, params.namespace, 'tag', params.tag);
      return undefined;
    },
  }),
];

export const metadefTypeRoutes = [
  route({
    id: 'metadefs.resourceTypes.list',
    summary: 'List the types of resources that metadata can be defined for',
    method: 'GET',
    path: '/metadefs/resource_types',
    policy: 'list_metadef_resource_types',
    status: 200,
    handle: async ({ metadefs }) => ({
      resource_types: (await metadefs.resourceTypes()).map((one) => ({
        name: one.name,
        created_at: v2Time(one.createdAt),
        updated_at: v2Time(one.updatedAt),
      })),
      schema: '/v2/schemas/metadefs/resource_types',
    }),
  }),
  route({
    id: 'metadefs.associations.list',
    summary: 'List the types of resources that a namespace describes',
    method: 'GET',
    path: `${base}/resource_types`,
    policy: 'get_metadef_resource_type',
    status: 200,
    params: Namespace,
    handle: async ({ metadefs }, { ctx, params }) => ({
      resource_type_associations: (await metadefs.associations(ctx, params.namespace)).map(associationView),
    }),
  }),
  route({
    id: 'metadefs.associations.create',
    summary: 'Have a namespace describe a type of resources',
    method: 'POST',
    path: `${base}/resource_types`,
    policy: 'add_metadef_resource_type_association',
    status: 201,
    params: Namespace,
    body: Type.Unsafe<unknown>({ type: 'object', properties: metadefSchemas.resource_type.properties }),
    async handle({ metadefs }, { ctx, params: { namespace }, body, reply }) {
      const made = await metadefs.associate(ctx, namespace, associationOfBody(metadefBody('resource_type', body)));
      reply.header('location', encodeURI(`${namespaceUrl(namespace)}/resource_types/${made.name}`));
      return associationView(made);
    },
  }),
  route({
    id: 'metadefs.associations.delete',
    summary: 'Have a namespace no longer describe a type of resources',
    method: 'DELETE',
    path: `${base}/resource_types/:resource_type`,
    policy: 'remove_metadef_resource_type_association',
    status: 204,
    params: TypeName,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.dissociate(ctx, params.namespace, params.resource_type);
      return undefined;
    },
  }),
];
