import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { parseLimit } from '../images/list-v2.ts';
import { last, pageLinks, parseMetadefSort } from './paging.ts';
import { metadefBody, metadefSchemas } from './schema.ts';
import {
  contentsOfBody,
  contentsView,
  associationView,
  namespaceUrl,
  namespaceView,
  settingsOfNamespace,
} from './wire.ts';

const route = routesFor<Glance>();
const path = '/metadefs/namespaces';
const Name = Type.Object({ namespace: Type.String() });
const Query = Type.Unsafe<Record<string, unknown>>({ type: 'object' });
const Body = Type.Unsafe<unknown>({ type: 'object', properties: metadefSchemas.namespace.properties });

export const metadefRoutes = [
  route({
    id: 'metadefs.namespaces.list',
    summary: 'List the namespaces of metadata definitions',
    method: 'GET',
    path,
    policy: 'get_metadef_namespaces',
    status: 200,
    query: Query,
    async handle({ metadefs, limits }, { ctx, query, url }) {
      const visibility = last(query['visibility']);
      if (visibility !== undefined && visibility !== 'public' && visibility !== 'private')
        throw badRequest(`Invalid visibility value: ${visibility}`);
      const limit = parseLimit(last(query['limit']), limits);
      const page = await metadefs.list({
        projectId: ctx.isAdmin ? null : (ctx.projectId ?? ''),
        visibility,
        resourceTypes: last(query['resource_types'])?.split(','),
        sort: parseMetadefSort(query, ['namespace', 'created_at', 'updated_at']),
        marker: last(query['marker']),
        limit,
      });
      return {
        namespaces: page.map(({ namespace, associations }) => ({
          ...namespaceView(namespace),
          ...(associations.length > 0 && { resource_type_associations: associations.map(associationView) }),
        })),
        ...pageLinks(url, `/v2${path}`, page.length === limit, page.at(-1)?.namespace.name),
        schema: '/v2/schemas/metadefs/namespaces',
      };
    },
  }),
  route({
    id: 'metadefs.namespaces.create',
    summary: 'Make a namespace, with what is in it',
    method: 'POST',
    path,
    policy: 'add_metadef_namespace',
    status: 201,
    body: Body,
    async handle({ metadefs }, { ctx, body, reply }) {
      const given = metadefBody('namespace', body);
      const settings = settingsOfNamespace(given, ctx);
      await metadefs.create(ctx, settings, contentsOfBody(given));
      reply.header('location', namespaceUrl(encodeURIComponent(settings.name)));
      return contentsView(await metadefs.contents(ctx, settings.name), '');
    },
  }),
  route({
    id: 'metadefs.namespaces.show',
    summary: 'Show a namespace and what is in it',
    method: 'GET',
    path: `${path}/:namespace`,
    policy: 'get_metadef_namespace',
    status: 200,
    params: Name,
    query: Query,
    async handle({ metadefs }, { ctx, params, query }) {
      const contents = await metadefs.contents(ctx, params.namespace);
      const type = last(query['resource_type']);
      const prefix = contents.associations.find(({ name }) => name === type)?.prefix ?? '';
      return contentsView(contents, prefix);
    },
  }),
  route({
    id: 'metadefs.namespaces.update',
    summary: 'Change a namespace; what is not given takes its default',
    method: 'PUT',
    path: `${path}/:namespace`,
    policy: 'modify_metadef_namespace',
    status: 200,
    params: Name,
    body: Body,
    async handle({ metadefs }, { ctx, params, body }) {
      const settings = settingsOfNamespace(metadefBody('namespace', body), ctx);
      await metadefs.update(ctx, params.namespace, settings);
      return namespaceView(await metadefs.visible(ctx, settings.name));
    },
  }),
  route({
    id: 'metadefs.namespaces.delete',
    summary: 'Delete a namespace and what is in it',
    method: 'DELETE',
    path: `${path}/:namespace`,
    policy: 'delete_metadef_namespace',
    status: 204,
    params: Name,
    async handle({ metadefs }, { ctx, params }) {
      await metadefs.remove(ctx, params.namespace);
      return undefined;
    },
  }),
];
