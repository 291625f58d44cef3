/** Where a request came to: what links in its answer begin with. */
export interface Place {
  /** `http://host:port` */
  readonly host: string;
  /** `/v3/<project>` */
  readonly prefix: string;
}

export interface Link {
  readonly rel: string;
  readonly href: string;
}

/** `self` and `bookmark` of `volumes/<id>`. */
export const linksTo = ({ host, prefix }: Place, path: string): Link[] => [
  { rel: 'self', href: `${host}${prefix}/${path}` },
  { rel: 'bookmark', href: `${host}${prefix.replace(/^\/v\d/, '')}/${path}` },
];

/**
 * The link to the following page, `{volumes_links: […]}`: the request's own query with another marker. Nothing when the
 * page is not full.
 * @param url path and query of the request, as sent
 */
export function nextPage(
  { host }: Place,
  name: string,
  url: string,
  limit: number,
  ids: readonly string[],
): Record<string, Link[]> {
  const last = ids.at(-1);
  if (last === undefined || limit === 0 || ids.length < limit) return {};
  const [path = '', search = ''] = url.split('?');
  const query = new URLSearchParams(search);
  query.set('marker', last);
  query.delete('offset');
  return { [`${name}_links`]: [{ rel: 'next', href: `${host}${path}?${query}` }] };
}
