import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** What passes; nothing else does: no cookies, tokens, hosts or hops, nor what services take from proxies they trust. */
const requestNames: readonly string[] = [
  'accept',
  'accept-language',
  'content-length',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'last-event-id',
  'openstack-api-version',
  'range',
  'x-openstack-nova-api-version',
];
const answerNames: readonly string[] = [
  'accept-ranges',
  'content-language',
  'content-length',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'retry-after',
  'x-compute-request-id',
];
const imageNames = /^x-image-meta-[a-z0-9_-]+$/;
const answerPrefixes = /^(x-image-meta-|x-openstack-|openstack-)[a-z0-9_-]+$/;

/** What a service is sent. Answers come uncompressed: they are looked through for the token. */
export function headersToService(
  headers: IncomingHttpHeaders,
  own: { readonly token: string; readonly requestId: string },
): OutgoingHttpHeaders {
  const passed = Object.entries(headers).filter(([name]) => requestNames.includes(name) || imageNames.test(name));
  return {
    ...Object.fromEntries(passed),
    'accept-encoding': 'identity',
    'x-auth-token': own.token,
    'x-openstack-request-id': own.requestId,
  };
}

/** Shown in the browser as they are; everything else can only be saved: an image's bytes must not become a page of ours. */
const shown = /^(application\/(json|[\w.+-]+\+json)|text\/plain|text\/event-stream)\s*(;|$)/i;

export const isEventStream = (headers: IncomingHttpHeaders): boolean =>
  /^text\/event-stream\s*(;|$)/i.test(headers['content-type'] ?? '');

/**
 * What the browser is answered.
 * @param endpoint what `/proxy/SERVICE` stands for
 */
export function headersToBrowser(
  headers: IncomingHttpHeaders,
  { endpoint, prefix, token }: { readonly endpoint: string; readonly prefix: string; readonly token: string },
): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers))
    if ((answerNames.includes(name) || answerPrefixes.test(name)) && !String(value).includes(token))
      passed[name] = value;
  const location = locationOf(headers.location, endpoint, prefix);
  if (location !== null && !location.includes(token)) passed['location'] = location;
  const type = headers['content-type'];
  if (type === undefined) passed['content-type'] = 'application/octet-stream';
  if (type === undefined || !shown.test(type)) passed['content-disposition'] = 'attachment';
  // What stands before us must pass an event on when it comes.
  if (isEventStream(headers)) passed['x-accel-buffering'] = 'no';
  passed['cache-control'] = 'no-store';
  return passed;
}

/** Of what was made, as reached through us. A place elsewhere is not told: browsers would go there. */
function locationOf(location: string | undefined, endpoint: string, prefix: string): string | null {
  if (location === undefined || !URL.canParse(location, endpoint)) return null;
  const [to, base] = [new URL(location, endpoint), new URL(endpoint)];
  const below = to.pathname.slice(base.pathname.length);
  if (to.origin !== base.origin || !to.pathname.startsWith(base.pathname) || !/^(\/|$)/.test(below)) return null;
  return prefix + below + to.search;
}
