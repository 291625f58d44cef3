import { Type } from '@sinclair/typebox';
import { ApiError } from '#common/api/errors.ts';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { refuseDelegated } from '../credentials/routes.ts';
import { v2Ec2View } from '../credentials/view.ts';
import { Ec2Answer, Ec2sAnswer } from '../credentials/schema.ts';
import { couldNotFind } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { UserPatch } from '../users/model.ts';
import { v2UserView } from '../users/view.ts';
import { joinTenant, moveTenant } from './default-tenant.ts';
import { CreateEc2, CreateUser, OwnPassword, UpdateUser, UserAnswer, UsersAnswer } from './schema.ts';

const route = routesFor<Identity>();
const params = Type.Object({ user_id: Type.String() });
const ec2Params = Type.Object({ user_id: Type.String(), access: Type.String() });
const known = ['name', 'username', 'enabled', 'password', 'tenantId', 'tenant_id'];
const Page = Type.Object({ name: Type.Optional(Type.String()) }, { additionalProperties: true });

/** `/users/:id` and its parts differ only in what they change. */
const update = (id: string, method: 'PUT' | 'POST', path: string): AnyRoute<Identity> =>
  route({
    id,
    summary: 'Change a user',
    method,
    path,
    policy: 'identity:update_user',
    status: 200,
    params,
    body: UpdateUser,
    response: UserAnswer,
    handle: async (identity, { params, body: { user: wanted } }) => {
      const tenantId = wanted.tenantId === undefined ? wanted.tenant_id : wanted.tenantId;
      const patch: UserPatch = {
        ...(wanted.name !== undefined && { name: wanted.name }),
        ...(wanted.enabled !== undefined && { enabled: wanted.enabled }),
        ...(wanted.password !== undefined && { password: wanted.password }),
        ...(tenantId !== undefined && { defaultProjectId: tenantId }),
        extra: extraOf(wanted, known),
      };
      const old = await identity.users.get(params.user_id);
      const user = await identity.users.update(params.user_id, patch);
      if (tenantId !== undefined) await moveTenant(identity, user.id, old.defaultProjectId, tenantId);
      return { user: v2UserView(user) };
    },
  });

export const adminUserRoutes = [
  route({
    id: 'v2.users.list',
    summary: 'List users, or (with name) show the one of that name',
    method: 'GET',
    path: '/users',
    policy: 'identity:list_users',
    status: 200,
    query: Page,
    response: Type.Union([UsersAnswer, UserAnswer]),
    handle: async ({ users, config }, { query }) => {
      const domainId = config.identity.default_domain_id;
      if (query.name === undefined) return { users: (await users.list({ domainId })).map(v2UserView) };
      const user = await users.findByName(query.name, domainId);
      if (!user) throw couldNotFind('user', query.name);
      return { user: v2UserView(user) };
    },
  }),
  route({
    id: 'v2.users.create',
    summary: 'Create a user',
    method: 'POST',
    path: '/users',
    policy: 'identity:create_user',
    status: 200,
    body: CreateUser,
    response: UserAnswer,
    handle: async (identity, { body: { user: wanted } }) => {
      const { name, password, enabled } = wanted;
      const tenantId = (wanted.tenantId ?? wanted.tenant_id) || null;
      if (tenantId !== null) await identity.projects.get(tenantId);
      const extra = { email: null, ...extraOf(wanted, known) };
      const user = await identity.users.create({ name, password, enabled, defaultProjectId: tenantId, extra });
      if (tenantId !== null) await joinTenant(identity, user.id, tenantId);
      return { user: v2UserView(user) };
    },
  }),
  route({
    id: 'v2.users.show',
    summary: 'Show a user',
    method: 'GET',
    path: '/users/:user_id',
    policy: 'identity:get_user',
    status: 200,
    params,
    response: UserAnswer,
    handle: async ({ users, authorize }, { ctx, params }) => {
      authorize('identity:get_user', ctx, { user_id: params.user_id });
      return { user: v2UserView(await users.get(params.user_id)) };
    },
  }),
  update('v2.users.update', 'PUT', '/users/:user_id'),
  update('v2.users.post', 'POST', '/users/:user_id'),
  ...(['enabled', 'password', 'tenant'] as const).flatMap((part) => [
    update(`v2.users.${part}`, 'PUT', `/users/:user_id/OS-KSADM/${part}`),
    update(`v2.users.${part}.older`, 'PUT', `/users/:user_id/${part}`),
  ]),
  route({
    id: 'v2.users.delete',
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
  // Roles without a tenant were given up before Icehouse; what is left of them says so.
  ...(
    [
      ['GET', 'list', ''],
      ['PUT', 'add', '/OS-KSADM/:role_id'],
      ['DELETE', 'remove', '/OS-KSADM/:role_id'],
    ] as const
  ).map(([method, verb, rest]) =>
    route({
      id: `v2.users.roles.${verb}`,
      summary: 'Roles without a tenant: not supported',
      method,
      path: `/users/:user_id/roles${rest}`,
      policy: 'identity:list_grants',
      status: 200,
      params: rest === '' ? params : Type.Object({ user_id: Type.String(), role_id: Type.String() }),
      handle: () => {
        throw new ApiError(501, 'User roles not supported: tenant ID required');
      },
    }),
  ),
];

/** OS-EC2: key pairs, on both ports. */
export const ec2CredentialRoutes = [
  route({
    id: 'v2.ec2.list',
    summary: "List a user's EC2 key pairs",
    method: 'GET',
    path: '/users/:user_id/credentials/OS-EC2',
    policy: 'identity:ec2_list_credentials',
    status: 200,
    params,
    response: Ec2sAnswer,
    handle: async ({ credentials, authorize }, { ctx, params }) => {
      authorize('identity:ec2_list_credentials', ctx, { user_id: params.user_id });
      return { credentials: (await credentials.listEc2(params.user_id)).map(v2Ec2View) };
    },
  }),
  route({
    id: 'v2.ec2.create',
    summary: 'Make an EC2 key pair',
    method: 'POST',
    path: '/users/:user_id/credentials/OS-EC2',
    policy: 'identity:ec2_create_credential',
    status: 200,
    params,
    body: CreateEc2,
    response: Ec2Answer,
    handle: async ({ credentials, authorize, callerToken }, { ctx, params, body }) => {
      refuseDelegated(await callerToken(ctx));
      authorize('identity:ec2_create_credential', ctx, { user_id: params.user_id });
      return { credential: v2Ec2View(await credentials.createEc2(params.user_id, body.tenant_id)) };
    },
  }),
  route({
    id: 'v2.ec2.show',
    summary: 'Show an EC2 key pair',
    method: 'GET',
    path: '/users/:user_id/credentials/OS-EC2/:access',
    policy: 'identity:ec2_get_credential',
    status: 200,
    params: ec2Params,
    response: Ec2Answer,
    handle: async ({ credentials, authorize }, { ctx, params }) => {
      authorize('identity:ec2_get_credential', ctx, { user_id: params.user_id });
      return { credential: v2Ec2View(await credentials.getEc2(params.user_id, params.access)) };
    },
  }),
  route({
    id: 'v2.ec2.delete',
    summary: 'Delete an EC2 key pair',
    method: 'DELETE',
    path: '/users/:user_id/credentials/OS-EC2/:access',
    policy: 'identity:ec2_delete_credential',
    status: 204,
    params: ec2Params,
    handle: async ({ credentials, authorize }, { ctx, params }) => {
      authorize('identity:ec2_delete_credential', ctx, { user_id: params.user_id });
      await credentials.deleteEc2(params.user_id, params.access);
      return undefined;
    },
  }),
];

/** OS-KSCRUD, on the public port: a new password, answered with a new token since the old one has ended. */
export const publicUserRoutes = [
  route({
    id: 'v2.users.ownPassword',
    summary: "Change one's own password",
    method: 'PATCH',
    path: '/OS-KSCRUD/users/:user_id',
    policy: 'identity:change_password',
    status: 200,
    params,
    body: OwnPassword,
    response: Type.Object({ access: Type.Object({ token: Type.Object({ id: Type.String() }) }) }),
    handle: async ({ users, auth, authorize }, { ctx, params, body: { user } }) => {
      authorize('identity:change_password', ctx, { user_id: params.user_id });
      await users.changePassword(params.user_id, user.original_password, user.password);
      const scope = ctx.projectId === null ? ({ kind: 'unscoped' } as const) : projectScope(ctx.projectId);
      const proof = { method: 'password', user: { id: params.user_id }, password: user.password } as const;
      const { token } = await auth.authenticate({ proofs: [proof], scope });
      return { access: { token: { id: token } } };
    },
  }),
];

const projectScope = (id: string) => ({ kind: 'project', project: { id } }) as const;
