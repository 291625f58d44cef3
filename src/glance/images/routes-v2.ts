import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { contentRange, parseRange } from './byte-range.ts';
import { storeFault } from './data-service.ts';
import type { ImportMethod } from './import.ts';
import { parseListV2 } from './list-v2.ts';
import { applyPatch, parsePatch } from './patch.ts';
import { imageProperties, settingsOfBody, validateImageBody } from './schema.ts';
import { imageV2 } from './view-v2.ts';

const route = routesFor<Glance>();
const Id = Type.Object({ image_id: Type.String() });
const Tag = Type.Object({ image_id: Type.String(), tag: Type.String() });
const ImageDocument = Type.Unsafe<Record<string, unknown>>({ type: 'object', properties: imageProperties });

export const imageRoutesV2 = [
  route({
    id: 'images.list',
    summary: 'List the images that the caller may see',
    method: 'GET',
    path: '/images',
    policy: 'get_images',
    status: 200,
    query: Type.Unsafe<Record<string, unknown>>({ type: 'object' }),
    async handle({ images, limits }, { ctx, query, url }) {
      // An image with an empty id is no list.
      if (/\/images\/+(\?|$)/.test(url)) throw notFound('The resource could not be found.');
      const wanted = parseListV2(query, ctx, limits);
      const page = await images.list(wanted);
      if (!page) throw badRequest(`No image found with ID ${wanted.marker}`);
      const asked = new URL(url, 'http://here').searchParams;
      asked.delete('marker');
      const first = asked.size > 0 ? `?${asked}` : '';
      const last = page.at(-1);
      if (last) asked.append('marker', last.id);
      return {
        images: page.map(imageV2),
        first: `/v2/images${first}`,
        schema: '/v2/schemas/images',
        ...(last && page.length === wanted.limit && { next: `/v2/images?${asked}` }),
      };
    },
  }),
  route({
    id: 'images.create',
    summary: 'Register an image',
    method: 'POST',
    path: '/images',
    policy: 'add_image',
    status: 201,
    body: Type.Unsafe<Record<string, unknown>>({}),
    response: ImageDocument,
    async handle({ images, imports, stores }, { ctx, body, host, reply }) {
      validateImageBody(body);
      const { id, ...rest } = body as { id?: string } & Record<string, unknown>;
      const settings = settingsOfBody(rest);
      const image = await images.create(ctx, settings, id?.toLowerCase());
      reply.header('location', `${host}/v2/images/${image.id}`);
      reply.header('openstack-image-import-methods', imports.methods.join(','));
      reply.header('openstack-image-store-ids', stores.all.map((store) => store.name).join(','));
      return imageV2(image);
    },
  }),
  route({
    id: 'images.show',
    summary: 'Show an image',
    method: 'GET',
    path: '/images/:image_id',
    policy: 'get_image',
    status: 200,
    params: Id,
    response: ImageDocument,
    handle: async ({ images }, { ctx, params }) => imageV2(await images.visible(ctx, params.image_id)),
  }),
  route({
    id: 'images.update',
    summary: 'Change an image by JSON patch',
    method: 'PATCH',
    path: '/images/:image_id',
    policy: 'modify_image',
    status: 200,
    params: Id,
    response: ImageDocument,
    async handle({ images }, { ctx, params, headers, body }) {
      const changes = parsePatch(headers['content-type'], body);
      const image = await images.visible(ctx, params.image_id);
      const settings = applyPatch(image, changes);
      return imageV2(await images.update(ctx, image.id, settings));
    },
  }),
  route({
    id: 'images.delete',
    summary: 'Delete an image and its data',
    method: 'DELETE',
    path: '/images/:image_id',
    policy: 'delete_image',
    status: 204,
    params: Id,
    async handle({ images }, { ctx, params }) {
      await images.remove(ctx, params.image_id);
      return undefined;
    },
  }),
  route({
    id: 'images.upload',
    summary: 'Upload the data of an image',
    method: 'PUT',
    path: '/images/:image_id/file',
    policy: 'upload_image',
    status: 204,
    params: Id,
    async handle({ data }, { ctx, params, headers, stream, signal }) {
      if (headers['content-type']?.split(';')[0]?.trim() !== 'application/octet-stream')
        throw new ApiError(415, 'Unsupported Media Type: image data is application/octet-stream.');
      const announced = headers['content-length'] ?? headers['x-openstack-image-size'];
      try {
        await data.upload(ctx, params.image_id, stream, {
          expected: announced === undefined ? undefined : Number(announced),
          store: headers['x-image-meta-store'],
          afterFailure: 'queued',
          signal,
        });
      } catch (error) {
        // What is still coming is read and thrown away: a sender that is cut off never sees why.
        stream.resume();
        throw error;
      }
      return undefined;
    },
  }),
  route({
    id: 'images.download',
    summary: 'Download the data of an image, or one range of it',
    method: 'GET',
    path: '/images/:image_id/file',
    policy: 'download_image',
    status: 200,
    params: Id,
    async handle({ data }, { ctx, params, headers, reply, signal }) {
      const got = await data.download(ctx, params.image_id, (size) => parseRange(headers['range'], size), signal);
      if (!got.data) {
        reply.status(204);
        return undefined;
      }
      const { image, range } = got;
      const size = image.size ?? 0;
      if (range) {
        reply.status(206);
        reply.header('content-range', contentRange(range, size));
      } else if (image.checksum !== null) reply.header('content-md5', image.checksum);
      reply.header('content-type', 'application/octet-stream');
      reply.header('accept-ranges', 'bytes');
      if (range || image.size !== null)
        reply.header('content-length', String(range ? range.end - range.start + 1 : size));
      return got.data;
    },
  }),
  route({
    id: 'images.deactivate',
    summary: 'Forbid downloads of an image',
    method: 'POST',
    path: '/images/:image_id/actions/deactivate',
    policy: 'get_image',
    status: 204,
    params: Id,
    async handle({ images }, { ctx, params }) {
      await images.setDownloads(ctx, params.image_id, false);
      return undefined;
    },
  }),
  route({
    id: 'images.reactivate',
    summary: 'Allow downloads of an image again',
    method: 'POST',
    path: '/images/:image_id/actions/reactivate',
    policy: 'get_image',
    status: 204,
    params: Id,
    async handle({ images }, { ctx, params }) {
      await images.setDownloads(ctx, params.image_id, true);
      return undefined;
    },
  }),
  route({
    id: 'images.stage',
    summary: 'Upload the data of an image to be imported later',
    method: 'PUT',
    path: '/images/:image_id/stage',
    policy: 'upload_image',
    status: 204,
    params: Id,
    async handle({ data }, { ctx, params, headers, stream, signal }) {
      if (headers['content-type']?.split(';')[0]?.trim() !== 'application/octet-stream')
        throw new ApiError(415, 'Unsupported Media Type: image data is application/octet-stream.');
      const announced = headers['content-length'] ?? headers['x-openstack-image-size'];
      try {
        await data.stage(ctx, params.image_id, stream, {
          expected: announced === undefined ? undefined : Number(announced),
          signal,
        });
      } catch (error) {
        stream.resume(); // a sender that is cut off never sees why
        throw error;
      }
      return undefined;
    },
  }),
  route({
    id: 'images.import',
    summary: 'Give an image data from a URL, from the staging area, or further stores a copy',
    method: 'POST',
    path: '/images/:image_id/import',
    policy: 'copy_from',
    status: 202,
    params: Id,
    body: Type.Object({
      method: Type.Object({ name: Type.String(), uri: Type.Optional(Type.String()) }),
      stores: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
      all_stores: Type.Optional(Type.Boolean()),
      all_stores_must_succeed: Type.Optional(Type.Boolean()),
    }),
    async handle({ images, imports }, { ctx, params, body, headers }) {
      const { name, uri } = body.method;
      if (!(imports.methods as readonly string[]).includes(name))
        throw badRequest(`Unknown import method name '${name}'`);
      const method = name as ImportMethod;
      if (method === 'web-download' && uri === undefined)
        throw badRequest("The 'uri' parameter is required for the import method 'web-download'.");
      const image = await images.visible(ctx, params.image_id);
      try {
        const request = {
          method,
          url: uri,
          stores: imports.storesOf({ header: headers['x-image-meta-store'], names: body.stores, all: body.all_stores }),
          allMustSucceed: body.all_stores_must_succeed ?? true,
        };
        await imports.start(ctx, image, request, {
          type: 'api_image_import',
          input: { image_id: image.id, import_req: body, backend: request.stores },
        });
      } catch (error) {
        throw storeFault(error);
      }
      return undefined;
    },
  }),
  route({
    id: 'images.removeFromStore',
    summary: 'Delete the data of an image from one of its stores',
    method: 'DELETE',
    path: '/stores/:store/:image_id',
    policy: 'delete_image_location',
    status: 204,
    params: Type.Object({ store: Type.String(), image_id: Type.String() }),
    async handle({ images }, { ctx, params }) {
      await images.removeFromStore(ctx, params.image_id, params.store);
      return undefined;
    },
  }),
  route({
    id: 'images.addTag',
    summary: 'Attach a tag to an image',
    method: 'PUT',
    path: '/images/:image_id/tags/:tag',
    policy: 'modify_image',
    status: 204,
    params: Tag,
    async handle({ images }, { ctx, params }) {
      if (params.tag.length > 255) throw badRequest('A tag has at most 255 characters.');
      const { tags } = await images.visible(ctx, params.image_id);
      await images.update(ctx, params.image_id, { tags: [...new Set([...tags, params.tag])] });
      return undefined;
    },
  }),
  route({
    id: 'images.removeTag',
    summary: 'Take a tag off an image',
    method: 'DELETE',
    path: '/images/:image_id/tags/:tag',
    policy: 'modify_image',
    status: 204,
    params: Tag,
    async handle({ images }, { ctx, params }) {
      const { tags } = await images.visible(ctx, params.image_id);
      if (!tags.includes(params.tag)) throw notFound(`Image ${params.image_id} has no tag '${params.tag}'.`);
      await images.update(ctx, params.image_id, { tags: tags.filter((tag) => tag !== params.tag) });
      return undefined;
    },
  }),
];
