import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import {
  noFilters,
  one,
  parseDict,
  parsePage,
  queryFlag,
  refuseUnknown,
  strictFilters,
  type ListQuery,
  type PageRequest,
  type SortColumns,
} from '../api/paging.ts';
import type { SnapshotFilter } from './rows.ts';

const columns: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  display_name: 'name',
  description: 'description',
  display_description: 'description',
  status: 'status',
  volume_id: 'volume_id',
  volume_size: 'size_gb',
  size: 'size_gb',
  user_id: 'user_id',
  volume_type_id: 'volume_type_id',
  group_snapshot_id: 'group_snapshot_id',
};

const sortColumns: SortColumns = {
  id: { column: 'id' },
  name: { column: 'name', nullable: true },
  display_name: { column: 'name', nullable: true },
  status: { column: 'status' },
  volume_id: { column: 'volume_id' },
  volume_size: { column: 'size_gb' },
  created_at: { column: 'created_at' },
  updated_at: { column: 'updated_at', nullable: true },
};

export interface SnapshotListRequest {
  readonly filter: SnapshotFilter;
  readonly page: PageRequest;
  readonly withCount: boolean;
}

/** @throws ApiError 400 */
export function parseSnapshotQuery(
  query: ListQuery,
  ctx: RequestContext,
  version: ApiVersion,
  maxLimit: number,
): SnapshotListRequest {
  const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
  const equal: Record<string, string | number | null> = {};
  const contains: Record<string, string> = {};
  const unknown: string[] = [];
  let metadata: SnapshotFilter['metadata'];
  let availabilityZone: string | undefined;
  let host: string | undefined;
  let projectId = everywhere ? undefined : (ctx.projectId ?? '');
  for (const [name, given] of Object.entries(query)) {
    const value = one(given) ?? '';
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const inexact = version.atLeast('3.34') && name.endsWith('~') ? columns[name.slice(0, -1)] : undefined;
    if (noFilters.has(name)) continue;
    else if (name === 'metadata') metadata = version.atLeast('3.22') ? parseDict(name, value) : undefined;
    else if (name === 'availability_zone') availabilityZone = value;
    else if (column !== undefined) equal[column] = column === 'size_gb' ? Number(value) : value;
    else if (inexact !== undefined) contains[inexact] = value;
    else if (ctx.isAdmin && name === 'host') host = value.split('#')[0];
    else if (ctx.isAdmin && (name === 'project_id' || name === 'tenant_id')) projectId = everywhere ? value : projectId;
    else unknown.push(name);
  }
  if (version.atLeast(strictFilters)) refuseUnknown(unknown);
  return {
    filter: {
      equal,
      contains,
      ...(projectId !== undefined && { projectId }),
      ...(metadata && { metadata }),
      ...(availabilityZone !== undefined && { availabilityZone }),
      ...(host !== undefined && { host }),
    },
    page: parsePage(query, sortColumns, maxLimit),
    withCount: version.atLeast('3.45') && queryFlag(query, 'with_count'),
  };
}
