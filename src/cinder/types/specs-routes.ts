import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { IdParams, KeyParams } from '../api/schemas.ts';
import type { TypeService } from './service.ts';

const route = routesFor<TypeService>();

const names = { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: 'string', maxLength: 255 } };
const SpecsBody = Type.Object({
  extra_specs: Type.Unsafe<Record<string, string>>({
    type: 'object',
    patternProperties: names,
    additionalProperties: false,
  }),
});
const OneSpec = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: names,
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
});

const missing = (id: string, key: string) => notFound(`Volume Type ${id} has no extra specs with key ${key}.`);

/** What a volume type asks of its back end. */
export const typeSpecsRoutes = [
  route({
    id: 'types.specs.list',
    summary: "List a volume type's extra specs",
    method: 'GET',
    path: '/types/:id/extra_specs',
    policy: 'volume_extension:types_extra_specs:index',
    status: 200,
    params: IdParams,
    handle: async (types, { ctx, params }) => ({ extra_specs: (await types.find(ctx, params.id)).extraSpecs }),
  }),
  route({
    id: 'types.specs.create',
    summary: 'Add or change extra specs',
    method: 'POST',
    path: '/types/:id/extra_specs',
    policy: 'volume_extension:types_extra_specs:create',
    status: 200,
    params: IdParams,
    body: SpecsBody,
    handle: async (types, { ctx, params, body }) => {
      await types.changeSpecs(ctx, params.id, (known) => ({ ...known, ...body.extra_specs }));
      return { extra_specs: body.extra_specs };
    },
  }),
  route({
    id: 'types.specs.show',
    summary: 'Show one extra spec',
    method: 'GET',
    path: '/types/:id/extra_specs/:key',
    policy: 'volume_extension:types_extra_specs:show',
    status: 200,
    params: KeyParams,
    handle: async (types, { ctx, params: { id, key } }) => {
      const { extraSpecs } = await types.find(ctx, id);
      if (!Object.hasOwn(extraSpecs, key)) throw missing(id, key);
      return { [key]: extraSpecs[key] };
    },
  }),
  route({
    id: 'types.specs.update',
    summary: 'Change one extra spec',
    method: 'PUT',
    path: '/types/:id/extra_specs/:key',
    policy: 'volume_extension:types_extra_specs:update',
    status: 200,
    params: KeyParams,
    body: OneSpec,
    handle: async (types, { ctx, params: { id, key }, body }) => {
      await types.find(ctx, id);
      if (!Object.hasOwn(body, key)) throw badRequest('Request body and URI mismatch.');
      await types.changeSpecs(ctx, id, (known) => ({ ...known, ...body }));
      return body;
    },
  }),
  route({
    id: 'types.specs.delete',
    summary: 'Delete one extra spec',
    method: 'DELETE',
    path: '/types/:id/extra_specs/:key',
    policy: 'volume_extension:types_extra_specs:delete',
    status: 202,
    params: KeyParams,
    handle: async (types, { ctx, params: { id, key } }) => {
      await types.changeSpecs(ctx, id, ({ [key]: gone, ...rest }) => {
        if (gone === undefined) throw missing(id, key);
        return rest;
      });
      return undefined;
    },
  }),
];
