import { badRequest } from '#common/api/errors.ts';
import type { SortKey } from '#common/db/pagination.ts';
import { invalidInput } from './errors.ts';

export type ListQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The last of a name's values. */
export const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' || value === undefined ? value : value.at(-1);

/** A flag of a query: `?all_tenants`, `=1` and `=True` mean yes. @throws ApiError 400 */
export function queryFlag(query: ListQuery, name: string): boolean {
  const text = one(query[name]);
  if (text === undefined) return false;
  if (text === '' || /^(1|t|true|on|y|yes)$/i.test(text)) return true;
  if (/^(0|f|false|off|n|no|none)$/i.test(text)) return false;
  throw invalidInput(`Unrecognized value '${text}' for ${name}: write True or False.`);
}

function wholeNumber(query: ListQuery, name: string): number | undefined {
  const text = one(query[name]);
  if (text === undefined || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`${name} must be an integer.`);
  if (text.startsWith('-')) throw badRequest(`${name} must be >= 0`);
  if (Number(text) > 2_147_483_647) throw badRequest(`${name} must be <= 2147483647`);
  return Number(text);
}

export interface PageRequest {
  /** At most osapi_max_limit. */
  readonly limit: number;
  readonly offset: number;
  readonly marker: string | undefined;
  readonly sort: readonly SortKey[];
}

/** What a list may be sorted by: the client's name → the column. */
export type SortColumns = Readonly<Record<string, { readonly column: string; readonly nullable?: boolean }>>;

/**
 * Page, offset and order of a list; the newest first unless told.
 * @throws ApiError 400 for numbers that are none, unknown keys and directions
 */
export function parsePage(query: ListQuery, columns: SortColumns, maxLimit: number): PageRequest {
  const limit = Math.min(wholeNumber(query, 'limit') ?? maxLimit, maxLimit);
  const offset = wholeNumber(query, 'offset') ?? 0;
  return { limit, offset, marker: one(query['marker']) || undefined, sort: parseSort(query, columns) };
}

function parseSort(query: ListQuery, columns: SortColumns): readonly SortKey[] {
  const { sort } = query;
  const oldKey = one(query['sort_key']);
  const oldDirection = one(query['sort_dir']);
  if (sort !== undefined && (oldKey !== undefined || oldDirection !== undefined))
    throw badRequest(
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
    );
  const asked =
    sort === undefined
      ? [[oldKey ?? 'created_at', oldDirection ?? 'desc'] as const]
      : [sort]
          .flat()
          .join(',')
          .split(',')
          .map((item) => {
            const [key = '', direction = 'desc'] = item.trim().split(':');
            return [key, direction] as const;
          });
  const keys = asked.map(([name, direction]): SortKey => {
    if (direction !== 'asc' && direction !== 'desc')
      throw invalidInput('Unknown sort direction, must be one of: asc, desc.');
    const known = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (!known) throw invalidInput(`Sort key supplied is invalid: ${name}.`);
    return { ...known, direction };
  });
  return [...keys, { column: 'num', direction: keys[0]?.direction ?? 'desc' }];
}

/** `{'a': 'b'}` as Python's clients put dictionaries into queries, or JSON. @throws ApiError 400 */
export function parseDict(name: string, text: string): (readonly [string, string])[] {
  try {
    const json = text
      .replace(/u?'((?:[^'\\]|\\.)*)'/g, (_all, inner: string) => JSON.stringify(inner.replaceAll("\\'", "'")))
      .replace(/\bTrue\b/g, 'true')
      .replace(/\bFalse\b/g, 'false')
      .replace(/\bNone\b/g, 'null');
    const value = JSON.parse(json) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no dictionary');
    return Object.entries(value).map(([key, item]) => [key, String(item)] as const);
  } catch {
    throw invalidInput(`Could not evaluate value ${text} for ${name}: write {'key': 'value'}.`);
  }
}

/** The version from which unknown filters are refused, and `name~` finds parts of words. */
export const strictFilters = '3.31';

/** Those parameters that are no filters. */
export const noFilters: ReadonlySet<string> = new Set([
  ...['limit', 'offset', 'marker', 'sort', 'sort_key', 'sort_dir', 'all_tenants', 'with_count'],
]);

/** @throws ApiError 400 naming filters that are not to be used */
export function refuseUnknown(names: readonly string[]): void {
  if (names.length > 0) throw badRequest(`Invalid filters ${names.join(', ')} are found in query options.`);
}
