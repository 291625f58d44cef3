import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a Host header names us, by ALLOWED_HOSTS as Django reads it: `*` any, `.example.org` that domain and its
 * subdomains. A page elsewhere whose name is made to lead here (DNS rebinding) names its own host.
 */
export function hostAllowed(header: string | undefined, allowed: readonly string[]): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.exec(header ?? '');
  if (!match) return false;
  const host = (match[1] as string).toLowerCase().replace(/\.$/, '');
  return allowed.some((one) => {
    const pattern = one.toLowerCase();
    if (pattern === '*' || pattern === host) return true;
    return pattern.startsWith('.') && (host.endsWith(pattern) || host === pattern.slice(1));
  });
}

/** Whether the Origin header is our own: the scheme may be changed on the way (TLS ends before us), the host may not. */
export function isOwnOrigin(headers: IncomingHttpHeaders, secure: boolean): boolean {
  const { origin, host } = headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  return /^https?:$/.test(from.protocol) && from.host === normal(host, from) && (!secure || from.protocol === 'https:');
}

/** `Host: example.org:443` and `https://example.org` are the same. */
function normal(host: string, { protocol }: URL): string {
  const text = `${protocol}//${host}`;
  return URL.canParse(text) ? new URL(text).host : '';
}

/** Whether another site's page asks, as browsers tell it. `none` is the user's own hand: an address typed. */
export const isForeign = (headers: IncomingHttpHeaders): boolean =>
  !['same-origin', 'none', undefined].includes(headers['sec-fetch-site']);

/** Whether a request that changes something comes from a page of ours; browsers always say so by one of these. */
export function comesFromOurPage(headers: IncomingHttpHeaders, secure: boolean): boolean {
  if (headers.origin !== undefined && !isOwnOrigin(headers, secure)) return false;
  const site = headers['sec-fetch-site'];
  return site === undefined ? headers.origin !== undefined : site === 'same-origin';
}
