import { errors } from '../errors.ts';
import { attributesOf, type Resource, type View } from './resource.ts';

/** What a list request asks for, checked; names are attribute names. */
export interface ListQuery {
  readonly filters: ReadonlyMap<string, readonly string[]>;
  readonly sort: readonly { readonly attribute: string; readonly direction: 'asc' | 'desc' }[];
  readonly limit?: number;
  /** Id of the row after which (before which, when reverse) the page starts. */
  readonly marker?: string;
  readonly reverse: boolean;
}
export const everything: ListQuery = { filters: new Map(), sort: [], reverse: false };

export interface ParsedQuery {
  readonly list: ListQuery;
  /** Attributes to answer; all when empty. */
  readonly fields: readonly string[];
}

type Raw = Readonly<Record<string, unknown>>;

const valuesOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);
const control = new Set(['fields', 'limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir']);
const tagFilters: ReadonlySet<string> = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any']);

/**
 * @param extra filters beyond the attributes: `ip_address` of ports
 * @param maxLimit pagination_max_limit; -1 for none
 * @throws ApiError 400
 */
export function parseListQuery(
  resource: Resource<unknown>,
  query: Raw,
  { extra = [], maxLimit = -1 }: { readonly extra?: readonly string[]; readonly maxLimit?: number } = {},
): ParsedQuery {
  const attributes = attributesOf(resource);
  const filters = new Map<string, readonly string[]>();
  const unknown: string[] = [];
  for (const [given, value] of Object.entries(query)) {
    if (control.has(given)) continue;
    const name = given === 'tenant_id' ? 'project_id' : given;
    const known = attributes[name]?.listed || extra.includes(name) || (resource.standard && tagFilters.has(name));
    if (!known) unknown.push(given);
    else filters.set(name, [...(filters.get(name) ?? []), ...valuesOf(value)]);
  }
  if (unknown.length > 0)
    throw errors.malformed(`[${unknown.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  const limit = limitOf(query['limit'], maxLimit);
  const marker = query['marker'] === undefined ? undefined : String(query['marker']);
  return {
    list: {
      filters,
      sort: sortOf(resource, query),
      ...(limit !== undefined && { limit }),
      ...(marker !== undefined && marker !== '' && { marker }),
      reverse: /^(true|1)$/i.test(String(query['page_reverse'] ?? '')),
    },
    fields: query['fields'] === undefined ? [] : valuesOf(query['fields']).filter((name) => name !== ''),
  };
}

function limitOf(given: unknown, max: number): number | undefined {
  const most = max > 0 ? max : undefined;
  if (given === undefined || given === '') return most;
  const number = /^\d+$/.test(String(given)) ? Number(given) : -1;
  if (number < 0) throw errors.badRequest('limit', `Limit must be an integer 0 or greater and not '${String(given)}'`);
  if (number === 0) return most;
  return most === undefined ? number : Math.min(number, most);
}

function sortOf(resource: Resource<unknown>, query: Raw): ListQuery['sort'] {
  const keys = query['sort_key'] === undefined ? [] : valuesOf(query['sort_key']);
  const directions = query['sort_dir'] === undefined ? [] : valuesOf(query['sort_dir']);
  if (directions.length > 0 && keys.length !== directions.length)
    throw errors.malformed('The number of sort_keys and sort_dirs must be same');
  const attributes = attributesOf(resource);
  return keys.map((key, index) => {
    const attribute = key === 'tenant_id' ? 'project_id' : key;
    if (!attributes[attribute]?.listed) throw errors.malformed(`['${key}'] is invalid attribute for sort key`);
    const direction = directions[index] ?? 'asc';
    if (direction !== 'asc' && direction !== 'desc')
      throw errors.malformed(`'${direction}' is invalid value for sort_dirs, valid value is 'asc' and 'desc'`);
    return { attribute, direction };
  });
}

/** Where the next and the previous page are, as `networks_links`; nothing without a limit. */
export function pageLinks(
  { list }: ParsedQuery,
  items: readonly View[],
  href: string,
): readonly { readonly rel: string; readonly href: string }[] | undefined {
  if (list.limit === undefined) return undefined;
  const full = items.length >= list.limit;
  const link = (rel: 'next' | 'previous', marker: unknown): { rel: string; href: string } => {
    const url = new URL(href);
    url.searchParams.delete('marker');
    url.searchParams.delete('page_reverse');
    if (marker !== undefined) url.searchParams.set('marker', String(marker));
    if (rel === 'previous') url.searchParams.set('page_reverse', 'True');
    return { rel, href: url.href };
  };
  return [
    ...(full || list.reverse ? [link('next', items.at(-1)?.['id'])] : []),
    ...(full || !list.reverse ? [link('previous', items[0]?.['id'])] : []),
  ];
}
