import type { HttpRequest, HttpResponse, HttpTransport } from '#common/api/transport.ts';
import { currentRequestId } from '#common/telemetry/log.ts';
import { DashboardFailure, badRequest, serviceUnavailable } from '../failure.ts';
import type { CatalogEntry, ProjectChoice, SignedIn } from '../session-document.ts';

/** A token and what Keystone says of it. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: string;
  readonly user: SignedIn['user'];
  /** Null: it is for no project. */
  readonly project: SignedIn['project'] | null;
  readonly roles: readonly string[];
  readonly catalog: readonly CatalogEntry[];
}

/** The part of Keystone's v3 API that signing in is made of. All throw DashboardFailure 503 when it does not answer. */
export interface Keystone {
  /** A token for no project. @throws DashboardFailure 401 `credentials` */
  byPassword(user: { readonly name: string; readonly domain: string }, password: string): Promise<IssuedToken>;
  /**
   * A token by a token.
   * @param projectId null: for the user's default project, if there is one
   * @returns null when it is refused: the token has ended, or the user has no role there
   */
  byToken(token: string, projectId: string | null): Promise<IssuedToken | null>;
  /** The enabled projects of the token's user, by name; null when the token has ended. */
  projects(token: string): Promise<readonly ProjectChoice[] | null>;
  isValid(token: string): Promise<boolean>;
  /** Ends a token; one that has ended is no error. */
  revoke(token: string): Promise<void>;
  /** In words for the health check; null when it answers. */
  trouble(): Promise<string | null>;
}

interface TokenBody {
  readonly token: {
    readonly expires_at: string;
    readonly user: SignedIn['user'];
    readonly project?: SignedIn['project'];
    readonly roles?: readonly { readonly name: string }[];
    readonly catalog?: readonly {
      readonly type: string;
      readonly name?: string;
      readonly endpoints?: readonly {
        readonly interface: string;
        readonly region?: string | null;
        readonly region_id?: string | null;
        readonly url: string;
      }[];
    }[];
  };
}
interface ProjectsBody {
  readonly projects: readonly {
    readonly id: string;
    readonly name: string;
    readonly domain_id?: string | null;
    readonly enabled?: boolean;
  }[];
}

/** @param url of its v3 API: `http://controller:5000/v3` */
export function createKeystone(url: string, transport: HttpTransport): Keystone {
  const ask = async (request: Omit<HttpRequest, 'url'>, path: string): Promise<HttpResponse> => {
    const requestId = currentRequestId();
    const headers = { ...request.headers, ...(requestId !== undefined && { 'x-openstack-request-id': requestId }) };
    try {
      const answer = await transport.request({ timeoutMs: 20_000, ...request, url: url + path, headers });
      if (answer.status < 500) return answer;
      await answer.text();
      throw new Error(`it answered ${answer.status}`);
    } catch (cause) {
      throw serviceUnavailable(
        `The Identity service at ${url} does not answer: ${(cause as Error).message || (cause as { code?: string }).code}.`,
        cause,
      );
    }
  };
  const authenticate = async (auth: object): Promise<HttpResponse> =>
    ask(
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ auth }) },
      '/auth/tokens',
    );
  const issued = async (answer: HttpResponse): Promise<IssuedToken> => {
    const { token } = await answer.json<TokenBody>();
    return {
      token: answer.headers['x-subject-token'] as string,
      expiresAt: new Date(token.expires_at).toISOString(),
      user: { id: token.user.id, name: token.user.name, domain: named(token.user.domain) },
      project: token.project ? { ...named(token.project), domain: named(token.project.domain) } : null,
      roles: (token.roles ?? []).map(({ name }) => name),
      catalog: (token.catalog ?? []).map(({ type, name = type, endpoints = [] }) => ({
        type,
        name,
        endpoints: endpoints.map((one) => ({
          interface: one.interface,
          region: one.region_id ?? one.region ?? '',
          url: one.url,
        })),
      })),
    };
  };
  /** A token is asked about by itself: nobody else's right is needed. */
  const about = (method: string, token: string): Promise<HttpResponse> =>
    ask({ method, headers: { 'x-auth-token': token, 'x-subject-token': token } }, '/auth/tokens');

  return {
    async byPassword({ name, domain }, password) {
      const identity = { methods: ['password'], password: { user: { name, domain: { name: domain }, password } } };
      const answer = await authenticate({ identity, scope: { unscoped: {} } });
      if (answer.status === 201) return issued(answer);
      const message = await messageOf(answer);
      // Also a password that has expired: Keystone says so, to who knows it.
      if (answer.status === 401) throw new DashboardFailure(401, 'credentials', message);
      throw badRequest(message);
    },
    async byToken(token, projectId) {
      const identity = { methods: ['token'], token: { id: token } };
      const answer = await authenticate({
        identity,
        ...(projectId !== null && { scope: { project: { id: projectId } } }),
      });
      if (answer.status === 201) return issued(answer);
      await answer.text();
      return null;
    },
    async projects(token) {
      const answer = await ask({ method: 'GET', headers: { 'x-auth-token': token } }, '/auth/projects');
      if (answer.status !== 200) {
        await answer.text();
        return null;
      }
      const { projects } = await answer.json<ProjectsBody>();
      return projects
        .filter(({ enabled }) => enabled !== false)
        .map(({ id, name, domain_id }) => ({ id, name, domainId: domain_id ?? 'default' }))
        .sort((a, b) => a.name.localeCompare(b.name));
    },
    async isValid(token) {
      const answer = await about('HEAD', token);
      await answer.text();
      // Some answer 204. 403: it holds, though its policy does not let it look at itself.
      return answer.status !== 401 && answer.status !== 404;
    },
    async revoke(token) {
      const answer = await about('DELETE', token);
      await answer.text();
    },
    async trouble() {
      try {
        const answer = await ask({ method: 'GET', timeoutMs: 2000 }, '');
        await answer.text();
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    },
  };
}

const named = ({ id, name }: { readonly id: string; readonly name: string }): { id: string; name: string } => ({
  id,
  name,
});

async function messageOf(answer: HttpResponse): Promise<string> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return error.message;
  } catch {
    // no JSON: said below
  }
  return `The Identity service answered ${answer.status}.`;
}
