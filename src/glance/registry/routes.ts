import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { containerFormats, diskFormats, type Image, type ImageSettings } from '../images/image.ts';
import { parseListV1 } from '../images/list-v1.ts';
import type { ListLimits } from '../images/list-v2.ts';
import { checkFormats } from '../images/schema.ts';
import type { ImageService } from '../images/service.ts';
import type { ImageStatus } from '../images/status.ts';
import { briefImageV1, imageV1 } from '../images/view-v1.ts';
import type { MemberService } from '../members/service.ts';

/** What glance-registry's routes work with. */
export interface Registry {
  readonly images: ImageService;
  readonly members: MemberService;
  readonly limits: ListLimits;
}

const route = routesFor<Registry>();
const Id = Type.Object({ image_id: Type.String() });
const Text = Type.Union([Type.String({ maxLength: 255 }), Type.Null()]);
const Body = Type.Object({
  image: Type.Partial(
    Type.Object({
      id: Type.String({ maxLength: 36 }),
      name: Text,
      status: Type.Union(
        (['queued', 'saving', 'active', 'killed', 'deactivated'] satisfies ImageStatus[]).map((one) =>
          Type.Literal(one),
        ),
      ),
      is_public: Type.Boolean(),
      owner: Text,
      protected: Type.Boolean(),
      size: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
      checksum: Text,
      disk_format: Type.Union([...diskFormats.map((one) => Type.Literal(one)), Type.Null()]),
      container_format: Type.Union([...containerFormats.map((one) => Type.Literal(one)), Type.Null()]),
      min_disk: Type.Integer({ minimum: 0 }),
      min_ram: Type.Integer({ minimum: 0 }),
      location: Text,
      properties: Type.Record(Type.String(), Type.String()),
    }),
  ),
});
type Given = {
  readonly name?: string | null;
  readonly status?: ImageStatus;
  readonly is_public?: boolean;
  readonly owner?: string | null;
  readonly protected?: boolean;
  readonly size?: number | null;
  readonly checksum?: string | null;
  readonly disk_format?: string | null;
  readonly container_format?: string | null;
  readonly min_disk?: number;
  readonly min_ram?: number;
  readonly location?: string | null;
  readonly properties?: Readonly<Record<string, string>>;
};

function settingsOf(given: Given): Partial<ImageSettings> {
  const settings = {
    name: given.name,
    visibility: given.is_public === undefined ? undefined : given.is_public ? 'public' : 'shared',
    owner: given.owner,
    protected: given.protected,
    diskFormat: given.disk_format,
    containerFormat: given.container_format,
    minDisk: given.min_disk,
    minRam: given.min_ram,
    properties: given.properties,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Status, size, checksum and location are glance-api's to write. */
async function writeFacts({ images }: Registry, ctx: Parameters<ImageService['visible']>[0], id: string, given: Given) {
  const { status, size, checksum, location } = given;
  if ([status, size, checksum, location].every((fact) => fact === undefined)) return;
  await images.writeFacts(ctx, id, {
    status,
    ...(size !== undefined && { size }),
    ...(checksum !== undefined && { checksum }),
    ...(location && { location: { url: location, store: location.startsWith('http') ? 'http' : 'file' } }),
  });
}

/** The registry also says where the data is. */
const registryView = (image: Image) => ({ ...imageV1(image), location: image.locations[0]?.url ?? null });

const listRoute = (id: string, path: string, view: (image: Image) => unknown) =>
  route({
    id,
    summary: 'List images',
    method: 'GET',
    path,
    policy: 'get_images',
    status: 200,
    query: Type.Unsafe<Record<string, unknown>>({ type: 'object' }),
    async handle({ images, limits }, { ctx, query }) {
      const page = await images.list(parseListV1(query, ctx, limits));
      if (!page) throw badRequest('Invalid marker. Image could not be found.');
      return { images: page.map(view) };
    },
  });

export const registryRoutes = [
  listRoute('images.list', '/images', briefImageV1),
  listRoute('images.listDetail', '/images/detail', imageV1),
  route({
    id: 'images.show',
    summary: 'Show an image',
    method: 'GET',
    path: '/images/:image_id',
    policy: 'get_image',
    status: 200,
    params: Id,
    async handle({ images }, { ctx, params }) {
      const image = await images.visible(ctx, params.image_id);
      return { image: ctx.isAdmin ? registryView(image) : imageV1(image) };
    },
  }),
  route({
    id: 'images.create',
    summary: 'Register an image',
    method: 'POST',
    path: '/images',
    policy: 'add_image',
    status: 200,
    body: Body,
    async handle(registry, { ctx, body }) {
      const settings = settingsOf(body.image);
      checkFormats(settings.diskFormat ?? null, settings.containerFormat ?? null);
      const made = await registry.images.create(ctx, settings, body.image.id);
      await writeFacts(registry, ctx, made.id, body.image);
      return { image: imageV1(await registry.images.visible(ctx, made.id)) };
    },
  }),
  route({
    id: 'images.update',
    summary: 'Change an image',
    method: 'PUT',
    path: '/images/:image_id',
    policy: 'modify_image',
    status: 200,
    params: Id,
    body: Body,
    async handle(registry, { ctx, params, body, headers }) {
      const before = await registry.images.visible(ctx, params.image_id);
      const { properties, ...settings } = settingsOf(body.image);
      const purge = /^(true|1|yes|on)$/i.test(headers['x-glance-registry-purge-props'] ?? '');
      await registry.images.update(ctx, before.id, {
        ...settings,
        ...((purge || properties) && { properties: { ...(purge ? {} : before.properties), ...properties } }),
      });
      await writeFacts(registry, ctx, before.id, body.image);
      return { image: imageV1(await registry.images.visible(ctx, before.id)) };
    },
  }),
  route({
    id: 'images.delete',
    summary: 'Mark an image deleted',
    method: 'DELETE',
    path: '/images/:image_id',
    policy: 'delete_image',
    status: 200,
    params: Id,
    handle: async ({ images }, { ctx, params }) => ({ image: imageV1(await images.markDeleted(ctx, params.image_id)) }),
  }),
];
