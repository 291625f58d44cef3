import type { HttpRequest, HttpResponse, HttpTransport } from '../api/transport.ts';
import { unavailable, unauthorized } from '../api/errors.ts';
import type { Clock } from '../clock.ts';
import { currentRequestId } from '../telemetry/log.ts';

/** An account and where it signs in. */
export interface Credentials {
  /** Identity endpoint, with or without `/v2.0` or `/v3`: `http://controller:35357`. */
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  /** Instead of name and domain. */
  readonly projectId?: string;
  readonly userDomain?: string;
  readonly projectDomain?: string;
}

export interface CatalogEntry {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly { readonly interface: string; readonly region: string; readonly url: string }[];
}

/** Signs in once and again when the token ends; calls services with it. */
export interface Session {
  /** A valid token. @throws ApiError 401 on wrong credentials, 503 when the Identity service does not answer */
  token(): Promise<string>;
  projectId(): Promise<string>;
  /** The public URL of a service type (`network`). @throws ApiError 503 when the catalogue lacks it */
  endpoint(type: string): Promise<string>;
  /** As `transport.request` with the token; signs in again and repeats once on a 401. */
  request(request: HttpRequest): Promise<HttpResponse>;
}

interface SignedIn {
  readonly token: string;
  readonly expires: number;
  readonly projectId: string;
  readonly catalog: readonly CatalogEntry[];
}

/** A session of a service account (or of a test's user). */
export function createSession(
  credentials: Credentials,
  deps: { readonly transport: HttpTransport; readonly clock: Clock },
): Session {
  let current: Promise<SignedIn> | undefined;
  const signedIn = async (): Promise<SignedIn> => {
    const now = await (current ??= signIn(credentials, deps.transport).catch((error: unknown) => {
      current = undefined;
      throw error;
    }));
    // A minute before its end a token may expire on the way.
    if (now.expires - deps.clock.now().getTime() > 60_000) return now;
    current = signIn(credentials, deps.transport);
    current.catch(() => (current = undefined));
    return current;
  };
  return {
    token: async () => (await signedIn()).token,
    projectId: async () => (await signedIn()).projectId,
    async endpoint(type) {
      const entry = (await signedIn()).catalog.find((service) => service.type === type);
      const url = entry?.endpoints.find((endpoint) => endpoint.interface === 'public')?.url;
      if (url === undefined) throw unavailable(`The service catalogue has no public endpoint of type "${type}".`);
      return url;
    },
    async request(request) {
      const send = async (): Promise<HttpResponse> =>
        deps.transport.request({ ...request, headers: withToken(request.headers, (await signedIn()).token) });
      const answer = await send();
      if (answer.status !== 401) return answer;
      current = undefined;
      return send();
    },
  };
}

const withToken = (headers: HttpRequest['headers'], token: string): Record<string, string> => {
  const requestId = currentRequestId();
  return { ...headers, 'x-auth-token': token, ...(requestId && { 'x-openstack-request-id': requestId }) };
};

/** The Identity endpoint without its version. */
export const identityRoot = (authUrl: string): string => authUrl.replace(/\/(v2\.0|v3)?\/*$/, '');

async function signIn(credentials: Credentials, transport: HttpTransport): Promise<SignedIn> {
  const root = identityRoot(credentials.authUrl);
  const domain = (id: string | undefined): { id: string } => ({ id: id ?? 'default' });
  const answer = await transport
    .request({
      method: 'POST',
      url: `${root}/v3/auth/tokens`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: {
              user: {
                name: credentials.username,
                domain: domain(credentials.userDomain),
                password: credentials.password,
              },
            },
          },
          scope: {
            project:
              credentials.projectId === undefined
                ? { name: credentials.projectName, domain: domain(credentials.projectDomain) }
                : { id: credentials.projectId },
          },
        },
      }),
    })
    .catch((cause: unknown) => {
      throw unavailable(`The Identity service at ${root} does not answer.`, { cause });
    });
  if (answer.status !== 201)
    throw unauthorized(
      `The Identity service at ${root} refuses the account "${credentials.username}" in project "${credentials.projectName}" (HTTP ${answer.status}).`,
    );
  const { token } = await answer.json<{
    token: { expires_at: string; project: { id: string }; catalog: CatalogEntry[] };
  }>();
  return {
    token: answer.headers['x-subject-token'] ?? '',
    expires: Date.parse(token.expires_at),
    projectId: token.project.id,
    catalog: token.catalog,
  };
}
