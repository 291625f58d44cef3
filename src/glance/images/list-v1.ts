import { badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros } from '#common/clock.ts';
import { booleanOf, completeSort, numberOf, parseLimit, sortBy, type ListLimits } from './list-v2.ts';
import type { ColumnFilter, ImageQuery, Scope } from './query.ts';

const equalities = ['name', 'status', 'container_format', 'disk_format', 'owner', 'checksum', 'id'];
const words = ['limit', 'marker', 'sort_key', 'sort_dir', 'is_public', 'deleted', 'changes-since'];

/**
 * The query string of `GET /v1/images` and of the registry's lists.
 * @throws ApiError 400
 */
export function parseListV1(
  query: Readonly<Record<string, unknown>>,
  ctx: RequestContext,
  limits: ListLimits,
): ImageQuery {
  const text = (name: string): string | undefined => [query[name]].flat().at(-1) as string | undefined;
  const filters: ColumnFilter[] = [];
  const properties: Record<string, string> = {};
  for (const name of Object.keys(query)) {
    const value = text(name) ?? '';
    if (words.includes(name)) continue;
    if (name.startsWith('property-')) properties[name.slice('property-'.length)] = value;
    else if (name === 'size_min') filters.push({ column: 'size', comparison: '>=', value: numberOf(name, value) });
    else if (name === 'size_max') filters.push({ column: 'size', comparison: '<=', value: numberOf(name, value) });
    else if (name === 'min_ram' || name === 'min_disk')
      filters.push({ column: name, comparison: '=', value: numberOf(name, value) });
    else if (name === 'protected')
      filters.push({ column: name, comparison: '=', value: Number(booleanOf(name, value)) });
    else if (equalities.includes(name))
      filters.push({ column: name, comparison: '=', value: value.toLowerCase() === 'none' ? null : value });
    // v1 has always ignored words that it does not know.
  }
  const since = text('changes-since');
  if (since !== undefined) filters.push({ column: 'updated_at', comparison: '>=', value: timeOf(since) });
  const key = text('sort_key') ?? 'created_at';
  const direction = text('sort_dir') ?? 'desc';
  return {
    scope: scopeOf(text('is_public'), ctx, filters),
    filters,
    properties,
    tags: [],
    sort: completeSort([sortBy(key, direction)], direction),
    marker: text('marker'),
    limit: parseLimit(text('limit'), limits),
    deleted: deletedOf(text('deleted'), since !== undefined, ctx),
  };
}

/**
 * Administrators choose: public images with their own (unless told), all that are not public (`False`), or all (`None`).
 * Everybody else sees what is public, theirs, or shared with them.
 */
function scopeOf(isPublic: string | undefined, ctx: RequestContext, filters: ColumnFilter[]): Scope {
  if (ctx.isAdmin && isPublic?.toLowerCase() === 'none') return { kind: 'all' };
  if (ctx.isAdmin && isPublic !== undefined && !booleanOf('is_public', isPublic)) {
    filters.push({ column: 'visibility', comparison: '!=', value: 'public' });
    return { kind: 'all' };
  }
  return { kind: 'project', projectId: ctx.projectId, memberStatus: 'all' };
}

function deletedOf(value: string | undefined, since: boolean, ctx: RequestContext): ImageQuery['deleted'] {
  if (value !== undefined && ctx.isAdmin) return booleanOf('deleted', value) ? 'only' : 'no';
  return since ? 'also' : 'no';
}

function timeOf(value: string): string {
  const time = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`);
  if (Number.isNaN(time.getTime())) throw badRequest(`Unrecognized changes-since value "${value}".`);
  return isoMicros(time);
}
