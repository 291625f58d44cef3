import { StoreError } from '../driver.ts';

/** Which URLs images may be fetched from (`[import_filtering_opts]`). */
export interface UrlFilter {
  readonly schemes: readonly string[];
  /** Empty allows all. */
  readonly ports: readonly string[];
  readonly deniedHosts: readonly string[];
}

/**
 * The parsed URL.
 * @throws StoreError `refused` when it is none, or not one that this cloud fetches from
 */
export function allowedUrl(text: string, filter: UrlFilter): URL {
  const refuse = (why: string): never => {
    throw new StoreError('refused', `Images are not fetched from "${text}": ${why}.`);
  };
  if (!URL.canParse(text)) return refuse('it is no URL');
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  const port = url.port || (scheme === 'https' ? '443' : '80');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (!filter.schemes.includes(scheme)) return refuse(`the scheme must be ${filter.schemes.join(' or ')}`);
  if (filter.ports.length > 0 && !filter.ports.includes(port)) return refuse(`port ${port} is not allowed`);
  if (filter.deniedHosts.includes(host)) return refuse('this host is not allowed');
  return url;
}
