import { Type, type Static } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { collection } from '../api/lists.ts';
import { CollectionLinks } from '../api/schemas.ts';
import type { Identity } from '../identity.ts';
import type { LimitFilter } from './model.ts';
import {
  CreateLimits,
  CreateRegistered,
  LimitBody,
  limitParams,
  LimitQuery,
  RegisteredBody,
  registeredParams,
  UpdateLimit,
  UpdateRegistered,
} from './schema.ts';
import { limitView, registeredView } from './view.ts';

const route = routesFor<Identity>();

const filterOf = (query: Static<typeof LimitQuery>): LimitFilter => ({
  serviceId: query.service_id,
  regionId: query.region_id,
  resourceName: query.resource_name,
  projectId: query.project_id,
  domainId: query.domain_id,
});

export const limitRoutes = [
  route({
    id: 'registeredLimits.list',
    summary: 'List registered limits',
    method: 'GET',
    path: '/registered_limits',
    policy: 'identity:list_registered_limits',
    status: 200,
    query: LimitQuery,
    response: Type.Object({ registered_limits: Type.Array(RegisteredBody), links: CollectionLinks }),
    handle: async ({ limits }, call) => {
      const found = await limits.listRegistered(filterOf(call.query));
      return collection(
        call,
        'registered_limits',
        found.map((limit) => registeredView(limit, call.host)),
      );
    },
  }),
  route({
    id: 'registeredLimits.create',
    summary: 'Register limits',
    method: 'POST',
    path: '/registered_limits',
    policy: 'identity:create_registered_limits',
    status: 201,
    body: CreateRegistered,
    response: Type.Object({ registered_limits: Type.Array(RegisteredBody), links: CollectionLinks }),
    handle: async ({ limits }, call) => {
      const made = await limits.createRegistered(
        call.body.registered_limits.map((wanted) => ({
          serviceId: wanted.service_id,
          regionId: wanted.region_id ?? null,
          resourceName: wanted.resource_name,
          defaultLimit: wanted.default_limit,
          description: wanted.description ?? null,
        })),
      );
      return collection(
        call,
        'registered_limits',
        made.map((limit) => registeredView(limit, call.host)),
      );
    },
  }),
  route({
    id: 'registeredLimits.show',
    summary: 'Show a registered limit',
    method: 'GET',
    path: '/registered_limits/:registered_limit_id',
    policy: 'identity:get_registered_limit',
    status: 200,
    params: registeredParams,
    response: Type.Object({ registered_limit: RegisteredBody }),
    handle: async ({ limits }, { params, host }) => ({
      registered_limit: registeredView(await limits.getRegistered(params.registered_limit_id), host),
    }),
  }),
  route({
    id: 'registeredLimits.update',
    summary: 'Change a registered limit',
    method: 'PATCH',
    path: '/registered_limits/:registered_limit_id',
    policy: 'identity:update_registered_limit',
    status: 200,
    params: registeredParams,
    body: UpdateRegistered,
    response: Type.Object({ registered_limit: RegisteredBody }),
    handle: async ({ limits }, { params, body: { registered_limit: wanted }, host }) => {
      const patch = {
        ...(wanted.service_id !== undefined && { serviceId: wanted.service_id }),
        ...(wanted.region_id !== undefined && { regionId: wanted.region_id }),
        ...(wanted.resource_name !== undefined && { resourceName: wanted.resource_name }),
        ...(wanted.default_limit !== undefined && { defaultLimit: wanted.default_limit }),
        ...(wanted.description !== undefined && { description: wanted.description }),
      };
      return {
        registered_limit: registeredView(await limits.updateRegistered(params.registered_limit_id, patch), host),
      };
    },
  }),
  route({
    id: 'registeredLimits.delete',
    summary: 'Remove a registered limit',
    method: 'DELETE',
    path: '/registered_limits/:registered_limit_id',
    policy: 'identity:delete_registered_limit',
    status: 204,
    params: registeredParams,
    handle: async ({ limits }, { params }) => {
      await limits.deleteRegistered(params.registered_limit_id);
      return undefined;
    },
  }),
  route({
    id: 'limits.model',
    summary: 'Show how limits are meant',
    method: 'GET',
    path: '/limits/model',
    policy: 'identity:get_limit_model',
    status: 200,
    response: Type.Object({ model: Type.Object({ name: Type.String(), description: Type.String() }) }),
    handle: () => ({
      model: {
        name: 'flat',
        description: 'Limit enforcement and validation does not take project hierarchy into consideration.',
      },
    }),
  }),
  route({
    id: 'limits.list',
    summary: 'List the limits of projects and domains',
    method: 'GET',
    path: '/limits',
    policy: 'identity:list_limits',
    status: 200,
    query: LimitQuery,
    response: Type.Object({ limits: Type.Array(LimitBody), links: CollectionLinks }),
    handle: async ({ limits }, call) => {
      const { ctx } = call;
      const all = await limits.list(filterOf(call.query));
      // Others than administrators see what concerns them.
      const own = all.filter(({ projectId }) => ctx.isAdmin || (projectId !== null && projectId === ctx.projectId));
      return collection(
        call,
        'limits',
        own.map((limit) => limitView(limit, call.host)),
      );
    },
  }),
  route({
    id: 'limits.create',
    summary: 'Set limits for projects and domains',
    method: 'POST',
    path: '/limits',
    policy: 'identity:create_limits',
    status: 201,
    body: CreateLimits,
    response: Type.Object({ limits: Type.Array(LimitBody), links: CollectionLinks }),
    handle: async ({ limits }, call) => {
      const made = await limits.create(
        call.body.limits.map((wanted) => ({
          serviceId: wanted.service_id,
          regionId: wanted.region_id ?? null,
          resourceName: wanted.resource_name,
          projectId: wanted.project_id ?? null,
          domainId: wanted.domain_id ?? null,
          value: wanted.resource_limit,
          description: wanted.description ?? null,
        })),
      );
      return collection(
        call,
        'limits',
        made.map((limit) => limitView(limit, call.host)),
      );
    },
  }),
  route({
    id: 'limits.show',
    summary: 'Show a limit',
    method: 'GET',
    path: '/limits/:limit_id',
    policy: 'identity:get_limit',
    status: 200,
    params: limitParams,
    response: Type.Object({ limit: LimitBody }),
    handle: async ({ limits, authorize }, { ctx, params, host }) => {
      const limit = await limits.get(params.limit_id);
      authorize('identity:get_limit', ctx, { project_id: limit.projectId });
      return { limit: limitView(limit, host) };
    },
  }),
  route({
    id: 'limits.update',
    summary: 'Change a limit',
    method: 'PATCH',
    path: '/limits/:limit_id',
    policy: 'identity:update_limit',
    status: 200,
    params: limitParams,
    body: UpdateLimit,
    response: Type.Object({ limit: LimitBody }),
    handle: async ({ limits }, { params, body: { limit: wanted }, host }) => {
      const patch = {
        ...(wanted.resource_limit !== undefined && { value: wanted.resource_limit }),
        ...(wanted.description !== undefined && { description: wanted.description }),
      };
      return { limit: limitView(await limits.update(params.limit_id, patch), host) };
    },
  }),
  route({
    id: 'limits.delete',
    summary: 'Remove a limit',
    method: 'DELETE',
    path: '/limits/:limit_id',
    policy: 'identity:delete_limit',
    status: 204,
    params: limitParams,
    handle: async ({ limits }, { params }) => {
      await limits.delete(params.limit_id);
      return undefined;
    },
  }),
];
