import { notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { collection } from '../api/lists.ts';
import { catalogView } from '../catalog/view.ts';
import { DomainsAnswer } from '../domains/schema.ts';
import { domainView } from '../domains/view.ts';
import { authenticationRequired } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { signedRequest } from '../oauth1/routes.ts';
import { ProjectsAnswer } from '../projects/schema.ts';
import { projectView } from '../projects/view.ts';
import type { ValidToken } from '../tokens/provider.ts';
import { v3TokenText } from '../tokens/view.ts';
import { readAuthRequest } from './request.ts';
import { Authenticate, CatalogAnswer, SystemAnswer, TokenAnswer, TokenQuery } from './schema.ts';

const route = routesFor<Identity>();

/** The token that a request is about. Others' tokens are for administrators and services. @throws ApiError 403, 404 */
async function subjectToken(
  { tokens, authorize }: Identity,
  { ctx, headers }: Pick<Call<unknown, unknown, unknown>, 'ctx' | 'headers'>,
  rule: string,
): Promise<ValidToken> {
  const subject = headers['x-subject-token'] ?? '';
  const valid = await tokens.validate(subject);
  if (!valid) throw notFound(tokens.unknown(subject));
  authorize(rule, ctx, { user_id: valid.subject.user.id });
  // Who does not say that it heeds access rules does not learn what such a token allows.
  const { delegated } = valid.subject;
  if (delegated?.kind === 'application_credential' && delegated.accessRules.length > 0)
    if (headers['openstack-identity-access-rules'] === undefined) throw notFound(tokens.unknown(subject));
  return valid;
}

/** The caller's own token. @throws ApiError 401 for the admin token, which is nobody's */
async function ownToken({ tokens }: Identity, token: string | null): Promise<ValidToken> {
  const valid = token === null ? null : await tokens.validate(token);
  if (!valid) throw authenticationRequired();
  return valid;
}

export const authRoutes = [
  route({
    id: 'auth.tokens.create',
    summary: 'Sign in',
    method: 'POST',
    path: '/auth/tokens',
    policy: null,
    status: 201,
    query: TokenQuery,
    body: Authenticate,
    response: TokenAnswer,
    handle: async ({ auth }, call) => {
      const valid = await auth.authenticate(readAuthRequest(call.body, signedRequest(call)));
      call.reply.header('x-subject-token', valid.token);
      return v3TokenText(valid, call.query.nocatalog === undefined);
    },
  }),
  route({
    id: 'auth.tokens.show',
    summary: 'Validate a token',
    method: 'GET',
    path: '/auth/tokens',
    policy: 'identity:validate_token',
    status: 200,
    query: TokenQuery,
    response: TokenAnswer,
    handle: async (identity, call) => {
      const valid = await subjectToken(identity, call, 'identity:validate_token');
      call.reply.header('x-subject-token', valid.token);
      return v3TokenText(valid, call.query.nocatalog === undefined);
    },
  }),
  route({
    id: 'auth.tokens.check',
    summary: 'Whether a token is valid',
    method: 'HEAD',
    path: '/auth/tokens',
    policy: 'identity:check_token',
    status: 200,
    handle: async (identity, call) => {
      const valid = await subjectToken(identity, call, 'identity:check_token');
      call.reply.header('x-subject-token', valid.token);
      return undefined;
    },
  }),
  route({
    id: 'auth.tokens.revoke',
    summary: 'End a token',
    method: 'DELETE',
    path: '/auth/tokens',
    policy: 'identity:revoke_token',
    status: 204,
    handle: async (identity, call) => {
      const { payload } = await subjectToken(identity, call, 'identity:revoke_token');
      await identity.tokens.revoke(payload);
      return undefined;
    },
  }),
  route({
    id: 'auth.catalog',
    summary: "Show one's service catalogue",
    method: 'GET',
    path: '/auth/catalog',
    policy: 'identity:get_auth_catalog',
    status: 200,
    response: CatalogAnswer,
    handle: async (identity, { ctx, host, url }) => {
      const { subject } = await ownToken(identity, ctx.token);
      return { catalog: catalogView(subject.catalog), links: { self: host + url } };
    },
  }),
  route({
    id: 'auth.projects',
    summary: 'List the projects that one may have a token for',
    method: 'GET',
    path: '/auth/projects',
    policy: 'identity:get_auth_projects',
    status: 200,
    response: ProjectsAnswer,
    handle: async ({ assignments }, call) => {
      const { userId } = call.ctx;
      const projects = userId === null ? [] : await assignments.projectsOfUser(userId);
      return collection(
        call,
        'projects',
        projects.map((project) => projectView(project, call.host)),
      );
    },
  }),
  route({
    id: 'auth.domains',
    summary: 'List the domains that one may have a token for',
    method: 'GET',
    path: '/auth/domains',
    policy: 'identity:get_auth_domains',
    status: 200,
    response: DomainsAnswer,
    handle: async ({ assignments }, call) => {
      const { userId } = call.ctx;
      const domains = userId === null ? [] : await assignments.domainsOfUser(userId);
      return collection(
        call,
        'domains',
        domains.map((domain) => domainView(domain, call.host)),
      );
    },
  }),
  route({
    id: 'auth.system',
    summary: 'Whether one may have a token for the whole cloud',
    method: 'GET',
    path: '/auth/system',
    policy: 'identity:get_auth_system',
    status: 200,
    response: SystemAnswer,
    handle: async ({ assignments }, { ctx, host, url }) => {
      const may = ctx.userId !== null && (await assignments.hasSystem(ctx.userId));
      return { system: may ? [{ all: true }] : [], links: { self: host + url } };
    },
  }),
];
