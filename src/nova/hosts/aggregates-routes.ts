import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { IdParams, Name, nullable, strict, Uuid, wrapped } from '../api/schemas.ts';
import type { Aggregate } from './aggregates-rows.ts';
import type { AggregateService } from './aggregates.ts';

const route = routesFor<AggregateService>();
const Zone = nullable(Type.String({ minLength: 1, maxLength: 255, pattern: '^[^:]*$' }));
const Host = strict({ host: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' }) });

const show = (one: Aggregate, version: ApiVersion) => ({
  aggregate: {
    id: one.num,
    ...(version.atLeast('2.41') && { uuid: one.id }),
    name: one.name,
    availability_zone: one.metadata['availability_zone'] ?? null,
    hosts: one.hosts,
    metadata: one.metadata,
    created_at: one.createdAt,
    updated_at: one.updatedAt,
    deleted: false,
    deleted_at: null,
  },
});

/** The API names aggregates by number; anything else is not there. */
const numberOf = (id: string): string => {
  if (!/^\d+$/.test(id)) throw notFound(`Aggregate ${id} could not be found.`);
  return id;
};

export const aggregateRoutes = [
  route({
    id: 'aggregates.list',
    summary: 'List host aggregates',
    method: 'GET',
    path: '/os-aggregates',
    policy: 'os_compute_api:os-aggregates:index',
    status: 200,
    handle: async (aggregates, { version }) => ({
      aggregates: (await aggregates.list()).map((one) => show(one, version).aggregate),
    }),
  }),
  route({
    id: 'aggregates.create',
    summary: 'Make a host aggregate',
    method: 'POST',
    path: '/os-aggregates',
    policy: 'os_compute_api:os-aggregates:create',
    status: 200,
    body: wrapped('aggregate', strict({ name: Name, availability_zone: Type.Optional(Zone) })),
    handle: async (aggregates, { body, version }) => {
      const { name, availability_zone: zone = null } = body.aggregate;
      const {
        hosts: _hosts,
        metadata: _metadata,
        ...brief
      } = show(await aggregates.create(name, zone), version).aggregate;
      return { aggregate: brief };
    },
  }),
  route({
    id: 'aggregates.show',
    summary: 'Show a host aggregate',
    method: 'GET',
    path: '/os-aggregates/:id',
    policy: 'os_compute_api:os-aggregates:show',
    status: 200,
    params: IdParams,
    handle: async (aggregates, { params, version }) => show(await aggregates.show(numberOf(params.id)), version),
  }),
  route({
    id: 'aggregates.update',
    summary: 'Rename a host aggregate, or change its zone',
    method: 'PUT',
    path: '/os-aggregates/:id',
    policy: 'os_compute_api:os-aggregates:update',
    status: 200,
    params: IdParams,
    body: wrapped(
      'aggregate',
      Type.Object(
        { name: Type.Optional(Name), availability_zone: Type.Optional(Zone) },
        { additionalProperties: false, minProperties: 1 },
      ),
    ),
    handle: async (aggregates, { params, body: { aggregate }, version }) =>
      show(
        await aggregates.update(numberOf(params.id), {
          ...(aggregate.name !== undefined && { name: aggregate.name }),
          ...(aggregate.availability_zone !== undefined && { zone: aggregate.availability_zone }),
        }),
        version,
      ),
  }),
  route({
    id: 'aggregates.delete',
    summary: 'Delete a host aggregate',
    method: 'DELETE',
    path: '/os-aggregates/:id',
    policy: 'os_compute_api:os-aggregates:delete',
    status: 200,
    params: IdParams,
    handle: async (aggregates, { params }) => {
      await aggregates.delete(numberOf(params.id));
      return undefined;
    },
  }),
  route({
    id: 'aggregates.action',
    summary: 'Add or remove a host, or change the metadata of an aggregate',
    method: 'POST',
    path: '/os-aggregates/:id/action',
    policy: 'os_compute_api:os-aggregates:add_host',
    status: 200,
    params: IdParams,
    body: Type.Union([
      wrapped('add_host', Host),
      wrapped('remove_host', Host),
      wrapped(
        'set_metadata',
        strict({
          metadata: Type.Record(
            Type.String({ pattern: '^[a-zA-Z0-9-_:. ]{1,255}$' }),
            nullable(Type.String({ maxLength: 255 })),
            { additionalProperties: false },
          ),
        }),
      ),
    ]),
    handle: async (aggregates, { params, body, version }) => {
      const id = numberOf(params.id);
      if ('add_host' in body) return show(await aggregates.addHost(id, body.add_host.host), version);
      if ('remove_host' in body) return show(await aggregates.removeHost(id, body.remove_host.host), version);
      return show(await aggregates.setMetadata(id, body.set_metadata.metadata), version);
    },
  }),
  route({
    id: 'aggregates.images',
    summary: "Let an aggregate's hosts fetch images before they are needed",
    method: 'POST',
    path: '/os-aggregates/:id/images',
    versions: { min: '2.81', apis: ['v2.1'] },
    policy: 'os_compute_api:os-aggregates:images',
    status: 202,
    params: IdParams,
    body: strict({ cache: Type.Array(strict({ id: Uuid }), { minItems: 1 }) }),
    handle: async (aggregates, { params, body }) => {
      await aggregates.cacheImages(
        numberOf(params.id),
        body.cache.map((image) => image.id),
      );
      return undefined;
    },
  }),
];
