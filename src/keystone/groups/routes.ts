import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection, flagOf } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import { UserQuery, UsersAnswer } from '../users/schema.ts';
import { userView } from '../users/view.ts';
import { CreateGroup, GroupAnswer, GroupQuery, GroupsAnswer, known, UpdateGroup } from './schema.ts';
import { groupView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ group_id: Type.String() });
const memberParams = Type.Object({ group_id: Type.String(), user_id: Type.String() });

export const groupRoutes = [
  route({
    id: 'groups.list',
    summary: 'List groups',
    method: 'GET',
    path: '/groups',
    policy: 'identity:list_groups',
    status: 200,
    query: GroupQuery,
    response: GroupsAnswer,
    handle: async ({ groups }, call) => {
      const found = await groups.list({ name: call.query.name, domainId: call.query.domain_id }, call.query);
      return collection(
        call,
        'groups',
        found.map((group) => groupView(group, call.host)),
      );
    },
  }),
  route({
    id: 'groups.create',
    summary: 'Create a group',
    method: 'POST',
    path: '/groups',
    policy: 'identity:create_group',
    status: 201,
    body: CreateGroup,
    response: GroupAnswer,
    handle: async ({ groups }, { body: { group: wanted }, host }) => {
      const { name, description, domain_id: domainId } = wanted;
      const group = await groups.create({ name, description, domainId, extra: extraOf(wanted, known) });
      return { group: groupView(group, host) };
    },
  }),
  route({
    id: 'groups.show',
    summary: 'Show a group',
    method: 'GET',
    path: '/groups/:group_id',
    policy: 'identity:get_group',
    status: 200,
    params,
    response: GroupAnswer,
    handle: async ({ groups }, { params, host }) => ({ group: groupView(await groups.get(params.group_id), host) }),
  }),
  route({
    id: 'groups.update',
    summary: 'Change a group',
    method: 'PATCH',
    path: '/groups/:group_id',
    policy: 'identity:update_group',
    status: 200,
    params,
    body: UpdateGroup,
    response: GroupAnswer,
    handle: async ({ groups }, { params, body: { group: wanted }, host }) => {
      const patch = {
        ...(wanted.name !== undefined && { name: wanted.name }),
        ...(wanted.description !== undefined && { description: wanted.description }),
        extra: extraOf(wanted, known),
      };
      return { group: groupView(await groups.update(params.group_id, patch), host) };
    },
  }),
  route({
    id: 'groups.delete',
    summary: 'Delete a group',
    method: 'DELETE',
    path: '/groups/:group_id',
    policy: 'identity:delete_group',
    status: 204,
    params,
    handle: async ({ groups }, { params }) => {
      await groups.delete(params.group_id);
      return undefined;
    },
  }),
  route({
    id: 'groups.users.list',
    summary: "List a group's users",
    method: 'GET',
    path: '/groups/:group_id/users',
    policy: 'identity:list_users_in_group',
    status: 200,
    params,
    query: UserQuery,
    response: UsersAnswer,
    handle: async ({ groups, users }, call) => {
      const { group_id: groupId } = call.params;
      await groups.get(groupId);
      const found = await users.list(
        { groupId, name: call.query.name, enabled: flagOf(call.query.enabled) },
        call.query,
      );
      return collection(
        call,
        'users',
        found.map((user) => userView(user, call.host)),
      );
    },
  }),
  route({
    id: 'groups.users.add',
    summary: 'Add a user to a group',
    method: 'PUT',
    path: '/groups/:group_id/users/:user_id',
    policy: 'identity:add_user_to_group',
    status: 204,
    params: memberParams,
    handle: async ({ groups }, { params }) => {
      await groups.addMember(params.group_id, params.user_id);
      return undefined;
    },
  }),
  ...(['HEAD', 'GET'] as const).map((method) =>
    route({
      id: method === 'HEAD' ? 'groups.users.check' : 'groups.users.show',
      summary: 'Whether a user is in a group',
      method,
      path: '/groups/:group_id/users/:user_id',
      policy: 'identity:check_user_in_group',
      status: 204,
      params: memberParams,
      handle: async ({ groups }, { params }) => {
        await groups.checkMember(params.group_id, params.user_id);
        return undefined;
      },
    }),
  ),
  route({
    id: 'groups.users.remove',
    summary: 'Remove a user from a group',
    method: 'DELETE',
    path: '/groups/:group_id/users/:user_id',
    policy: 'identity:remove_user_from_group',
    status: 204,
    params: memberParams,
    handle: async ({ groups }, { params }) => {
      await groups.removeMember(params.group_id, params.user_id);
      return undefined;
    },
  }),
];
