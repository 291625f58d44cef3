import { ApiError, unavailable } from '#common/api/errors.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '#common/api/transport.ts';
import type { Session } from '#common/auth/session.ts';
import { currentRequestId } from '#common/telemetry/log.ts';

/** As whom a service is called: with a user's token, or as our own account. */
export type Caller = (request: HttpRequest) => Promise<HttpResponse>;

/** Calls with the token that a user brought. */
export const callerWithToken =
  (transport: HttpTransport, token: string): Caller =>
  (request) => {
    const requestId = currentRequestId();
    return transport.request({
      ...request,
      headers: { ...request.headers, 'x-auth-token': token, ...(requestId && { 'x-openstack-request-id': requestId }) },
    });
  };

/** Calls as a service account. */
export const callerOfSession =
  (session: Session): Caller =>
  (request) =>
    session.request(request);

/** A JSON API of another service. */
export interface RestClient {
  /** @throws ApiError with the status and the words of the service; 503 when it does not answer */
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
}

export interface RestOptions {
  /** `Neutron`; for messages. */
  readonly service: string;
  /** Without a slash at its end. A function is asked at every call: for what the service catalogue says. */
  readonly baseUrl: string | (() => Promise<string>);
  readonly call: Caller;
}

export function createRestClient({ service, baseUrl, call }: RestOptions): RestClient {
  return {
    async json<T>(method: string, path: string, body?: unknown) {
      const base = typeof baseUrl === 'string' ? baseUrl : await baseUrl();
      const answer = await call({
        method,
        url: base + path,
        headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }).catch((cause: unknown) => {
        if (cause instanceof ApiError) throw cause;
        throw unavailable(`${service} at ${base} does not answer: ${(cause as Error).message}`, { cause });
      });
      const text = await answer.text();
      if (answer.status >= 400) throw errorOf(service, answer.status, text);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}

/** The service's own words, whatever its fault body looks like. */
function errorOf(service: string, status: number, text: string): ApiError {
  const fallback = `${service} answered with HTTP ${status}.`;
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const inner = Object.values(body).find((value) => typeof value === 'object' && value !== null) as
      { message?: unknown; type?: unknown } | undefined;
    const message = inner?.message ?? body['message'];
    return new ApiError(status, typeof message === 'string' ? message : fallback, {
      ...(typeof inner?.type === 'string' && { type: inner.type }),
    });
  } catch {
    return new ApiError(status, text.length > 0 && text.length < 300 && !text.startsWith('<') ? text.trim() : fallback);
  }
}

/** A query string of what is set; lists repeat their name. */
export function queryString(query: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const item of value === undefined ? [] : [value].flat()) parameters.append(name, item);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Whether trying again may help: the service is away or overloaded, or cannot check our token just now. */
export const isServiceAway = (error: unknown): boolean =>
  error instanceof ApiError && [401, 429, 500, 502, 503, 504].includes(error.status);
