import type { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import { badRequest, conflict, forbidden, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { routesFor, type Reply } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { enforce } from './access.ts';
import { storeFault } from './data-service.ts';
import { metaHeaders, parseMetaHeaders, type MetaHeaders } from './headers-v1.ts';
import type { Image } from './image.ts';
import { parseListV1 } from './list-v1.ts';
import { checkFormats } from './schema.ts';
import { briefImageV1, imageV1 } from './view-v1.ts';

const route = routesFor<Glance>();
const Id = Type.Object({ image_id: Type.String() });
const Query = Type.Unsafe<Record<string, unknown>>({ type: 'object' });

const isData = (headers: Readonly<Record<string, string | undefined>>): boolean =>
  headers['content-type']?.split(';')[0]?.trim() === 'application/octet-stream' && headers['content-length'] !== '0';

interface Source {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly stream: Readable;
  readonly signal: AbortSignal;
}

/** Gives an image its data by whatever way the request names: a body, a URL to copy from, or a URL where it stays. */
async function supply(
  glance: Glance,
  ctx: RequestContext,
  image: Image,
  meta: MetaHeaders,
  { headers, stream, signal }: Source,
): Promise<Image> {
  const { copyFrom, location, store } = meta;
  const ways = [isData(headers), copyFrom !== undefined, location !== undefined].filter(Boolean).length;
  if (ways === 0) return image;
  if (ways > 1) throw badRequest('Image data, copy_from and location exclude each other.');
  if (image.status !== 'queued') throw conflict('Cannot upload to an unqueued image');
  if (image.diskFormat === null) throw badRequest('Disk format is not specified.');
  if (image.containerFormat === null) throw badRequest('Container format is not specified.');
  try {
    if (store !== undefined) glance.stores.writable(store);
    if (copyFrom !== undefined) {
      enforce(glance.enforcer, 'copy_from', ctx, image);
      const stores = glance.imports.storesOf({ header: store });
      const request = { method: 'web-download', url: copyFrom, stores, allMustSucceed: true } as const;
      const input = { import_req: { method: { name: 'web-download', uri: copyFrom } } };
      await glance.imports.start(
        ctx,
        image,
        { ...request, afterFailure: 'killed' },
        { type: 'api_image_import', input },
      );
      return image;
    }
    if (location !== undefined) {
      enforce(glance.enforcer, 'set_image_location', ctx, image);
      const where = glance.stores.of(location);
      if (where.writing) throw badRequest(`External sourcing not supported for store '${where.name}'`);
      const size = meta.size ?? (await where.size(location, signal));
      if (!(await glance.images.activateAt(image.id, { url: location, store: where.name }, size)))
        throw conflict('Cannot upload to an unqueued image');
      return await glance.images.visible(ctx, image.id);
    }
    const announced = meta.size ?? headers['content-length'];
    return await glance.data.upload(ctx, image.id, stream, {
      expected: announced === undefined ? undefined : Number(announced),
      checksum: meta.checksum,
      store,
      afterFailure: 'killed',
      signal,
    });
  } catch (error) {
    stream.resume(); // a sender that is cut off never sees why
    throw storeFault(error);
  }
}

function sendHeaders(reply: Reply, image: Image): void {
  for (const [name, value] of Object.entries(metaHeaders(image))) reply.header(name, value);
  if (image.checksum !== null) reply.header('etag', image.checksum);
  reply.header('location', `/v1/images/${image.id}`);
}

const listRoute = (id: string, path: string, view: (image: Image) => unknown) =>
  route({
    id,
    summary: 'List the images that the caller may see',
    method: 'GET',
    path,
    policy: 'get_images',
    status: 200,
    query: Query,
    async handle({ images, limits }, { ctx, query }) {
      const wanted = parseListV1(query, ctx, limits);
      const page = await images.list(wanted);
      if (!page) throw badRequest('Invalid marker. Image could not be found.');
      return { images: page.map(view) };
    },
  });

export const imageRoutesV1 = [
  listRoute('images.list', '/images', briefImageV1),
  listRoute('images.listDetail', '/images/detail', imageV1),
  route({
    id: 'images.create',
    summary: 'Register an image, with its data in the body or elsewhere',
    method: 'POST',
    path: '/images',
    policy: 'add_image',
    status: 201,
    async handle(glance, call) {
      const meta = parseMetaHeaders(call.headers);
      checkFormats(meta.settings.diskFormat ?? null, meta.settings.containerFormat ?? null);
      const settings = call.ctx.isAdmin ? meta.settings : withoutOwner(meta.settings);
      const made = await glance.images.create(call.ctx, settings, meta.id);
      const image = await supply(glance, call.ctx, made, meta, call);
      call.reply.header('location', `${call.host}/v1/images/${image.id}`);
      if (image.checksum !== null) call.reply.header('etag', image.checksum);
      return { image: imageV1(image) };
    },
  }),
  route({
    id: 'images.head',
    summary: 'Show an image in response headers',
    method: 'HEAD',
    path: '/images/:image_id',
    policy: 'get_image',
    status: 200,
    params: Id,
    async handle({ images }, { ctx, params, reply }) {
      sendHeaders(reply, await images.visible(ctx, params.image_id));
      return undefined;
    },
  }),
  route({
    id: 'images.show',
    summary: 'Download an image, described in response headers',
    method: 'GET',
    path: '/images/:image_id',
    policy: 'download_image',
    status: 200,
    params: Id,
    async handle({ data }, { ctx, params, reply, signal }) {
      const { image, data: stream } = await data.download(ctx, params.image_id, () => undefined, signal);
      if (!stream) throw notFound(`Image ${image.id} is not active`);
      sendHeaders(reply, image);
      reply.header('content-type', 'application/octet-stream');
      if (image.size !== null) reply.header('content-length', String(image.size));
      return stream;
    },
  }),
  route({
    id: 'images.update',
    summary: 'Change an image; give a queued one its data',
    method: 'PUT',
    path: '/images/:image_id',
    policy: 'modify_image',
    status: 200,
    params: Id,
    async handle(glance, call) {
      const meta = parseMetaHeaders(call.headers);
      const before = await glance.images.visible(call.ctx, call.params.image_id);
      const { diskFormat, containerFormat, properties, ...others } = call.ctx.isAdmin
        ? meta.settings
        : withoutOwner(meta.settings);
      checkFormats(diskFormat ?? before.diskFormat, containerFormat ?? before.containerFormat);
      // A request with data adds properties; any other replaces them unless it says not to.
      const purge =
        !isData(call.headers) && !/^(false|0|no|off)$/i.test(call.headers['x-glance-registry-purge-props'] ?? '');
      const changed = await glance.images.update(call.ctx, before.id, {
        ...others,
        ...(diskFormat !== undefined && { diskFormat }),
        ...(containerFormat !== undefined && { containerFormat }),
        ...((purge || properties) && { properties: { ...(purge ? {} : before.properties), ...properties } }),
      });
      const image = await supply(glance, call.ctx, changed, meta, call);
      return { image: imageV1(image) };
    },
  }),
  route({
    id: 'images.delete',
    summary: 'Delete an image and its data',
    method: 'DELETE',
    path: '/images/:image_id',
    policy: 'delete_image',
    status: 200,
    params: Id,
    async handle({ images }, { ctx, params }) {
      const image = await images.visible(ctx, params.image_id);
      if (image.protected) throw forbidden('Image is protected');
      await images.remove(ctx, params.image_id);
      return undefined;
    },
  }),
];

/** Only administrators give images to others; v1 ignores the wish of everybody else. */
function withoutOwner(settings: MetaHeaders['settings']): MetaHeaders['settings'] {
  const { owner: _owner, ...rest } = settings;
  return rest;
}
