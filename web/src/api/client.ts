import type { ServiceKey } from '../../../src/dashboard/session-document.ts';
import { ApiFault, faultOf } from './fault.ts';
import { csrfToken, otherScope, refreshCsrf, scopeNow, sessionEnded } from './session.ts';

export type { ServiceKey } from '../../../src/dashboard/session-document.ts';

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The microversions that the console speaks; it asks for the same ones everywhere. */
const versions: Readonly<Partial<Record<ServiceKey, Readonly<Record<string, string>>>>> = {
  compute: { 'openstack-api-version': 'compute 2.90', 'x-openstack-nova-api-version': '2.90' },
  volume: { 'openstack-api-version': 'volume 3.60' },
};

/**
 * Asks a service through the dashboard.
 * A session that ended meanwhile is not an error here: the person signs in over the page, and the request goes on. Nor is
 * another tab's change of the project: the person says where to go on.
 * @param path below the service's root: `/servers/detail?limit=1000`
 * @returns the JSON body; undefined when there is none
 * @throws ApiFault
 */
export async function request<T = void>(service: ServiceKey, path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(service, path, options);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The answer itself, for those who need its headers or its bytes. @throws ApiFault */
export async function send(service: ServiceKey, path: string, options: RequestOptions): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const scope = scopeNow();
    const answer = await once(service, path, options);
    if (answer.ok) return answer;
    const fault = await faultOf(answer, service);
    if (fault.code === 'session-ended') await sessionEnded();
    else if (fault.code === 'other-scope') await otherScope(scope, fault);
    else if (fault.code === 'csrf' && attempt === 1) await refreshCsrf();
    else throw fault;
  }
}

/** The address of a service's path in the dashboard's own origin: for links, uploads, event streams. */
export const proxied = (service: ServiceKey, path: string): string => `/dashboard/api/proxy/${service}${path}`;

function once(service: ServiceKey, path: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', body, headers, signal } = options;
  return fetch(proxied(service, path), {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...versions[service],
      'x-dashboard-scope': scopeNow(),
      ...(method !== 'GET' && method !== 'HEAD' && { 'x-csrf-token': csrfToken() }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new ApiFault('The dashboard does not answer.', { status: 0, service, code: 'unreachable' });
  });
}

/**
 * A whole list, page by page, by the marker.
 * @param path without limit and marker
 * @param read the items in a page's body
 */
export async function whole<T extends { readonly id: string }>(
  service: ServiceKey,
  path: string,
  read: (body: never) => readonly T[],
  signal?: AbortSignal,
): Promise<T[]> {
  const items: T[] = [];
  for (;;) {
    const marker = items.at(-1)?.id;
    const query = `limit=${PAGE}${marker === undefined ? '' : `&marker=${marker}`}`;
    const body = await request<never>(service, `${path}${path.includes('?') ? '&' : '?'}${query}`, { signal });
    const page = read(body);
    items.push(...page);
    if (page.length < PAGE) return items;
  }
}
const PAGE = 1000;
