import { DashboardFailure, badRequest } from '../failure.ts';
import type { ServiceKey } from '../session-document.ts';

/** What follows `/proxy/SERVICE`, as it was sent: names may hold encoded slashes. */
export interface ProxiedPath {
  /** Empty, or with a slash at its start. */
  readonly path: string;
  /** Empty, or with its question mark. */
  readonly query: string;
}

/**
 * Cuts the path for a service out of a request's URL. It can only lead to what is below the service's endpoint.
 * @throws DashboardFailure 400 for a path that tries to climb, however it is written
 */
export function proxiedPath(url: string): ProxiedPath {
  const match = /^\/dashboard\/api\/proxy\/[a-z]+(\/[^?#]*)?(\?[^#]*)?$/.exec(url);
  if (!match) throw badRequest('The path is not one of a service.');
  const [, path = '', query = ''] = match;
  for (const reading of readings(path))
    if (/\p{Cc}/u.test(reading) || reading.split(/[/\\]/).some((part) => /^\.\.?$/.test(part)))
      throw badRequest('The path must not hold ".", ".." or control characters.');
  return { path, query };
}

/** The path as each decoding more would have it: what we let through, nobody behind us may read as something else. */
function readings(path: string): readonly string[] {
  const found = [path];
  for (let round = 0; ; round++) {
    const last = found.at(-1) as string;
    let next: string;
    try {
      next = decodeURIComponent(last);
    } catch {
      // A name may hold a percent sign, which is no encoding then.
      if (round > 0) return found;
      throw badRequest('The path is not encoded rightly.');
    }
    if (next === last) return found;
    if (round === 3) throw badRequest('The path is encoded too often.');
    found.push(next);
  }
}

/** What of `/auth` tells about the caller without giving a token or an assertion out. */
const harmlessAuth: readonly string[] = ['projects', 'domains', 'system', 'catalog'];

/**
 * Tokens are ours to get, look at and revoke.
 * @throws DashboardFailure 403
 */
export function checkServicePath(service: ServiceKey, { path }: ProxiedPath): void {
  if (service !== 'identity') return;
  for (const reading of readings(path)) {
    const [first, second, ...more] = reading.toLowerCase().split('/').filter(Boolean);
    const auth = first === 'auth' && !(harmlessAuth.includes(second ?? '') && more.length === 0);
    if (auth || first === 'ec2tokens' || first === 's3tokens')
      throw new DashboardFailure(403, 'bad-request', 'Tokens cannot be asked for through the dashboard.');
  }
}
