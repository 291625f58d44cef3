import { randomBytes } from 'node:crypto';
import { Type, type Static } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { collection } from '../api/lists.ts';
import { givenTime } from '../api/times.ts';
import { forbiddenAction } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Subject } from '../tokens/subjects.ts';
import type { NewApplicationCredential } from './model.ts';
import {
  AccessRuleAnswer,
  AccessRulesAnswer,
  ApplicationCredentialAnswer,
  ApplicationCredentialQuery,
  ApplicationCredentialsAnswer,
  CreateApplicationCredential,
} from './schema.ts';
import { accessRuleView, applicationCredentialView } from './view.ts';

const route = routesFor<Identity>();
const userParams = Type.Object({ user_id: Type.String() });
const params = Type.Object({ user_id: Type.String(), application_credential_id: Type.String() });
const ruleParams = Type.Object({ user_id: Type.String(), access_rule_id: Type.String() });
type Wanted = Static<typeof CreateApplicationCredential>['application_credential'];

const invalid = (detail: string) => badRequest(`Invalid application credential: ${detail}`);

/** @throws ApiError 403 for a token of an application credential that may not */
function mayManage(subject: Subject): void {
  const { delegated } = subject;
  if (delegated?.kind === 'application_credential' && delegated.restricted)
    throw forbiddenAction(
      "Using method 'application_credential' is not allowed for managing additional application credentials",
    );
}

/** The roles asked for, which must be the token's; all of those when none are. @throws ApiError 400, 404 */
function roleIdsOf({ roles: own }: Subject, wanted: Wanted['roles'] = []): string[] {
  if (wanted.length === 0) return own.map((role) => role.id);
  return wanted.map(({ id, name }) => {
    const found = own.find((role) => (id === undefined ? role.name === name : role.id === id));
    if (!found) throw invalid('Cannot create an application credential with unassigned role');
    return found.id;
  });
}

/** @throws ApiError 400 for a rule that lacks a part */
const rulesOf = (wanted: Wanted['access_rules'] = []): NewApplicationCredential['accessRules'] =>
  wanted.map(({ id, service, path, method }) => {
    if (id !== undefined) return { id };
    if (service === undefined || path === undefined || method === undefined)
      throw invalid('an access rule has a service, a path and a method');
    return { service, path, method };
  });

export const applicationCredentialRoutes = [
  route({
    id: 'applicationCredentials.list',
    summary: "List a user's application credentials",
    method: 'GET',
    path: '/users/:user_id/application_credentials',
    policy: 'identity:list_application_credentials',
    status: 200,
    params: userParams,
    query: ApplicationCredentialQuery,
    response: ApplicationCredentialsAnswer,
    handle: async ({ applicationCredentials, authorize }, call) => {
      const { user_id: userId } = call.params;
      authorize('identity:list_application_credentials', call.ctx, { user_id: userId });
      const found = await applicationCredentials.list(userId, call.query.name);
      const views = found.map(async (one) =>
        applicationCredentialView(one, await applicationCredentials.rolesOf(one.roleIds), call.host),
      );
      return collection(call, 'application_credentials', await Promise.all(views));
    },
  }),
  route({
    id: 'applicationCredentials.create',
    summary: 'Make an application credential',
    method: 'POST',
    path: '/users/:user_id/application_credentials',
    policy: 'identity:create_application_credential',
    status: 201,
    params: userParams,
    body: CreateApplicationCredential,
    response: ApplicationCredentialAnswer,
    handle: async ({ applicationCredentials, authorize, callerToken, clock }, { ctx, params, body, host }) => {
      authorize('identity:create_application_credential', ctx, { user_id: params.user_id });
      const wanted = body.application_credential;
      const caller = await callerToken(ctx);
      if (!caller || caller.subject.user.id !== params.user_id)
        throw forbiddenAction('identity:create_application_credential');
      const { subject } = caller;
      mayManage(subject);
      if (subject.scope.kind !== 'project') throw invalid('the token must be for a project');
      const secret = wanted.secret ?? randomBytes(64).toString('base64url');
      const made = await applicationCredentials.create({
        name: wanted.name,
        userId: params.user_id,
        projectId: subject.scope.id,
        secret,
        description: wanted.description ?? null,
        expiresAt: wanted.expires_at == null ? null : givenTime(wanted.expires_at, clock.now()),
        unrestricted: wanted.unrestricted ?? false,
        roleIds: roleIdsOf(subject, wanted.roles),
        accessRules: rulesOf(wanted.access_rules),
      });
      const view = applicationCredentialView(made, await applicationCredentials.rolesOf(made.roleIds), host);
      return { application_credential: { ...view, secret } };
    },
  }),
  route({
    id: 'applicationCredentials.show',
    summary: 'Show an application credential',
    method: 'GET',
    path: '/users/:user_id/application_credentials/:application_credential_id',
    policy: 'identity:get_application_credential',
    status: 200,
    params,
    response: ApplicationCredentialAnswer,
    handle: async ({ applicationCredentials, authorize }, { ctx, params, host }) => {
      authorize('identity:get_application_credential', ctx, { user_id: params.user_id });
      const found = await applicationCredentials.get(params.user_id, params.application_credential_id);
      const roles = await applicationCredentials.rolesOf(found.roleIds);
      return { application_credential: applicationCredentialView(found, roles, host) };
    },
  }),
  route({
    id: 'applicationCredentials.delete',
    summary: 'Remove an application credential',
    method: 'DELETE',
    path: '/users/:user_id/application_credentials/:application_credential_id',
    policy: 'identity:delete_application_credential',
    status: 204,
    params,
    handle: async ({ applicationCredentials, authorize, callerToken }, { ctx, params }) => {
      authorize('identity:delete_application_credential', ctx, { user_id: params.user_id });
      const caller = await callerToken(ctx);
      if (caller) mayManage(caller.subject);
      await applicationCredentials.delete(params.user_id, params.application_credential_id);
      return undefined;
    },
  }),
  route({
    id: 'accessRules.list',
    summary: "List a user's access rules",
    method: 'GET',
    path: '/users/:user_id/access_rules',
    policy: 'identity:list_access_rules',
    status: 200,
    params: userParams,
    response: AccessRulesAnswer,
    handle: async ({ applicationCredentials, authorize }, call) => {
      const { user_id: userId } = call.params;
      authorize('identity:list_access_rules', call.ctx, { user_id: userId });
      const query = call.query as Readonly<Record<string, unknown>>;
      const rules = (await applicationCredentials.listRules(userId)).filter((rule) =>
        (['service', 'path', 'method'] as const).every((name) =>
          [undefined, rule[name]].includes(query[name] as string),
        ),
      );
      return collection(
        call,
        'access_rules',
        rules.map((rule) => accessRuleView(rule, userId, call.host)),
      );
    },
  }),
  route({
    id: 'accessRules.show',
    summary: 'Show an access rule',
    method: 'GET',
    path: '/users/:user_id/access_rules/:access_rule_id',
    policy: 'identity:get_access_rule',
    status: 200,
    params: ruleParams,
    response: AccessRuleAnswer,
    handle: async ({ applicationCredentials, authorize }, { ctx, params, host }) => {
      authorize('identity:get_access_rule', ctx, { user_id: params.user_id });
      const rule = await applicationCredentials.getRule(params.user_id, params.access_rule_id);
      return { access_rule: accessRuleView(rule, params.user_id, host) };
    },
  }),
  route({
    id: 'accessRules.delete',
    summary: 'Remove an access rule',
    method: 'DELETE',
    path: '/users/:user_id/access_rules/:access_rule_id',
    policy: 'identity:delete_access_rule',
    status: 204,
    params: ruleParams,
    handle: async ({ applicationCredentials, authorize }, { ctx, params }) => {
      authorize('identity:delete_access_rule', ctx, { user_id: params.user_id });
      await applicationCredentials.deleteRule(params.user_id, params.access_rule_id);
      return undefined;
    },
  }),
];
