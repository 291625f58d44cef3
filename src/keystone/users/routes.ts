import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection, flagOf } from '../api/lists.ts';
import { givenTime } from '../api/times.ts';
import { GroupsAnswer } from '../groups/schema.ts';
import { groupView } from '../groups/view.ts';
import type { Identity } from '../identity.ts';
import { ProjectsAnswer } from '../projects/schema.ts';
import { projectView } from '../projects/view.ts';
import type { UserFilter, UserPatch } from './model.ts';
import { ChangePassword, CreateUser, known, UpdateUser, UserAnswer, UserQuery, UsersAnswer } from './schema.ts';
import { patchedUserView, userView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ user_id: Type.String() });

const comparisons = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '=', neq: '!=' } as const;

/** @throws ApiError 400 */
function expiryFilter(text: string | undefined): UserFilter['passwordExpires'] {
  if (text === undefined) return undefined;
  const [, how, time] = /^(?:(lte?|gte?|n?eq):)?(.+)$/.exec(text) ?? [];
  return { how: comparisons[(how ?? 'eq') as keyof typeof comparisons], time: givenTime(time ?? '') };
}

export const userRoutes = [
  route({
    id: 'users.list',
    summary: 'List users',
    method: 'GET',
    path: '/users',
    policy: 'identity:list_users',
    status: 200,
    query: UserQuery,
    response: UsersAnswer,
    handle: async ({ users }, call) => {
      const { name, domain_id: domainId, enabled } = call.query;
      const passwordExpires = expiryFilter(call.query.password_expires_at);
      const found = await users.list({ name, domainId, enabled: flagOf(enabled), passwordExpires }, call.query);
      return collection(
        call,
        'users',
        found.map((user) => userView(user, call.host)),
      );
    },
  }),
  route({
    id: 'users.create',
    summary: 'Create a user',
    method: 'POST',
    path: '/users',
    policy: 'identity:create_user',
    status: 201,
    body: CreateUser,
    response: UserAnswer,
    handle: async ({ users }, { body: { user: wanted }, host }) => {
      const { name, password, enabled, options, domain_id: domainId, default_project_id: defaultProjectId } = wanted;
      const extra = extraOf(wanted, known);
      const user = await users.create({ name, password, enabled, options, domainId, defaultProjectId, extra });
      return { user: userView(user, host) };
    },
  }),
  route({
    id: 'users.show',
    summary: 'Show a user',
    method: 'GET',
    path: '/users/:user_id',
    policy: 'identity:get_user',
    status: 200,
    params,
    response: UserAnswer,
    handle: async ({ users, authorize }, { ctx, params, host }) => {
      authorize('identity:get_user', ctx, { user_id: params.user_id });
      return { user: userView(await users.get(params.user_id), host) };
    },
  }),
  route({
    id: 'users.update',
    summary: 'Change a user',
    method: 'PATCH',
    path: '/users/:user_id',
    policy: 'identity:update_user',
    status: 200,
    params,
    body: UpdateUser,
    response: UserAnswer,
    handle: async ({ users }, { params, body: { user: wanted }, host }) => {
      const patch: UserPatch = {
        ...(wanted.name !== undefined && { name: wanted.name }),
        ...(wanted.domain_id !== undefined && { domainId: wanted.domain_id }),
        ...(wanted.enabled !== undefined && { enabled: wanted.enabled }),
        ...(wanted.default_project_id !== undefined && { defaultProjectId: wanted.default_project_id }),
        ...(wanted.password !== undefined && { password: wanted.password }),
        ...(wanted.options !== undefined && { options: wanted.options }),
        extra: extraOf(wanted, [...known, 'extra']),
      };
      return { user: patchedUserView(await users.update(params.user_id, patch), host) };
    },
  }),
  route({
    id: 'users.delete',
    summary: 'Delete a user',
    method: 'DELETE',
    path: '/users/:user_id',
    policy: 'identity:delete_user',
    status: 204,
    params,
    handle: async ({ users }, { params }) => {
      await users.delete(params.user_id);
      return undefined;
    },
  }),
  route({
    id: 'users.password',
    summary: "Change one's own password",
    method: 'POST',
    path: '/users/:user_id/password',
    policy: null, // the original password is the proof
    status: 204,
    params,
    body: ChangePassword,
    handle: async ({ users }, { params, body: { user } }) => {
      await users.changePassword(params.user_id, user.original_password, user.password);
      return undefined;
    },
  }),
  route({
    id: 'users.groups',
    summary: "List a user's groups",
    method: 'GET',
    path: '/users/:user_id/groups',
    policy: 'identity:list_groups_for_user',
    status: 200,
    params,
    response: GroupsAnswer,
    handle: async ({ users, groups, authorize }, call) => {
      const { user_id: userId } = call.params;
      authorize('identity:list_groups_for_user', call.ctx, { user_id: userId });
      await users.get(userId);
      const found = await groups.list({ userId });
      return collection(
        call,
        'groups',
        found.map((group) => groupView(group, call.host)),
      );
    },
  }),
  route({
    id: 'users.projects',
    summary: 'List the projects that a user has a role on',
    method: 'GET',
    path: '/users/:user_id/projects',
    policy: 'identity:list_user_projects',
    status: 200,
    params,
    response: ProjectsAnswer,
    handle: async ({ users, assignments, authorize }, call) => {
      const { user_id: userId } = call.params;
      authorize('identity:list_user_projects', call.ctx, { user_id: userId });
      await users.get(userId);
      const found = await assignments.projectsOfUser(userId);
      return collection(
        call,
        'projects',
        found.map((project) => projectView(project, call.host)),
      );
    },
  }),
];
