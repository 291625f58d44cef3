import { badRequest } from '#common/api/errors.ts';
import { parseLimit, type ListLimits } from '../images/list-v2.ts';
import type { DefinitionPage } from './rows.ts';

type Query = Readonly<Record<string, unknown>>;

/** The last of what may be given several times. */
export const last = (value: unknown): string | undefined =>
  value === undefined ? undefined : [value].flat().map(String).at(-1);

/** @throws ApiError 400 for a key or direction that there is none of */
export function parseMetadefSort<Column extends string>(
  query: Query,
  columns: readonly Column[],
): { readonly column: Column; readonly direction: 'asc' | 'desc' } {
  const column = last(query['sort_key']) ?? 'created_at';
  const direction = last(query['sort_dir']) ?? 'desc';
  if (!(columns as readonly string[]).includes(column))
    throw badRequest(`Invalid sort key: ${column}. It must be one of the following: ${columns.join(', ')}.`);
  if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`);
  return { column: column as Column, direction };
}

/** @throws ApiError 400 */
export const parsePage = (query: Query, limits: ListLimits): DefinitionPage & { readonly limit: number } => ({
  sort: parseMetadefSort(query, ['name', 'created_at', 'updated_at']),
  marker: last(query['marker']),
  limit: parseLimit(last(query['limit']), limits),
});

/** `first`, and `next` when the page is full. @param lastName name of the page's last entry */
export function pageLinks(url: string, path: string, full: boolean, lastName: string | undefined) {
  const asked = new URL(url, 'http://here').searchParams;
  asked.delete('marker');
  const first = asked.size > 0 ? `${path}?${asked}` : path;
  if (!full || lastName === undefined) return { first };
  asked.append('marker', lastName);
  return { first, next: `${path}?${asked}` };
}
