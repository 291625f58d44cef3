import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { int, readValue } from '../api/kinds.ts';
import { documented } from '../api/resource-routes.ts';
import { errors } from '../errors.ts';
import type { NeutronApi } from '../server/api.ts';
import type { Limits } from './service.ts';

const route = routesFor<NeutronApi>();
const Params = Type.Object({ project_id: Type.String() });
const Quota = Type.Object({ quota: Type.Record(Type.String(), Type.Unknown()) });
const limit = int(-1, 2 ** 31 - 1);

/** Everybody may look at the own project's, administrators at all. */
function mayLook(api: NeutronApi, ctx: RequestContext, projectId: string): void {
  if (projectId !== ctx.projectId && !api.caller(ctx).isAdmin)
    throw errors.adminRequired('Non-admin is not authorised to access quotas for another tenant');
}

const withProject = (limits: Limits, projectId: string): Readonly<Record<string, unknown>> => ({
  ...limits,
  project_id: projectId,
  tenant_id: projectId,
});

function parseLimits(api: NeutronApi, body: unknown): Readonly<Record<string, number>> {
  const given = (body as { quota?: Record<string, unknown> } | undefined)?.quota;
  if (typeof given !== 'object' || given === null) throw errors.malformed("Unable to find 'quota' in request body");
  const { tenant_id: _tenant, project_id: _project, force: _force, check_limit: _check, ...limits } = given;
  const unknown = Object.keys(limits).filter((name) => !(name in api.quotas.defaults));
  if (unknown.length > 0) throw errors.malformed(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  return Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, readValue(limit, name, value)]));
}

export const quotaRoutes = [
  route({
    id: 'quotas.list',
    summary: 'List the projects that have quotas of their own',
    method: 'GET',
    path: '/quotas',
    policy: 'get_quota:all',
    status: 200,
    response: Type.Object({ quotas: Type.Array(Type.Unknown()) }),
    handle: async (api) => ({
      quotas: (await api.quotas.all()).map(({ project_id, ...limits }) => withProject(limits as Limits, project_id)),
    }),
  }),
  route({
    id: 'quotas.tenant',
    summary: "Show which project the caller's quotas belong to",
    method: 'GET',
    path: '/quotas/tenant',
    policy: 'get_quota',
    status: 200,
    response: Type.Object({ tenant: Type.Unknown() }),
    handle: (_api, { ctx }) => ({ tenant: { tenant_id: ctx.projectId, project_id: ctx.projectId } }),
  }),
  route({
    id: 'quotas.show',
    summary: 'Show the quotas of a project',
    method: 'GET',
    path: '/quotas/:project_id',
    policy: 'get_quota',
    status: 200,
    params: Params,
    response: Quota,
    handle: async (api, { ctx, params }) => {
      mayLook(api, ctx, params.project_id);
      return { quota: { ...(await api.quotas.limits(params.project_id)) } };
    },
  }),
  ...['default', 'defaults'].map((word) =>
    route({
      id: `quotas.${word}`,
      summary: 'Show the quotas of a project that has none of its own',
      method: 'GET',
      path: `/quotas/:project_id/${word}`,
      policy: 'get_quota',
      status: 200,
      params: Params,
      response: Quota,
      handle: (api, { ctx, params }) => {
        mayLook(api, ctx, params.project_id);
        return { quota: { ...api.quotas.defaults } };
      },
    }),
  ),
  route({
    id: 'quotas.details',
    summary: 'Show the quotas of a project with what is used of them',
    method: 'GET',
    path: '/quotas/:project_id/details',
    policy: 'get_quota',
    status: 200,
    params: Params,
    response: Quota,
    handle: async (api, { ctx, params }) => {
      mayLook(api, ctx, params.project_id);
      return { quota: { ...(await api.quotas.details(params.project_id)) } };
    },
  }),
  route({
    id: 'quotas.update',
    summary: 'Set quotas of a project',
    method: 'PUT',
    path: '/quotas/:project_id',
    policy: 'update_quota',
    status: 200,
    params: Params,
    body: documented({
      type: 'object',
      properties: { quota: { type: 'object', additionalProperties: { type: 'integer', minimum: -1 } } },
      required: ['quota'],
    }),
    response: Quota,
    handle: async (api, { params, body }) => ({
      quota: { ...(await api.quotas.update(params.project_id, parseLimits(api, body))) },
    }),
  }),
  route({
    id: 'quotas.delete',
    summary: 'Give a project the default quotas again',
    method: 'DELETE',
    path: '/quotas/:project_id',
    policy: 'delete_quota',
    status: 204,
    params: Params,
    handle: async (api, { params }) => {
      await api.quotas.reset(params.project_id);
      return undefined;
    },
  }),
];
