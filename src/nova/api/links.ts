/** Where a request came to: what links in its answer begin with. */
export interface Place {
  /** `http://host:port` */
  readonly host: string;
  /** `/v2.1` or `/v2/<project>` */
  readonly prefix: string;
}

export interface Link {
  readonly rel: string;
  readonly href: string;
  readonly type?: string;
}

/** The same place without its version: what bookmarks begin with. */
export const unversioned = ({ host, prefix }: Place): string => host + prefix.replace(/^\/v[\d.]+/, '');

export const bookmark = (place: Place, path: string): Link => ({
  rel: 'bookmark',
  href: `${unversioned(place)}/${path}`,
});

/** `self` and `bookmark` of `servers/<id>`. */
export const linksTo = (place: Place, path: string): Link[] => [
  { rel: 'self', href: `${place.host}${place.prefix}/${path}` },
  bookmark(place, path),
];

/**
 * The link to the following page: the request's own query with another marker. None when the page is not full.
 * @param url path and query of the request, as sent
 */
export function nextPage(place: Place, path: string, url: string, limit: number, ids: readonly string[]): Link[] {
  const last = ids.at(-1);
  if (last === undefined || ids.length < limit) return [];
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  query.set('limit', query.get('limit') || String(limit));
  query.set('marker', last);
  return [{ rel: 'next', href: `${place.host}${place.prefix}/${path}?${query}` }];
}
