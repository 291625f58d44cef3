import { Type, type Static } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { AuthRequest, Proof, UserReference, WantedScope } from '../auth/model.ts';
import { legacyEndpoints } from '../catalog/view.ts';
import { authenticationRequired } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { ValidToken } from '../tokens/provider.ts';
import { v2TokenText } from '../tokens/view.ts';
import { AccessAnswer, Authenticate } from './schema.ts';

const route = routesFor<Identity>();
const params = Type.Object({ token_id: Type.String() });
const EndpointsOfToken = Type.Object({
  endpoints: Type.Array(Type.Unknown()),
  endpoints_links: Type.Array(Type.Unknown()),
});

const expecting = (what: string) =>
  badRequest(
    `Expecting to find ${what}. The server could not comply with the request since it is either malformed or ` +
      'otherwise incorrect. The client is assumed to be in error.',
  );

/** @throws ApiError 400 */
function readAuthRequest({ auth }: Static<typeof Authenticate>, domainId: string): AuthRequest {
  return { proofs: [proofOf(auth, domainId)], scope: scopeOf(auth, domainId), api: 'v2.0' };
}

function proofOf({ passwordCredentials, token }: Static<typeof Authenticate>['auth'], domainId: string): Proof {
  if (token) return { method: 'token', token: token.id };
  if (!passwordCredentials) throw expecting('passwordCredentials or token in auth');
  const { username, userId, password } = passwordCredentials;
  if (password == null) throw expecting('password in passwordCredentials');
  if (username == null && userId == null) throw expecting('username or userId in passwordCredentials');
  if (username != null && userId != null) throw badRequest('Specify a username or a userId, not both.');
  const user: UserReference = userId == null ? { name: username ?? '', domain: { id: domainId } } : { id: userId };
  return { method: 'password', user, password };
}

function scopeOf(
  { tenantId, tenantName, trust_id: trustId }: Static<typeof Authenticate>['auth'],
  domainId: string,
): WantedScope {
  if (trustId) return { kind: 'trust', id: trustId };
  // Clients send an empty name where they mean none.
  const [id, name] = [tenantId || null, tenantName || null];
  if (id !== null && name !== null) throw badRequest('Specify a tenantName or a tenantId, not both.');
  if (id !== null) return { kind: 'project', project: { id } };
  if (name !== null) return { kind: 'project', project: { name, domain: { id: domainId } } };
  return { kind: 'unscoped' };
}

/** v2.0 knows no domains: what is not of the default one does not exist for it. */
function speaksV2({ subject }: ValidToken, domainId: string): boolean {
  const { user, scope, target } = subject;
  if (user.domain.id !== domainId || scope.kind === 'domain' || scope.kind === 'system') return false;
  return target === null || target.domain.id === domainId;
}

/** @throws ApiError 401 for another tenant's than `belongsTo`, 403, 404 */
async function namedToken(
  { tokens, authorize, config }: Identity,
  {
    ctx,
    params,
    query,
  }: Pick<Call<{ token_id: string }, Record<string, unknown>, unknown>, 'ctx' | 'params' | 'query'>,
): Promise<ValidToken> {
  const valid = await tokens.validate(params.token_id);
  authorize('identity:validate_token', ctx, { user_id: valid?.subject.user.id ?? '' });
  if (!valid || !speaksV2(valid, config.identity.default_domain_id)) throw notFound(tokens.unknown(params.token_id));
  const belongsTo = query['belongsTo'];
  if (belongsTo !== undefined && belongsTo !== valid.subject.target?.id) throw authenticationRequired();
  return valid;
}

const anyQuery = Type.Object({}, { additionalProperties: true });

/** On both ports. */
export const publicTokenRoutes = [
  route({
    id: 'v2.tokens.create',
    summary: 'Sign in',
    method: 'POST',
    path: '/tokens',
    policy: null,
    status: 200,
    body: Authenticate,
    response: AccessAnswer,
    handle: async ({ auth, config }, { body }) => {
      const domainId = config.identity.default_domain_id;
      const valid = await auth.authenticate(readAuthRequest(body, domainId));
      if (!speaksV2(valid, domainId)) throw authenticationRequired();
      return v2TokenText(valid);
    },
  }),
];

/** On the admin port. */
export const adminTokenRoutes = [
  route({
    id: 'v2.tokens.show',
    summary: 'Validate a token',
    method: 'GET',
    path: '/tokens/:token_id',
    policy: 'identity:validate_token',
    status: 200,
    params,
    query: anyQuery,
    response: AccessAnswer,
    handle: async (identity, call) => v2TokenText(await namedToken(identity, call)),
  }),
  route({
    id: 'v2.tokens.check',
    summary: 'Whether a token is valid',
    method: 'HEAD',
    path: '/tokens/:token_id',
    policy: 'identity:check_token',
    status: 200,
    params,
    query: anyQuery,
    handle: async (identity, call) => {
      await namedToken(identity, call);
      return undefined;
    },
  }),
  route({
    id: 'v2.tokens.revoke',
    summary: 'End a token',
    method: 'DELETE',
    path: '/tokens/:token_id',
    policy: 'identity:revoke_token',
    status: 204,
    params,
    query: anyQuery,
    handle: async (identity, call) => {
      const { payload, subject } = await namedToken(identity, call);
      identity.authorize('identity:revoke_token', call.ctx, { user_id: subject.user.id });
      await identity.tokens.revoke(payload);
      return undefined;
    },
  }),
  route({
    id: 'v2.tokens.endpoints',
    summary: 'List the endpoints in a token',
    method: 'GET',
    path: '/tokens/:token_id/endpoints',
    policy: 'identity:validate_token',
    status: 200,
    params,
    query: anyQuery,
    response: EndpointsOfToken,
    handle: async (identity, call) => {
      const { subject } = await namedToken(identity, call);
      const endpoints = subject.catalog.flatMap(({ service, endpoints }) =>
        legacyEndpoints(endpoints).map(({ id, region, urls }) => ({
          id,
          name: service.name ?? '',
          type: service.type,
          region,
          publicURL: urls.public ?? null,
          internalURL: urls.internal ?? null,
          adminURL: urls.admin ?? null,
        })),
      );
      return { endpoints, endpoints_links: [] };
    },
  }),
];
