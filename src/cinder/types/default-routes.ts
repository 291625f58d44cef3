import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { IdParams, Name } from '../api/schemas.ts';
import { requestedType } from './choose.ts';
import { defaultTypes, setDefaultType, unsetDefaultType } from './rows.ts';
import type { TypeService } from './service.ts';

const route = routesFor<TypeService>();
const versions = { min: '3.62' };

/** Projects' own default types. */
export const defaultTypeRoutes = [
  route({
    id: 'default_types.set',
    summary: "Set a project's default volume type",
    method: 'PUT',
    path: '/default-types/:id',
    versions,
    policy: 'volume_extension:default_set_or_update',
    status: 200,
    params: IdParams,
    body: Type.Object({ default_type: Type.Object({ volume_type: Name }) }),
    handle: async (types, { ctx, params, body }) => {
      const { db } = types.kit;
      const type = await requestedType(db.query, ctx, body.default_type.volume_type);
      await db.transaction((trx) => setDefaultType(trx, params.id, type.id, types.kit.now()));
      return { default_type: { project_id: params.id, volume_type_id: type.id } };
    },
  }),
  route({
    id: 'default_types.list',
    summary: "List projects' default volume types",
    method: 'GET',
    path: '/default-types',
    versions,
    policy: 'volume_extension:default_get_all',
    status: 200,
    handle: async ({ kit }) => ({
      default_types: (await defaultTypes(kit.db.query)).map(({ projectId, typeId }) => ({
        project_id: projectId,
        volume_type_id: typeId,
      })),
    }),
  }),
  route({
    id: 'default_types.show',
    summary: "Show a project's default volume type",
    method: 'GET',
    path: '/default-types/:id',
    versions,
    policy: 'volume_extension:default_get',
    status: 200,
    params: IdParams,
    handle: async ({ kit }, { params }) => {
      const [found] = await defaultTypes(kit.db.query, params.id);
      if (!found) throw notFound(`Default type for project ${params.id} not found.`);
      return { default_type: { project_id: found.projectId, volume_type_id: found.typeId } };
    },
  }),
  route({
    id: 'default_types.unset',
    summary: "Unset a project's default volume type",
    method: 'DELETE',
    path: '/default-types/:id',
    versions,
    policy: 'volume_extension:default_unset',
    status: 204,
    params: IdParams,
    handle: async ({ kit }, { params }) => {
      await unsetDefaultType(kit.db.query, params.id);
      return undefined;
    },
  }),
];
