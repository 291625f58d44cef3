import { Type, type Static } from '@sinclair/typebox';
import { badRequest, conflict } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { couldNotFind } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Project } from '../projects/model.ts';
import { tenantView } from '../projects/view.ts';
import { v2RoleView } from '../roles/view.ts';
import { v2UserView } from '../users/view.ts';
import {
  CreateTenant,
  RoleAnswer,
  RolesAnswer,
  TenantAnswer,
  TenantsAnswer,
  UpdateTenant,
  UsersAnswer,
} from './schema.ts';

const route = routesFor<Identity>();
const params = Type.Object({ tenant_id: Type.String() });
const memberParams = Type.Object({ tenant_id: Type.String(), user_id: Type.String() });
const grantParams = Type.Object({ tenant_id: Type.String(), user_id: Type.String(), role_id: Type.String() });
const known = ['name', 'description', 'enabled'];
const Page = Type.Object(
  {
    name: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    marker: Type.Optional(Type.String()),
  },
  { additionalProperties: true },
);

/** The part of a list that is asked for. @throws ApiError 400 for a marker that is not in it */
function pageOf(tenants: readonly Project[], { limit, marker }: Static<typeof Page>): readonly Project[] {
  const at = marker === undefined ? -1 : tenants.findIndex((one) => one.id === marker);
  if (marker !== undefined && at < 0) throw badRequest('Marker could not be found');
  return tenants.slice(at + 1, limit === undefined || limit === 0 ? undefined : at + 1 + limit);
}

/** The tenants of whoever asks: the public port's list. */
export const publicTenantRoutes = [
  route({
    id: 'v2.tenants.own',
    summary: 'List the tenants that one may have a token for',
    method: 'GET',
    path: '/tenants',
    policy: 'identity:get_auth_projects',
    status: 200,
    query: Page,
    response: TenantsAnswer,
    handle: async ({ assignments, projects, config }, { ctx, query }) => {
      const domainId = config.identity.default_domain_id;
      const all =
        ctx.userId === null ? await projects.list({ domainId }) : await assignments.projectsOfUser(ctx.userId);
      const tenants = all.filter((one) => one.domainId === domainId && [undefined, one.name].includes(query.name));
      return { tenants: pageOf(tenants, query).map(tenantView), tenants_links: [] };
    },
  }),
];

export const adminTenantRoutes = [
  route({
    id: 'v2.tenants.list',
    summary: 'List all tenants, or (with name) the one of that name',
    method: 'GET',
    path: '/tenants',
    policy: 'identity:list_projects',
    status: 200,
    query: Page,
    // With `name` the answer is one tenant, as Icehouse has it.
    response: Type.Union([TenantsAnswer, TenantAnswer]),
    handle: async ({ projects, config }, { query }) => {
      const { name } = query;
      const domainId = config.identity.default_domain_id;
      if (name === undefined) {
        const tenants = pageOf(await projects.list({ domainId }), query);
        return { tenants: tenants.map(tenantView), tenants_links: [] };
      }
      const tenant = await projects.findByName(name, domainId);
      if (!tenant) throw couldNotFind('project', name);
      return { tenant: tenantView(tenant) };
    },
  }),
  route({
    id: 'v2.tenants.create',
    summary: 'Create a tenant',
    method: 'POST',
    path: '/tenants',
    policy: 'identity:create_project',
    status: 200,
    body: CreateTenant,
    response: TenantAnswer,
    handle: async ({ projects }, { body: { tenant: wanted } }) => {
      const { name, description, enabled } = wanted;
      return {
        tenant: tenantView(await projects.create({ name, description, enabled, extra: extraOf(wanted, known) })),
      };
    },
  }),
  route({
    id: 'v2.tenants.show',
    summary: 'Show a tenant',
    method: 'GET',
    path: '/tenants/:tenant_id',
    policy: 'identity:get_project',
    status: 200,
    params,
    response: TenantAnswer,
    handle: async ({ projects, authorize }, { ctx, params }) => {
      authorize('identity:get_project', ctx, { project_id: params.tenant_id });
      return { tenant: tenantView(await projects.get(params.tenant_id)) };
    },
  }),
  ...(['POST', 'PUT'] as const).map((method) =>
    route({
      id: method === 'POST' ? 'v2.tenants.update' : 'v2.tenants.put',
      summary: 'Change a tenant',
      method,
      path: '/tenants/:tenant_id',
      policy: 'identity:update_project',
      status: 200,
      params,
      body: UpdateTenant,
      response: TenantAnswer,
      handle: async ({ projects }, { params, body: { tenant: wanted } }) => {
        const patch = {
          ...(wanted.name !== undefined && { name: wanted.name }),
          ...(wanted.description !== undefined && { description: wanted.description }),
          ...(wanted.enabled !== undefined && { enabled: wanted.enabled }),
          extra: extraOf(wanted, known),
        };
        return { tenant: tenantView(await projects.update(params.tenant_id, patch)) };
      },
    }),
  ),
  route({
    id: 'v2.tenants.delete',
    summary: 'Delete a tenant',
    method: 'DELETE',
    path: '/tenants/:tenant_id',
    policy: 'identity:delete_project',
    status: 204,
    params,
    handle: async ({ projects }, { params }) => {
      await projects.delete(params.tenant_id);
      return undefined;
    },
  }),
  route({
    id: 'v2.tenants.users',
    summary: 'List the users with a role on a tenant',
    method: 'GET',
    path: '/tenants/:tenant_id/users',
    policy: 'identity:list_users',
    status: 200,
    params,
    response: UsersAnswer,
    handle: async ({ projects, assignments, users }, { params }) => {
      await projects.get(params.tenant_id);
      const found = await assignments.listEffective({ target: { kind: 'project', id: params.tenant_id } });
      const ids = [...new Set(found.map(({ actor }) => actor.id))];
      return { users: ids.length === 0 ? [] : (await users.list({ ids })).map(v2UserView) };
    },
  }),
  route({
    id: 'v2.tenants.roles.list',
    summary: "List a user's roles on a tenant",
    method: 'GET',
    path: '/tenants/:tenant_id/users/:user_id/roles',
    policy: 'identity:list_grants',
    status: 200,
    params: memberParams,
    response: RolesAnswer,
    handle: async ({ assignments }, { params }) => {
      const target = { kind: 'project', id: params.tenant_id } as const;
      const roles = await assignments.rolesOf({ kind: 'user', id: params.user_id }, target);
      return { roles: roles.map(v2RoleView) };
    },
  }),
  route({
    id: 'v2.tenants.roles.add',
    summary: 'Give a user a role on a tenant',
    method: 'PUT',
    path: '/tenants/:tenant_id/users/:user_id/roles/OS-KSADM/:role_id',
    policy: 'identity:create_grant',
    status: 200,
    params: grantParams,
    response: RoleAnswer,
    handle: async ({ assignments, roles }, { params }) => {
      const grant = grantOf(params);
      // What v3 takes as done, v2.0 calls a conflict.
      const had = await assignments.list({
        userId: params.user_id,
        target: grant.target,
        roleId: params.role_id,
        inherited: false,
      });
      if (had.length > 0)
        throw conflict(
          `Conflict occurred attempting to store role grant - User ${params.user_id} already has role ${params.role_id} in tenant ${params.tenant_id}`,
        );
      await assignments.grant(grant);
      return { role: v2RoleView(await roles.get(params.role_id)) };
    },
  }),
  route({
    id: 'v2.tenants.roles.remove',
    summary: 'Take a role on a tenant from a user',
    method: 'DELETE',
    path: '/tenants/:tenant_id/users/:user_id/roles/OS-KSADM/:role_id',
    policy: 'identity:revoke_grant',
    status: 204,
    params: grantParams,
    handle: async ({ assignments }, { params }) => {
      await assignments.revoke(grantOf(params));
      return undefined;
    },
  }),
];

const grantOf = (params: { tenant_id: string; user_id: string; role_id: string }) => ({
  actor: { kind: 'user', id: params.user_id } as const,
  target: { kind: 'project', id: params.tenant_id } as const,
  roleId: params.role_id,
});
