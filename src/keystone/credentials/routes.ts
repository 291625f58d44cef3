import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import { forbiddenAction } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { ValidToken } from '../tokens/provider.ts';
import {
  CreateCredential,
  CreateEc2,
  CredentialAnswer,
  CredentialQuery,
  CredentialsAnswer,
  Ec2Answer,
  Ec2sAnswer,
  known,
  UpdateCredential,
} from './schema.ts';
import { credentialView, ec2View } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ credential_id: Type.String() });
const userParams = Type.Object({ user_id: Type.String() });
const ec2Params = Type.Object({ user_id: Type.String(), access: Type.String() });

/** A secret that outlives what the caller acts by must not be made with it. @throws ApiError 403 */
export function refuseDelegated(caller: ValidToken | null): void {
  if (caller?.subject.delegated)
    throw forbiddenAction('Credentials cannot be made with a token that was issued via delegation');
}

export const credentialRoutes = [
  route({
    id: 'credentials.list',
    summary: 'List credentials',
    method: 'GET',
    path: '/credentials',
    policy: 'identity:list_credentials',
    status: 200,
    query: CredentialQuery,
    response: CredentialsAnswer,
    handle: async ({ credentials, mayAct }, call) => {
      const { user_id: userId, type } = call.query;
      const all = await credentials.list({ userId, type });
      const own = all.filter((one) => mayAct('identity:get_credential', call.ctx, { user_id: one.userId }));
      return collection(
        call,
        'credentials',
        own.map((credential) => credentialView(credential, call.host)),
      );
    },
  }),
  route({
    id: 'credentials.create',
    summary: 'Create a credential',
    method: 'POST',
    path: '/credentials',
    policy: 'identity:create_credential',
    status: 201,
    body: CreateCredential,
    response: CredentialAnswer,
    handle: async ({ credentials, authorize, callerToken }, { ctx, body: { credential: wanted }, host }) => {
      refuseDelegated(await callerToken(ctx));
      const userId = wanted.user_id ?? ctx.userId;
      if (userId === null) throw badRequest('Expecting to find user_id in credential.');
      authorize('identity:create_credential', ctx, { user_id: userId });
      const { project_id: projectId, type, blob } = wanted;
      const extra = extraOf(wanted, known);
      return { credential: credentialView(await credentials.create({ userId, projectId, type, blob, extra }), host) };
    },
  }),
  route({
    id: 'credentials.show',
    summary: 'Show a credential',
    method: 'GET',
    path: '/credentials/:credential_id',
    policy: 'identity:get_credential',
    status: 200,
    params,
    response: CredentialAnswer,
    handle: async ({ credentials, authorize }, { ctx, params, host }) => {
      const credential = await credentials.get(params.credential_id);
      authorize('identity:get_credential', ctx, { user_id: credential.userId });
      return { credential: credentialView(credential, host) };
    },
  }),
  route({
    id: 'credentials.update',
    summary: 'Change a credential',
    method: 'PATCH',
    path: '/credentials/:credential_id',
    policy: 'identity:update_credential',
    status: 200,
    params,
    body: UpdateCredential,
    response: CredentialAnswer,
    handle: async ({ credentials, authorize, callerToken }, { ctx, params, body: { credential: wanted }, host }) => {
      refuseDelegated(await callerToken(ctx));
      const old = await credentials.get(params.credential_id);
      authorize('identity:update_credential', ctx, { user_id: old.userId });
      // Nor may it be given to somebody else.
      if (wanted.user_id !== undefined) authorize('identity:update_credential', ctx, { user_id: wanted.user_id });
      const patch = {
        ...(wanted.user_id !== undefined && { userId: wanted.user_id }),
        ...(wanted.project_id !== undefined && { projectId: wanted.project_id }),
        ...(wanted.type !== undefined && { type: wanted.type }),
        ...(wanted.blob !== undefined && { blob: wanted.blob }),
        extra: extraOf(wanted, known),
      };
      return { credential: credentialView(await credentials.update(params.credential_id, patch), host) };
    },
  }),
  route({
    id: 'credentials.delete',
    summary: 'Delete a credential',
    method: 'DELETE',
    path: '/credentials/:credential_id',
    policy: 'identity:delete_credential',
    status: 204,
    params,
    handle: async ({ credentials, authorize }, { ctx, params }) => {
      const { userId } = await credentials.get(params.credential_id);
      authorize('identity:delete_credential', ctx, { user_id: userId });
      await credentials.delete(params.credential_id);
      return undefined;
    },
  }),
  route({
    id: 'ec2.list',
    summary: "List a user's EC2 key pairs",
    method: 'GET',
    path: '/users/:user_id/credentials/OS-EC2',
    policy: 'identity:ec2_list_credentials',
    status: 200,
    params: userParams,
    response: Ec2sAnswer,
    handle: async ({ credentials, authorize }, call) => {
      const { user_id: userId } = call.params;
      authorize('identity:ec2_list_credentials', call.ctx, { user_id: userId });
      const pairs = await credentials.listEc2(userId);
      return collection(
        call,
        'credentials',
        pairs.map((pair) => ec2View(pair, call.host)),
      );
    },
  }),
  route({
    id: 'ec2.create',
    summary: 'Make an EC2 key pair',
    method: 'POST',
    path: '/users/:user_id/credentials/OS-EC2',
    policy: 'identity:ec2_create_credential',
    status: 201,
    params: userParams,
    body: CreateEc2,
    response: Ec2Answer,
    handle: async ({ credentials, authorize, callerToken }, { ctx, params, body, host }) => {
      refuseDelegated(await callerToken(ctx));
      authorize('identity:ec2_create_credential', ctx, { user_id: params.user_id });
      return { credential: ec2View(await credentials.createEc2(params.user_id, body.tenant_id), host) };
    },
  }),
  route({
    id: 'ec2.show',
    summary: 'Show an EC2 key pair',
    method: 'GET',
    path: '/users/:user_id/credentials/OS-EC2/:access',
    policy: 'identity:ec2_get_credential',
    status: 200,
    params: ec2Params,
    response: Ec2Answer,
    handle: async ({ credentials, authorize }, { ctx, params, host }) => {
      authorize('identity:ec2_get_credential', ctx, { user_id: params.user_id });
      return { credential: ec2View(await credentials.getEc2(params.user_id, params.access), host) };
    },
  }),
  route({
    id: 'ec2.delete',
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
