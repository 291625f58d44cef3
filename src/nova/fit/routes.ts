import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { nullable, strict, Uuid, wrapped } from '../api/schemas.ts';
import { Hints } from '../servers/schema.ts';
import { fit, type FitDeps } from './fit.ts';

const route = routesFor<FitDeps>();

const ServerFit = strict({
  flavors: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 1000 })),
  image: Type.Optional(nullable(Uuid)),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  availability_zone: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 255 }))),
  volume_size: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 2_147_483_647 }))),
  scheduler_hints: Type.Optional(nullable(Hints)),
});

const Reason = Type.Object({
  kind: Type.Union([Type.Literal('quota'), Type.Literal('image'), Type.Literal('hosts')]),
  message: Type.String(),
  resource: Type.String(),
  limit: Type.Integer(),
  used: Type.Optional(Type.Integer()),
  needed: Type.Integer(),
});
const Verdict = Type.Object({
  host: Type.String(),
  passed: Type.Boolean(),
  filter: nullable(Type.String()),
  reason: nullable(Type.String()),
});
const Fits = Type.Object({
  fits: Type.Array(
    Type.Object({
      flavor_id: Type.String(),
      fits: Type.Boolean(),
      hosts: Type.Integer(),
      reasons: Type.Array(Reason),
      host_verdicts: Type.Array(Verdict),
    }),
  ),
});

/** An extension of ours: docs/operate/extensions.md. */
export const fitRoutes = [
  route({
    id: 'server_fit.ask',
    summary: 'Which flavors would fit now, and why others would not (an addition of Igloo)',
    method: 'POST',
    path: '/os-server-fit',
    policy: 'os_compute_api:os-server-fit',
    status: 200,
    body: wrapped('server_fit', ServerFit),
    response: Fits,
    handle: async (deps, { ctx, body: { server_fit: wish } }) => {
      const fits = await fit(deps, ctx, {
        flavorIds: wish.flavors ?? null,
        imageId: wish.image ?? null,
        count: wish.count ?? 1,
        zone: wish.availability_zone ?? null,
        volumeGb: wish.volume_size ?? null,
        hints: wish.scheduler_hints ?? {},
      });
      return {
        fits: fits.map(({ flavorId, reasons, hosts, verdicts }) => ({
          flavor_id: flavorId,
          fits: reasons.length === 0,
          hosts,
          reasons: [...reasons],
          host_verdicts: [...verdicts],
        })),
      };
    },
  }),
];
