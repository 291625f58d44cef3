import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, forbidden, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { customProperties, type Image, type ImageClient, type ImagePatch } from '#clients/image.ts';
import { bookmark, linksTo, nextPage, type Place } from '../api/links.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { AnyQuery, IdParams, Metadata, strict, wrapped } from '../api/schemas.ts';
import { OverQuota } from '../quotas/quotas.ts';
import { limitOf, type ListQuery } from '../servers/filters.ts';
import { proxied, type ProxyDeps } from './deps.ts';

const route = routesFor<ProxyDeps>();
const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });
const MetadataBody = strict({ metadata: Metadata });

const statuses: Readonly<Record<string, readonly [status: string, progress: number]>> = {
  active: ['ACTIVE', 100],
  queued: ['SAVING', 0],
  saving: ['SAVING', 50],
  importing: ['SAVING', 50],
  uploading: ['SAVING', 50],
  deleted: ['DELETED', 0],
  pending_delete: ['DELETED', 0],
};
const statusOf = (image: Image): readonly [string, number] => statuses[image.status] ?? ['ERROR', 0];

const linksOf = (image: Image, place: Place, glanceUrl: string) => [
  ...linksTo(place, `images/${image.id}`),
  { rel: 'alternate', type: 'application/vnd.openstack.image', href: `${glanceUrl}/images/${image.id}` },
];
const brief = (image: Image, place: Place, glanceUrl: string) => ({
  id: image.id,
  name: image.name,
  links: linksOf(image, place, glanceUrl),
});

function full(image: Image, place: Place, glanceUrl: string) {
  const [status, progress] = statusOf(image);
  const metadata = customProperties(image);
  const server = metadata['instance_uuid'];
  const diskConfig = metadata['auto_disk_config'];
  return {
    id: image.id,
    name: image.name,
    status,
    progress,
    minDisk: image.min_disk,
    minRam: image.min_ram,
    created: image.created_at,
    updated: image.updated_at,
    metadata,
    'OS-EXT-IMG-SIZE:size': image.size,
    ...(server !== undefined && {
      server: { id: server, links: [bookmark(place, `servers/${server}`)] },
    }),
    ...(diskConfig !== undefined && { 'OS-DCF:diskConfig': /^true$/i.test(diskConfig) ? 'AUTO' : 'MANUAL' }),
    links: linksOf(image, place, glanceUrl),
  };
}

async function find(glance: ImageClient, id: string): Promise<Image> {
  return glance.show(id).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) throw notFound('Image not found.');
    throw error;
  });
}

/** Nova's filters in Glance's words. */
function filtersOf(query: ListQuery): Record<string, string> {
  const text = (name: string): string | undefined => {
    const value = query[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const status = text('status')?.toUpperCase();
  const glanceStatus = status && Object.entries(statuses).find(([, [shown]]) => shown === status)?.[0];
  const server = text('server')?.split('/').at(-1);
  const [name, since, type] = [text('name'), text('changes-since'), text('type')];
  return {
    ...(name !== undefined && { name }),
    ...(glanceStatus && { status: glanceStatus }),
    ...(server !== undefined && { instance_uuid: server }),
    ...(since !== undefined && { updated_at: `gte:${since}` }),
    ...(type !== undefined && { image_type: type }),
  };
}

const list = (detail: boolean) =>
  route({
    id: detail ? 'images.detail' : 'images.list',
    summary: detail ? 'List images in full (Glance)' : 'List images (Glance)',
    method: 'GET',
    path: detail ? '/images/detail' : '/images',
    versions: proxied,
    policy: 'os_compute_api:images:list',
    status: 200,
    query: AnyQuery,
    handle: async (deps, call) => {
      const query = call.query as ListQuery;
      const limit = limitOf(query['limit'], deps.maxLimit);
      const marker = query['marker'];
      const { images } = await deps.imageAs(call.ctx).list({
        limit,
        filters: filtersOf(query),
        ...(typeof marker === 'string' && { marker }),
      });
      const links = nextPage(
        call,
        detail ? 'images/detail' : 'images',
        call.url,
        limit,
        images.map((one) => one.id),
      );
      const view = detail ? full : brief;
      return {
        images: images.map((image) => view(image, call, deps.glanceUrl)),
        ...(links.length > 0 && { images_links: links }),
      };
    },
  });

export const imageRoutes = [
  list(false),
  list(true),
  route({
    id: 'images.show',
    summary: 'Show an image (Glance)',
    method: 'GET',
    path: '/images/:id',
    versions: proxied,
    policy: 'os_compute_api:images:show',
    status: 200,
    params: IdParams,
    handle: async (deps, call) => ({
      image: full(await find(deps.imageAs(call.ctx), call.params.id), call, deps.glanceUrl),
    }),
  }),
  route({
    id: 'images.delete',
    summary: 'Delete an image (Glance)',
    method: 'DELETE',
    path: '/images/:id',
    versions: proxied,
    policy: 'os_compute_api:images:delete',
    status: 204,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      const glance = deps.imageAs(ctx);
      await find(glance, params.id);
      await glance.delete(params.id);
      return undefined;
    },
  }),
  route({
    id: 'images.metadata',
    summary: "List an image's properties (Glance)",
    method: 'GET',
    path: '/images/:id/metadata',
    versions: { max: '2.38' },
    policy: 'os_compute_api:images:metadata',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params }) => ({
      metadata: customProperties(await find(deps.imageAs(ctx), params.id)),
    }),
  }),
  route({
    id: 'images.metadata.show',
    summary: 'Show one property of an image (Glance)',
    method: 'GET',
    path: '/images/:id/metadata/:key',
    versions: { max: '2.38' },
    policy: 'os_compute_api:images:metadata',
    status: 200,
    params: Type.Object({ id: Type.String(), key: Type.String() }),
    handle: async (deps, { ctx, params: { id, key } }) => {
      const value = customProperties(await find(deps.imageAs(ctx), id))[key];
      if (value === undefined) throw notFound('Metadata item was not found');
      return { meta: { [key]: value } };
    },
  }),
  route({
    id: 'images.metadata.create',
    summary: 'Set properties of an image (Glance)',
    method: 'POST',
    path: '/images/:id/metadata',
    versions: { max: '2.38' },
    policy: 'os_compute_api:images:metadata',
    status: 200,
    params: IdParams,
    body: MetadataBody,
    handle: async (deps, call) => ({ metadata: await change(deps, call, { set: call.body.metadata }) }),
  }),
  route({
    id: 'images.metadata.replace',
    summary: 'Replace the properties of an image (Glance)',
    method: 'PUT',
    path: '/images/:id/metadata',
    versions: { max: '2.38' },
    policy: 'os_compute_api:images:metadata',
    status: 200,
    params: IdParams,
    body: MetadataBody,
    handle: async (deps, call) => ({
      metadata: await change(deps, call, { set: call.body.metadata, others: 'remove' }),
    }),
  }),
  route({
    id: 'images.metadata.update',
    summary: 'Set one property of an image (Glance)',
    method: 'PUT',
    path: '/images/:id/metadata/:key',
    versions: { max: '2.38' },
    policy: 'os_compute_api:images:metadata',
    status: 200,
    params: KeyParams,
    body: wrapped('meta', Metadata),
    handle: async (deps, call) => {
      const { key } = call.params;
      const { meta } = call.body;
      if (!(key in meta) || Object.keys(meta).length !== 1) throw badRequest('Request body and URI mismatch');
      await change(deps, call, { set: meta });
      return { meta };
    },
  }),
  route({
    id: 'images.metadata.delete',
    summary: 'Remove one property of an image (Glance)',
    method: 'DELETE',
    path: '/images/:id/metadata/:key',
    versions: { max: '2.38' },
    policy: 'os_compute_api:images:metadata',
    status: 204,
    params: KeyParams,
    handle: async (deps, call) => {
      await change(deps, call, { remove: call.params.key });
      return undefined;
    },
  }),
];

const asOwner =
  (id: string) =>
  (error: unknown): never => {
    if (error instanceof ApiError && error.status === 403)
      throw forbidden(`You are not authorized to access image ${id}.`);
    throw error;
  };

/** Changes the properties that people have set. @returns all of them after that */
async function change(
  deps: ProxyDeps,
  {
    ctx,
    params,
    api,
  }: { readonly ctx: RequestContext; readonly params: { readonly id: string }; readonly api: string },
  asked: {
    readonly set?: Readonly<Record<string, string>>;
    readonly others?: 'remove';
    readonly remove?: string;
  },
): Promise<Record<string, string>> {
  const glance = deps.imageAs(ctx);
  const before = customProperties(await find(glance, params.id));
  if (asked.remove !== undefined && !(asked.remove in before)) throw notFound('Invalid metadata key');
  const { set = {} } = asked;
  const gone = Object.keys(before).filter((key) => (asked.others === 'remove' ? !(key in set) : key === asked.remove));
  const after = Object.keys({ ...before, ...set }).length - gone.length;
  const { metadata_items: limit } = await deps.quotas.limits(ctx.projectId ?? '');
  if (limit >= 0 && after > limit) throw new OverQuota('Image metadata limit exceeded', api);
  const path = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const patch: ImagePatch[] = [
    ...Object.entries(set).map(
      ([key, value]) => ({ op: key in before ? 'replace' : 'add', path: path(key), value }) as const,
    ),
    ...gone.map((key) => ({ op: 'remove', path: path(key) }) as const),
  ];
  if (patch.length === 0) return before;
  return customProperties(await glance.update(params.id, patch).catch(asOwner(params.id)));
}
