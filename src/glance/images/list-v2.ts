import { badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros } from '#common/clock.ts';
import { memberStatuses } from '../members/rows.ts';
import { visibilities, type Visibility } from './image.ts';
import {
  sortColumns,
  type ColumnFilter,
  type Comparison,
  type ImageQuery,
  type SortBy,
  type SortColumn,
} from './query.ts';

export interface ListLimits {
  readonly default: number;
  readonly max: number;
}

/** Attributes that filter by equality. */
const equalities = [
  'name',
  'status',
  'id',
  'owner',
  'container_format',
  'disk_format',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
];
/** Of those, the ones that also take `in:a,b`. */
const listable = ['name', 'status', 'id', 'container_format', 'disk_format'];
const numbers = ['min_ram', 'min_disk', 'size'];
const times = ['created_at', 'updated_at'];
const comparisons: Readonly<Record<string, Comparison>> = {
  eq: '=',
  neq: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};
const listWords = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status'];

const many = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));
const last = (value: unknown): string | undefined => many(value).at(-1);

/**
 * The query string of `GET /v2/images`.
 * @throws ApiError 400
 */
export function parseListV2(
  query: Readonly<Record<string, unknown>>,
  ctx: RequestContext,
  limits: ListLimits,
): ImageQuery {
  const filters: ColumnFilter[] = [];
  const properties: Record<string, string> = {};
  let tags: readonly string[] = [];
  let hidden = 0;
  let visibility: Visibility | 'all' | undefined;
  for (const [name, raw] of Object.entries(query)) {
    const value = last(raw) ?? '';
    if (listWords.includes(name)) continue;
    if (name === 'tag') tags = many(raw);
    else if (name === 'visibility') visibility = visibilityOf(value);
    else if (name === 'os_hidden') hidden = Number(booleanOf(name, value));
    else if (name === 'protected')
      filters.push({ column: name, comparison: '=', value: Number(booleanOf(name, value)) });
    else if (name === 'size_min') filters.push({ column: 'size', comparison: '>=', value: numberOf(name, value) });
    else if (name === 'size_max') filters.push({ column: 'size', comparison: '<=', value: numberOf(name, value) });
    else if (numbers.includes(name)) filters.push({ column: name, comparison: '=', value: numberOf(name, value) });
    else if (times.includes(name)) filters.push(timeFilter(name, value));
    else if (equalities.includes(name)) filters.push(equality(name, value));
    else properties[name] = value;
  }
  filters.push({ column: 'os_hidden', comparison: '=', value: hidden });
  const memberStatus = last(query['member_status']) ?? 'accepted';
  if (memberStatus !== 'all' && !(memberStatuses as readonly string[]).includes(memberStatus))
    throw badRequest(`Invalid status: ${memberStatus}`);
  return {
    scope: ctx.isAdmin
      ? { kind: 'all', visibility: visibility === 'all' ? undefined : visibility }
      : { kind: 'project', projectId: ctx.projectId, visibility, memberStatus },
    filters,
    properties,
    tags,
    sort: parseSort(query),
    marker: last(query['marker']),
    limit: parseLimit(last(query['limit']), limits),
    deleted: 'no',
  };
}

/** @throws ApiError 400 */
export function parseLimit(text: string | undefined, limits: ListLimits): number {
  if (text === undefined) return Math.min(limits.default, limits.max);
  if (!/^[+-]?\d+$/.test(text)) throw badRequest('limit param must be an integer');
  if (Number(text) < 0) throw badRequest('limit param must be positive');
  return Math.min(Number(text), limits.max);
}

function parseSort(query: Readonly<Record<string, unknown>>): readonly SortBy[] {
  const keys = many(query['sort_key']);
  const directions = many(query['sort_dir']);
  const sort = last(query['sort']);
  if (sort !== undefined && keys.length + directions.length > 0)
    throw badRequest('Old and new sorting syntax cannot be combined');
  const pairs =
    sort !== undefined
      ? sort.split(',').map((part) => part.trim().split(':') as [string, string | undefined])
      : keys.map((key, index): [string, string | undefined] => [
          key,
          directions.length === 1 ? directions[0] : directions[index],
        ]);
  if (sort === undefined && directions.length > 1 && directions.length !== keys.length)
    throw badRequest('Number of sort dirs does not match the number of sort keys');
  return completeSort(
    pairs.map(([key, direction]) => sortBy(key, direction)),
    directions[0],
  );
}

/** @throws ApiError 400 for a key or direction that there is none of */
export function sortBy(key: string, direction: string | undefined): SortBy {
  if (!(sortColumns as readonly string[]).includes(key))
    throw badRequest(`Invalid sort key: ${key}. It must be one of the following: ${sortColumns.join(', ')}.`);
  if (direction !== undefined && direction !== 'asc' && direction !== 'desc')
    throw badRequest(`Invalid sort direction: ${direction}`);
  return { column: key as SortColumn, direction: direction ?? 'desc' };
}

/** Newest first where nothing else is said, and always a last word (the id), so that pages do not overlap. */
export function completeSort(given: readonly SortBy[], direction: string | undefined): readonly SortBy[] {
  const fallback = direction === 'asc' ? 'asc' : (given[0]?.direction ?? 'desc');
  const has = (column: SortColumn): boolean => given.some((one) => one.column === column);
  return [
    ...given,
    ...(has('created_at') || has('id') ? [] : [{ column: 'created_at', direction: fallback } as const]),
    ...(has('id') ? [] : [{ column: 'id', direction: fallback } as const]),
  ];
}

function visibilityOf(value: string): Visibility | 'all' {
  if (value !== 'all' && !(visibilities as readonly string[]).includes(value))
    throw badRequest(`Invalid visibility value: ${value}`);
  return value as Visibility | 'all';
}

/** @throws ApiError 400 */
export function booleanOf(name: string, value: string): boolean {
  if (/^(true|1|yes|on|t|y)$/i.test(value)) return true;
  if (/^(false|0|no|off|f|n)$/i.test(value)) return false;
  throw badRequest(`Invalid value '${value}' for '${name}' filter. Valid values are case sensitive 'true' or 'false'.`);
}

/** @throws ApiError 400 */
export function numberOf(name: string, value: string): number {
  if (!/^\d+$/.test(value))
    throw badRequest(`Invalid value '${value}' for '${name}' filter: must be a non-negative integer.`);
  return Number(value);
}

function timeFilter(column: string, value: string): ColumnFilter {
  const match = /^(?:(eq|neq|gt|gte|lt|lte):)?(.+)$/.exec(value);
  const time = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(match?.[2] ?? '') ? (match?.[2] ?? '') : `${match?.[2]}Z`);
  if (Number.isNaN(time.getTime()))
    throw badRequest(`Bad '${column}' query filter format. Use ISO 8601 DateTime notation.`);
  return { column, comparison: comparisons[match?.[1] ?? 'eq'] as Comparison, value: isoMicros(time) };
}

function equality(column: string, value: string): ColumnFilter {
  const list = /^in:(.*)$/s.exec(value);
  if (list && listable.includes(column)) return { column, comparison: 'in', value: splitQuoted(list[1] as string) };
  return { column, comparison: '=', value: value.replace(/^eq:/, '') };
}

/** `a,"b,c",d` */
function splitQuoted(text: string): readonly string[] {
  const parts = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map(
    (match) => match[2] ?? (match[1] as string).replace(/\\(.)/g, '$1'),
  );
  if (parts.length === 0) throw badRequest(`Invalid filter value ${text}.`);
  return parts;
}
