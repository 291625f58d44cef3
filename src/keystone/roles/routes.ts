import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import {
  CreateRole,
  ImpliedAnswer,
  InferenceAnswer,
  InferencesAnswer,
  known,
  RoleAnswer,
  RoleQuery,
  RolesAnswer,
  UpdateRole,
} from './schema.ts';
import { inferencesView, roleReference, roleView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ role_id: Type.String() });
const pair = Type.Object({ role_id: Type.String(), implied_role_id: Type.String() });
const implication = (params: { role_id: string; implied_role_id: string }) => ({
  priorId: params.role_id,
  impliedId: params.implied_role_id,
});

export const roleRoutes = [
  route({
    id: 'roles.list',
    summary: 'List roles',
    method: 'GET',
    path: '/roles',
    policy: 'identity:list_roles',
    status: 200,
    query: RoleQuery,
    response: RolesAnswer,
    handle: async ({ roles }, call) => {
      const found = await roles.list({ name: call.query.name, domainId: call.query.domain_id }, call.query);
      return collection(
        call,
        'roles',
        found.map((role) => roleView(role, call.host)),
      );
    },
  }),
  route({
    id: 'roles.create',
    summary: 'Create a role',
    method: 'POST',
    path: '/roles',
    policy: 'identity:create_role',
    status: 201,
    body: CreateRole,
    response: RoleAnswer,
    handle: async ({ roles }, { body: { role: wanted }, host }) => {
      const { name, description, options, domain_id: domainId } = wanted;
      const role = await roles.create({ name, description, options, domainId, extra: extraOf(wanted, known) });
      return { role: roleView(role, host) };
    },
  }),
  route({
    id: 'roles.show',
    summary: 'Show a role',
    method: 'GET',
    path: '/roles/:role_id',
    policy: 'identity:get_role',
    status: 200,
    params,
    response: RoleAnswer,
    handle: async ({ roles }, { params, host }) => ({ role: roleView(await roles.get(params.role_id), host) }),
  }),
  route({
    id: 'roles.update',
    summary: 'Change a role',
    method: 'PATCH',
    path: '/roles/:role_id',
    policy: 'identity:update_role',
    status: 200,
    params,
    body: UpdateRole,
    response: RoleAnswer,
    handle: async ({ roles }, { params, body: { role: wanted }, host }) => {
      const patch = {
        ...(wanted.name !== undefined && { name: wanted.name }),
        ...(wanted.description !== undefined && { description: wanted.description }),
        ...(wanted.options !== undefined && { options: wanted.options }),
        extra: extraOf(wanted, known),
      };
      return { role: roleView(await roles.update(params.role_id, patch), host) };
    },
  }),
  route({
    id: 'roles.delete',
    summary: 'Delete a role',
    method: 'DELETE',
    path: '/roles/:role_id',
    policy: 'identity:delete_role',
    status: 204,
    params,
    handle: async ({ roles }, { params }) => {
      await roles.delete(params.role_id);
      return undefined;
    },
  }),
  route({
    id: 'roles.inferences',
    summary: 'List which roles imply which',
    method: 'GET',
    path: '/role_inferences',
    policy: 'identity:list_role_inference_rules',
    status: 200,
    response: InferencesAnswer,
    handle: async ({ roles }, { host }) => {
      const implications = await roles.implications();
      const ids = [...new Set(implications.flatMap((one) => [one.priorId, one.impliedId]))];
      const named = ids.length === 0 ? [] : await roles.list({ ids });
      return { role_inferences: inferencesView(implications, named, host) };
    },
  }),
  route({
    id: 'roles.implies.list',
    summary: 'List what a role implies',
    method: 'GET',
    path: '/roles/:role_id/implies',
    policy: 'identity:list_implied_roles',
    status: 200,
    params,
    response: ImpliedAnswer,
    handle: async ({ roles }, { params, host, url }) => {
      const prior = await roles.get(params.role_id);
      const ids = (await roles.implications()).filter((one) => one.priorId === prior.id).map((one) => one.impliedId);
      const implied = ids.length === 0 ? [] : await roles.list({ ids });
      return {
        role_inference: {
          prior_role: roleReference(prior, host),
          implies: implied.map((role) => roleReference(role, host)),
        },
        links: { self: host + url },
      };
    },
  }),
  ...(
    [
      ['PUT', 'roles.implies.create', 'identity:create_implied_role', 201],
      ['GET', 'roles.implies.show', 'identity:get_implied_role', 200],
    ] as const
  ).map(([method, id, policy, status]) =>
    route({
      id,
      summary: method === 'PUT' ? 'Let a role imply another' : 'Show that a role implies another',
      method,
      path: '/roles/:role_id/implies/:implied_role_id',
      policy,
      status,
      params: pair,
      response: InferenceAnswer,
      handle: async ({ roles }, { params, host, url }) => {
        if (method === 'PUT') await roles.imply(implication(params));
        else await roles.checkImplied(implication(params));
        const [prior, implied] = [await roles.get(params.role_id), await roles.get(params.implied_role_id)];
        return {
          role_inference: { prior_role: roleReference(prior, host), implies: roleReference(implied, host) },
          links: { self: host + url },
        };
      },
    }),
  ),
  route({
    id: 'roles.implies.check',
    summary: 'Whether a role implies another',
    method: 'HEAD',
    path: '/roles/:role_id/implies/:implied_role_id',
    policy: 'identity:check_implied_role',
    status: 204,
    params: pair,
    handle: async ({ roles }, { params }) => {
      await roles.checkImplied(implication(params));
      return undefined;
    },
  }),
  route({
    id: 'roles.implies.delete',
    summary: 'Let a role no longer imply another',
    method: 'DELETE',
    path: '/roles/:role_id/implies/:implied_role_id',
    policy: 'identity:delete_implied_role',
    status: 204,
    params: pair,
    handle: async ({ roles }, { params }) => {
      await roles.unimply(implication(params));
      return undefined;
    },
  }),
];
