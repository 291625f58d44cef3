import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import { couldNotFind, forbiddenAction } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { RoleAnswer, RolesAnswer } from '../roles/schema.ts';
import { roleView } from '../roles/view.ts';
import {
  AccessTokenAnswer,
  AccessTokensAnswer,
  Authorize,
  ConsumerAnswer,
  ConsumersAnswer,
  CreateConsumer,
  TokenText,
  UpdateConsumer,
  VerifierAnswer,
} from './schema.ts';
import type { SignedRequest } from './signature.ts';
import { accessTokenView, consumerView, tokenForm } from './view.ts';

const route = routesFor<Identity>();
const consumerParams = Type.Object({ consumer_id: Type.String() });
const userParams = Type.Object({ user_id: Type.String() });
const tokenParams = Type.Object({ user_id: Type.String(), access_token_id: Type.String() });
const roleParams = Type.Object({ user_id: Type.String(), access_token_id: Type.String(), role_id: Type.String() });
const form = 'application/x-www-form-urlencoded';

type AnyCall = Pick<Call<unknown, unknown, unknown>, 'headers' | 'host' | 'url'>;
/** The request as its OAuth header signs it. */
export const signedRequest = ({ headers, host, url }: AnyCall): SignedRequest => ({
  method: 'POST',
  url: host + url,
  authorization: headers['authorization'] ?? '',
});

export const oauthRoutes = [
  route({
    id: 'oauth.consumers.list',
    summary: 'List consumers',
    method: 'GET',
    path: '/OS-OAUTH1/consumers',
    policy: 'identity:list_consumers',
    status: 200,
    response: ConsumersAnswer,
    handle: async ({ oauth }, call) =>
      collection(
        call,
        'consumers',
        (await oauth.consumers()).map((consumer) => consumerView(consumer, call.host)),
      ),
  }),
  route({
    id: 'oauth.consumers.create',
    summary: 'Register a consumer',
    method: 'POST',
    path: '/OS-OAUTH1/consumers',
    policy: 'identity:create_consumer',
    status: 201,
    body: CreateConsumer,
    response: ConsumerAnswer,
    handle: async ({ oauth }, { body: { consumer: wanted }, host }) => {
      const made = await oauth.createConsumer(wanted.description ?? null, extraOf(wanted, ['description', 'secret']));
      return { consumer: { ...consumerView(made, host), secret: made.secret } };
    },
  }),
  route({
    id: 'oauth.consumers.show',
    summary: 'Show a consumer',
    method: 'GET',
    path: '/OS-OAUTH1/consumers/:consumer_id',
    policy: 'identity:get_consumer',
    status: 200,
    params: consumerParams,
    response: ConsumerAnswer,
    handle: async ({ oauth }, { params, host }) => ({
      consumer: consumerView(await oauth.consumer(params.consumer_id), host),
    }),
  }),
  route({
    id: 'oauth.consumers.update',
    summary: 'Change a consumer',
    method: 'PATCH',
    path: '/OS-OAUTH1/consumers/:consumer_id',
    policy: 'identity:update_consumer',
    status: 200,
    params: consumerParams,
    body: UpdateConsumer,
    response: ConsumerAnswer,
    handle: async ({ oauth }, { params, body: { consumer: wanted }, host }) => {
      if ('secret' in wanted) throw badRequest('Cannot change consumer secret');
      const extra = extraOf(wanted, ['description']);
      return {
        consumer: consumerView(await oauth.updateConsumer(params.consumer_id, wanted.description, extra), host),
      };
    },
  }),
  route({
    id: 'oauth.consumers.delete',
    summary: 'Remove a consumer with its tokens',
    method: 'DELETE',
    path: '/OS-OAUTH1/consumers/:consumer_id',
    policy: 'identity:delete_consumer',
    status: 204,
    params: consumerParams,
    handle: async ({ oauth }, { params }) => {
      await oauth.deleteConsumer(params.consumer_id);
      return undefined;
    },
  }),
  route({
    id: 'oauth.request',
    summary: 'Ask to act on a project (signed by the consumer)',
    method: 'POST',
    path: '/OS-OAUTH1/request_token',
    policy: null,
    status: 201,
    response: TokenText,
    handle: async ({ oauth }, call) => {
      const projectId = call.headers['requested-project-id'];
      if (!projectId) throw badRequest('The header Requested-Project-Id is missing.');
      const token = await oauth.request(signedRequest(call), projectId);
      call.reply.header('content-type', form);
      return tokenForm(token);
    },
  }),
  route({
    id: 'oauth.authorize',
    summary: 'Let a consumer act for oneself',
    method: 'PUT',
    path: '/OS-OAUTH1/authorize/:request_token_id',
    policy: 'identity:authorize_request_token',
    status: 200,
    params: Type.Object({ request_token_id: Type.String() }),
    body: Authorize,
    response: VerifierAnswer,
    handle: async ({ oauth, callerToken, subjects }, { ctx, params, body }) => {
      const caller = await callerToken(ctx);
      if (!caller || caller.subject.delegated)
        throw forbiddenAction('Cannot authorize a request token with a token issued via delegation');
      const token = await oauth.requestToken(params.request_token_id);
      const { userId } = caller.payload;
      const own = await subjects.of({ userId, scope: { kind: 'project', id: token.projectId } });
      const roleIds = body.roles.map(({ id, name }) => {
        const role = own?.roles.find((one) => (id === undefined ? one.name === name : one.id === id));
        if (!role) throw couldNotFind('role', id ?? name ?? '');
        return role.id;
      });
      return { token: { oauth_verifier: await oauth.authorize(token, userId, roleIds) } };
    },
  }),
  route({
    id: 'oauth.exchange',
    summary: 'Have an access token (signed by the consumer)',
    method: 'POST',
    path: '/OS-OAUTH1/access_token',
    policy: null,
    status: 201,
    response: TokenText,
    handle: async ({ oauth }, call) => {
      const token = await oauth.exchange(signedRequest(call));
      call.reply.header('content-type', form);
      return tokenForm(token);
    },
  }),
  route({
    id: 'oauth.accessTokens.list',
    summary: 'List who may act for a user',
    method: 'GET',
    path: '/users/:user_id/OS-OAUTH1/access_tokens',
    policy: 'identity:list_access_tokens',
    status: 200,
    params: userParams,
    response: AccessTokensAnswer,
    handle: async ({ oauth, authorize }, call) => {
      authorize('identity:list_access_tokens', call.ctx, { user_id: call.params.user_id });
      const tokens = await oauth.accessTokens(call.params.user_id);
      return collection(
        call,
        'access_tokens',
        tokens.map((token) => accessTokenView(token, call.host)),
      );
    },
  }),
  route({
    id: 'oauth.accessTokens.show',
    summary: 'Show an access token',
    method: 'GET',
    path: '/users/:user_id/OS-OAUTH1/access_tokens/:access_token_id',
    policy: 'identity:get_access_token',
    status: 200,
    params: tokenParams,
    response: AccessTokenAnswer,
    handle: async ({ oauth, authorize }, { ctx, params, host }) => {
      authorize('identity:get_access_token', ctx, { user_id: params.user_id });
      return { access_token: accessTokenView(await oauth.accessToken(params.user_id, params.access_token_id), host) };
    },
  }),
  route({
    id: 'oauth.accessTokens.delete',
    summary: 'Let a consumer no longer act',
    method: 'DELETE',
    path: '/users/:user_id/OS-OAUTH1/access_tokens/:access_token_id',
    policy: 'identity:delete_access_token',
    status: 204,
    params: tokenParams,
    handle: async ({ oauth, authorize }, { ctx, params }) => {
      authorize('identity:delete_access_token', ctx, { user_id: params.user_id });
      await oauth.deleteAccessToken(params.user_id, params.access_token_id);
      return undefined;
    },
  }),
  route({
    id: 'oauth.accessTokens.roles',
    summary: 'List the roles that an access token has',
    method: 'GET',
    path: '/users/:user_id/OS-OAUTH1/access_tokens/:access_token_id/roles',
    policy: 'identity:list_access_token_roles',
    status: 200,
    params: tokenParams,
    response: RolesAnswer,
    handle: async ({ oauth, authorize }, call) => {
      const { user_id: userId, access_token_id: id } = call.params;
      authorize('identity:list_access_token_roles', call.ctx, { user_id: userId });
      const roles = await oauth.rolesOf(await oauth.accessToken(userId, id));
      return collection(
        call,
        'roles',
        roles.map((role) => roleView(role, call.host)),
      );
    },
  }),
  route({
    id: 'oauth.accessTokens.role',
    summary: 'Show a role that an access token has',
    method: 'GET',
    path: '/users/:user_id/OS-OAUTH1/access_tokens/:access_token_id/roles/:role_id',
    policy: 'identity:get_access_token_role',
    status: 200,
    params: roleParams,
    response: RoleAnswer,
    handle: async ({ oauth, authorize }, { ctx, params, host }) => {
      authorize('identity:get_access_token_role', ctx, { user_id: params.user_id });
      const roles = await oauth.rolesOf(await oauth.accessToken(params.user_id, params.access_token_id));
      const role = roles.find((one) => one.id === params.role_id);
      if (!role) throw couldNotFind('role', params.role_id);
      return { role: roleView(role, host) };
    },
  }),
];
