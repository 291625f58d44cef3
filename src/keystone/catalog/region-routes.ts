import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import { CreateRegion, knownOfRegion, RegionAnswer, RegionQuery, RegionsAnswer, UpdateRegion } from './schema.ts';
import { regionView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ region_id: Type.String() });

export const regionRoutes = [
  route({
    id: 'regions.list',
    summary: 'List regions',
    method: 'GET',
    path: '/regions',
    policy: 'identity:list_regions',
    status: 200,
    query: RegionQuery,
    response: RegionsAnswer,
    handle: async ({ catalog }, call) => {
      const regions = await catalog.regions({ parentId: call.query.parent_region_id });
      return collection(
        call,
        'regions',
        regions.map((region) => regionView(region, call.host)),
      );
    },
  }),
  route({
    id: 'regions.create',
    summary: 'Create a region',
    method: 'POST',
    path: '/regions',
    policy: 'identity:create_region',
    status: 201,
    body: CreateRegion,
    response: RegionAnswer,
    handle: async ({ catalog }, { body: { region: wanted }, host }) => {
      const region = await catalog.createRegion({
        ...(wanted.id !== undefined && wanted.id !== '' && { id: wanted.id }),
        description: wanted.description ?? '',
        parentId: wanted.parent_region_id ?? null,
        extra: extraOf(wanted, knownOfRegion),
      });
      return { region: regionView(region, host) };
    },
  }),
  route({
    id: 'regions.put',
    summary: 'Create a region of a given id',
    method: 'PUT',
    path: '/regions/:region_id',
    policy: 'identity:create_region',
    status: 201,
    params,
    body: CreateRegion,
    response: RegionAnswer,
    handle: async ({ catalog }, { params, body: { region: wanted }, host }) => {
      if (wanted.id !== undefined && wanted.id !== params.region_id)
        throw badRequest('Conflicting region IDs specified: the id in the URL must match the id in the body.');
      const region = await catalog.createRegion({
        id: params.region_id,
        description: wanted.description ?? '',
        parentId: wanted.parent_region_id ?? null,
        extra: extraOf(wanted, knownOfRegion),
      });
      return { region: regionView(region, host) };
    },
  }),
  route({
    id: 'regions.show',
    summary: 'Show a region',
    method: 'GET',
    path: '/regions/:region_id',
    policy: 'identity:get_region',
    status: 200,
    params,
    response: RegionAnswer,
    handle: async ({ catalog }, { params, host }) => ({
      region: regionView(await catalog.region(params.region_id), host),
    }),
  }),
  route({
    id: 'regions.update',
    summary: 'Change a region',
    method: 'PATCH',
    path: '/regions/:region_id',
    policy: 'identity:update_region',
    status: 200,
    params,
    body: UpdateRegion,
    response: RegionAnswer,
    handle: async ({ catalog }, { params, body: { region: wanted }, host }) => {
      const region = await catalog.updateRegion(params.region_id, {
        ...(wanted.description !== undefined && { description: wanted.description ?? '' }),
        ...(wanted.parent_region_id !== undefined && { parentId: wanted.parent_region_id }),
        extra: extraOf(wanted, knownOfRegion),
      });
      return { region: regionView(region, host) };
    },
  }),
  route({
    id: 'regions.delete',
    summary: 'Delete a region',
    method: 'DELETE',
    path: '/regions/:region_id',
    policy: 'identity:delete_region',
    status: 204,
    params,
    handle: async ({ catalog }, { params }) => {
      await catalog.deleteRegion(params.region_id);
      return undefined;
    },
  }),
];
