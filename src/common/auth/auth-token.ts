import type { Authenticate } from '../api/app.ts';
import { unauthorized, unavailable } from '../api/errors.ts';
import type { HttpTransport } from '../api/transport.ts';
import type { Clock } from '../clock.ts';
import type { RequestContext } from './context.ts';
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
type Identity = Omit<RequestContext, 'requestId'>;

/** Turns a token into a request context, asking Keystone once per token and cache time. */
export function createAuthToken(options: AuthTokenOptions): Authenticate {
  const { clock, cacheSeconds, cacheSize = 10_000 } = options;
  const cache = new Map<string, { readonly identity: Identity; readonly until: number }>();
  const asking = new Map<string, Promise<Identity>>();
  const refuse = (): never => {
    throw unauthorized('The request you have made requires authentication.', {
      headers: { 'www-authenticate': `Keystone uri="${options.authUri}"` },
    });
  };

  const ask = async (token: string): Promise<Identity> => {
    const answer = await options.session
      .request({
        method: 'GET',
        url: `${identityRoot(options.identityUrl)}/v3/auth/tokens?nocatalog`,
        headers: { 'x-subject-token': token },
      })
      .catch((cause: unknown) => {
        throw unavailable('The Keystone service is temporarily unavailable.', { cause });
      });
    if (answer.status === 404 || answer.status === 401) return refuse();
    if (answer.status !== 200) throw unavailable('The Keystone service is temporarily unavailable.');
    const { token: body } = await answer.json<TokenBody>();
    const identity = identityOf(body, token);
    const now = clock.now().getTime();
    const until = Math.min(Date.parse(body.expires_at), now + cacheSeconds * 1000);
    if (cache.size >= cacheSize) cache.delete(cache.keys().next().value as string);
    cache.set(token, { identity, until });
    return identity;
  };

  return async (token, requestId) => {
    if (!token) return refuse();
    const known = cache.get(token);
    if (known && known.until > clock.now().getTime()) return { ...known.identity, requestId };
    cache.delete(token);
    // Many requests may bring the same new token at once: Keystone is asked once.
    const pending = asking.get(token) ?? ask(token).finally(() => asking.delete(token));
    asking.set(token, pending);
    return { ...(await pending), requestId };
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
