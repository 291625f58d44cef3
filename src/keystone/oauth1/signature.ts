import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request signed as OAuth 1.0a (RFC 5849) has it, with HMAC-SHA1. */
export interface SignedRequest {
  readonly method: string;
  /** Absolute, with its query. */
  readonly url: string;
  /** The Authorization header. */
  readonly authorization: string;
}

/** RFC 3986's encoding, which leaves less alone than JavaScript's. */
export const percent = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The `oauth_…` parameters of a header; undefined when it is of another kind. */
export function oauthParameters(authorization: string | undefined): Readonly<Record<string, string>> | undefined {
  const [, list] = /^OAuth\s+(.*)$/is.exec(authorization ?? '') ?? [];
  if (list === undefined) return undefined;
  const pairs = [...list.matchAll(/([\w-]+)="([^"]*)"/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, decodeURIComponent(value as string)]));
}

/** What is signed: method, address, and all parameters in order. */
export function baseString({ method, url, authorization }: SignedRequest): string {
  const { origin, pathname, searchParams } = new URL(url);
  const own = Object.entries(oauthParameters(authorization) ?? {}).filter(
    ([name]) => name !== 'oauth_signature' && name !== 'realm',
  );
  const sorted = [...own, ...searchParams]
    .map(([name, value]) => `${percent(name)}=${percent(value)}`)
    .sort()
    .join('&');
  return [method.toUpperCase(), origin + pathname, sorted].map(percent).join('&');
}

export const signatureOf = (request: SignedRequest, consumerSecret: string, tokenSecret: string): string =>
  createHmac('sha1', `${percent(consumerSecret)}&${percent(tokenSecret)}`)
    .update(baseString(request))
    .digest('base64');

/** Whether the request was signed with these secrets. */
export function isSignedWith(request: SignedRequest, consumerSecret: string, tokenSecret = ''): boolean {
  const { oauth_signature: given = '', oauth_signature_method: method } = oauthParameters(request.authorization) ?? {};
  if (method !== 'HMAC-SHA1') return false;
  const [mine, theirs] = [Buffer.from(signatureOf(request, consumerSecret, tokenSecret)), Buffer.from(given)];
  return mine.length === theirs.length && timingSafeEqual(mine, theirs);
}
