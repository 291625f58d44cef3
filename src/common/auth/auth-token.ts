import type { Authenticate } from '../api/app.ts';
import { unauthorized, unavailable } from '../api/errors.ts';
import type { HttpTransport } from '../api/transport.ts';
import type { Clock } from '../clock.ts';
import { isSignedToken, tokenHash } from './cms/token-text.ts';
import type { RequestContext } from './context.ts';
import { OfflineVerifier } from './offline-verifier.ts';
import { identityRoot, type Session } from './session.ts';

/** What the middleware needs: Keystone's `auth_token` with its `[keystone_authtoken]` options. */
export interface AuthTokenOptions {
  /** Where tokens are validated: the admin Identity endpoint. */
  readonly identityUrl: string;
  /** Where an unauthenticated caller is referred to (`auth_uri`). */
  readonly authUri: string;
  /** The service's own account. */
  readonly session: Session;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** Seconds that a valid token is believed without asking again (`token_cache_time`). */
  readonly cacheSeconds: number;
  /** Tokens remembered at most. */
  readonly cacheSize?: number;
  /** Signed tokens: where certificates are kept (null: in memory), seconds that a list of revoked tokens is believed. */
  readonly signingDir?: string | null;
  readonly listSeconds?: number;
  /** How signed tokens are named in the list, and to Keystone; `md5` unless given. */
  readonly hashAlgorithm?: string;
}

interface TokenBody {
  readonly token: {
    readonly expires_at: string;
    readonly user: { readonly id: string; readonly name: string; readonly domain?: { readonly id: string } };
    readonly project?: { readonly id: string; readonly name: string; readonly domain?: { readonly id: string } };
    readonly roles?: readonly { readonly name: string }[];
    readonly system?: unknown;
  };
}
/** A v2.0 token, as one that was signed may be. */
interface AccessBody {
  readonly access: {
    readonly token: { readonly expires: string; readonly tenant?: { readonly id: string; readonly name: string } };
    readonly user: { readonly id: string; readonly name: string; readonly roles: readonly { readonly name: string }[] };
  };
}
type Identity = Omit<RequestContext, 'requestId'>;

/**
 * Turns a token into a request context: a signed one by its signature and the list of revoked tokens, any other (or when
 * those cannot be had) by asking Keystone, once per token and cache time.
 */
export function createAuthToken(options: AuthTokenOptions): Authenticate {
  const { clock, cacheSeconds, cacheSize = 10_000, hashAlgorithm = 'md5' } = options;
  const offline = new OfflineVerifier({
    ...options,
    hashAlgorithm,
    signingDir: options.signingDir ?? null,
    listSeconds: options.listSeconds ?? 10,
  });
  const cache = new Map<string, { readonly identity: Identity; readonly until: number }>();
  const asking = new Map<string, Promise<Identity>>();
  const refuse = (): never => {
    throw unauthorized('The request you have made requires authentication.', {
      headers: { 'www-authenticate': `Keystone uri="${options.authUri}"` },
    });
  };

  const learn = async (key: string, token: string): Promise<Identity> => {
    if (key === token) return ask(key, token);
    const verdict = await offline.verify(token);
    if (verdict === 'unsure') return ask(key, token);
    const body = verdict && saidBody(verdict.said);
    // Not remembered: verifying again is cheap, and sees at once what the list of revoked tokens has come to say.
    return body && Date.parse(body.expires_at) > clock.now().getTime() ? identityOf(body, token) : refuse();
  };

  const ask = async (key: string, token: string): Promise<Identity> => {
    const answer = await options.session
      .request({
        method: 'GET',
        url: `${identityRoot(options.identityUrl)}/v3/auth/tokens?nocatalog`,
        headers: { 'x-subject-token': key },
      })
      .catch((cause: unknown) => {
        throw unavailable('The Keystone service is temporarily unavailable.', { cause });
      });
    if (answer.status === 404 || answer.status === 401) return refuse();
    if (answer.status !== 200) throw unavailable('The Keystone service is temporarily unavailable.');
    const { token: body } = await answer.json<TokenBody>();
    const identity = identityOf(body, token);
    const now = clock.now().getTime();
    if (cache.size >= cacheSize) cache.delete(cache.keys().next().value as string);
    cache.set(key, { identity, until: Math.min(Date.parse(body.expires_at), now + cacheSeconds * 1000) });
    return identity;
  };

  return async (token, requestId) => {
    if (!token) return refuse();
    // A signed token is long: it is remembered, and named to Keystone, by its hash.
    const key = isSignedToken(token) ? tokenHash(token, hashAlgorithm) : token;
    const known = cache.get(key);
    if (known && known.until > clock.now().getTime()) return { ...known.identity, requestId };
    cache.delete(key);
    // Many requests may bring the same new token at once: Keystone is asked once.
    const pending = asking.get(key) ?? learn(key, token).finally(() => asking.delete(key));
    asking.set(key, pending);
    return { ...(await pending), requestId };
  };
}

/** What a signed token says, in v3's form. */
function saidBody(said: unknown): TokenBody['token'] {
  if ('token' in (said as TokenBody)) return (said as TokenBody).token;
  const { token, user } = (said as AccessBody).access;
  return {
    expires_at: token.expires,
    user: { id: user.id, name: user.name },
    ...(token.tenant && { project: token.tenant }),
    roles: user.roles,
  };
}

function identityOf(body: TokenBody['token'], token: string): Identity {
  const roles = (body.roles ?? []).map((role) => role.name.toLowerCase());
  return {
    userId: body.user.id,
    userName: body.user.name,
    userDomainId: body.user.domain?.id ?? 'default',
    projectId: body.project?.id ?? null,
    projectName: body.project?.name ?? null,
    projectDomainId: body.project ? (body.project.domain?.id ?? 'default') : null,
    roles,
    isAdmin: roles.includes('admin'),
    token,
  };
}
