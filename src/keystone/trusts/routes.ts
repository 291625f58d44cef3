import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import { givenTime } from '../api/times.ts';
import { couldNotFind, forbiddenAction } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { RoleAnswer } from '../roles/schema.ts';
import { roleView } from '../roles/view.ts';
import type { Trust } from './model.ts';
import { CreateTrust, known, TrustAnswer, TrustQuery, TrustRolesAnswer, TrustsAnswer } from './schema.ts';
import { trustSummary, trustView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ trust_id: Type.String() });
const roleParams = Type.Object({ trust_id: Type.String(), role_id: Type.String() });

/** A trust that the caller is a party of, or any for an administrator. @throws ApiError 403, 404 */
async function seenTrust(
  { trusts, authorize }: Identity,
  ctx: RequestContext,
  id: string,
  rule: string,
): Promise<Trust> {
  const trust = await trusts.get(id);
  const party = trust.trusteeId === ctx.userId ? trust.trusteeId : trust.trustorId;
  authorize(rule, ctx, { user_id: party });
  return trust;
}

export const trustRoutes = [
  route({
    id: 'trusts.list',
    summary: 'List trusts: all of them, or those of a trustor or a trustee',
    method: 'GET',
    path: '/OS-TRUST/trusts',
    policy: 'identity:list_trusts_for_user',
    status: 200,
    query: TrustQuery,
    response: TrustsAnswer,
    handle: async ({ trusts, authorize }, call) => {
      const { trustor_user_id: trustorId, trustee_user_id: trusteeId } = call.query;
      const of = trustorId ?? trusteeId;
      if (of === undefined) authorize('identity:list_trusts', call.ctx, {});
      else authorize('identity:list_trusts_for_user', call.ctx, { user_id: of });
      const found = await trusts.list({ trustorId, trusteeId });
      return collection(
        call,
        'trusts',
        found.map((trust) => trustSummary(trust, call.host)),
      );
    },
  }),
  route({
    id: 'trusts.create',
    summary: "Let another user act with some of one's roles",
    method: 'POST',
    path: '/OS-TRUST/trusts',
    policy: 'identity:create_trust',
    status: 201,
    body: CreateTrust,
    response: TrustAnswer,
    handle: async ({ trusts, callerToken, clock }, { ctx, body: { trust: wanted }, host }) => {
      const caller = await callerToken(ctx);
      if (ctx.userId !== wanted.trustor_user_id)
        throw forbiddenAction('The authenticated user should match the trustor');
      const { delegated } = caller?.subject ?? { delegated: null };
      if (delegated?.kind === 'application_credential' && delegated.restricted)
        throw forbiddenAction("Using method 'application_credential' is not allowed for managing trusts.");
      const trust = await trusts.create(
        {
          trustorId: wanted.trustor_user_id,
          trusteeId: wanted.trustee_user_id,
          projectId: wanted.project_id ?? null,
          impersonation: wanted.impersonation,
          expiresAt: wanted.expires_at == null ? null : givenTime(wanted.expires_at, clock.now()),
          remainingUses: wanted.remaining_uses ?? null,
          allowRedelegation: wanted.allow_redelegation ?? false,
          redelegationCount: wanted.redelegation_count ?? null,
          roles: wanted.roles ?? [],
          extra: extraOf(wanted, known),
        },
        delegated?.kind === 'trust' ? await trusts.get(delegated.id) : null,
      );
      return { trust: trustView(trust, await trusts.rolesOf(trust), host) };
    },
  }),
  route({
    id: 'trusts.show',
    summary: 'Show a trust',
    method: 'GET',
    path: '/OS-TRUST/trusts/:trust_id',
    policy: 'identity:get_trust',
    status: 200,
    params,
    response: TrustAnswer,
    handle: async (identity, { ctx, params, host }) => {
      const trust = await seenTrust(identity, ctx, params.trust_id, 'identity:get_trust');
      return { trust: trustView(trust, await identity.trusts.rolesOf(trust), host) };
    },
  }),
  route({
    id: 'trusts.check',
    summary: 'Whether a trust holds',
    method: 'HEAD',
    path: '/OS-TRUST/trusts/:trust_id',
    policy: 'identity:get_trust',
    status: 200,
    params,
    handle: async (identity, { ctx, params }) => {
      await seenTrust(identity, ctx, params.trust_id, 'identity:get_trust');
      return undefined;
    },
  }),
  route({
    id: 'trusts.delete',
    summary: 'End a trust',
    method: 'DELETE',
    path: '/OS-TRUST/trusts/:trust_id',
    policy: 'identity:delete_trust',
    status: 204,
    params,
    handle: async ({ trusts, authorize }, { ctx, params }) => {
      const trust = await trusts.get(params.trust_id);
      authorize('identity:delete_trust', ctx, { user_id: trust.trustorId });
      await trusts.delete(trust.id);
      return undefined;
    },
  }),
  route({
    id: 'trusts.roles.list',
    summary: 'List the roles that a trust passes on',
    method: 'GET',
    path: '/OS-TRUST/trusts/:trust_id/roles',
    policy: 'identity:list_roles_for_trust',
    status: 200,
    params,
    response: TrustRolesAnswer,
    handle: async (identity, call) => {
      const trust = await seenTrust(identity, call.ctx, call.params.trust_id, 'identity:list_roles_for_trust');
      const roles = await identity.trusts.rolesOf(trust);
      return collection(
        call,
        'roles',
        roles.map((role) => roleView(role, call.host)),
      );
    },
  }),
  ...(['GET', 'HEAD'] as const).map((method) =>
    route({
      id: method === 'GET' ? 'trusts.roles.show' : 'trusts.roles.check',
      summary: 'Whether a trust passes on a role',
      method,
      path: '/OS-TRUST/trusts/:trust_id/roles/:role_id',
      policy: 'identity:get_role_for_trust',
      status: 200,
      params: roleParams,
      response: RoleAnswer,
      handle: async (identity, { ctx, params, host }) => {
        const trust = await seenTrust(identity, ctx, params.trust_id, 'identity:get_role_for_trust');
        const role = (await identity.trusts.rolesOf(trust)).find((one) => one.id === params.role_id);
        if (!role) throw couldNotFind('role', params.role_id);
        return method === 'GET' ? { role: roleView(role, host) } : undefined;
      },
    }),
  ),
];
