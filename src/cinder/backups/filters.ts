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
} from '../api/paging.ts';
import type { BackupFilter } from './rows.ts';

const columns: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  display_name: 'name',
  description: 'description',
  status: 'status',
  volume_id: 'volume_id',
  snapshot_id: 'snapshot_id',
  parent_id: 'parent_id',
  size: 'size_gb',
  container: 'container',
  availability_zone: 'availability_zone',
};

export interface BackupListRequest {
  readonly filter: BackupFilter;
  readonly page: PageRequest;
  readonly withCount: boolean;
}

/** @throws ApiError 400 */
export function parseBackupQuery(
  query: ListQuery,
  ctx: RequestContext,
  version: ApiVersion,
  maxLimit: number,
): BackupListRequest {
  const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
  const equal: Record<string, string | number | null> = {};
  const contains: Record<string, string> = {};
  const unknown: string[] = [];
  let metadata: BackupFilter['metadata'];
  let projectId = everywhere ? undefined : (ctx.projectId ?? '');
  for (const [name, given] of Object.entries(query)) {
    const value = one(given) ?? '';
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const inexact = version.atLeast('3.34') && name.endsWith('~') ? columns[name.slice(0, -1)] : undefined;
    if (noFilters.has(name)) continue;
    else if (name === 'metadata') metadata = parseDict(name, value);
    else if (column !== undefined) equal[column] = column === 'size_gb' ? Number(value) : value;
    else if (inexact !== undefined) contains[inexact] = value;
    else if (ctx.isAdmin && (name === 'project_id' || name === 'tenant_id')) projectId = everywhere ? value : projectId;
    else unknown.push(name);
  }
  if (version.atLeast(strictFilters)) refuseUnknown(unknown);
  const sortable = {
    created_at: { column: 'created_at' },
    updated_at: { column: 'updated_at', nullable: true },
    id: { column: 'id' },
    name: { column: 'name', nullable: true },
    status: { column: 'status' },
    size: { column: 'size_gb' },
    volume_id: { column: 'volume_id' },
  };
  return {
    filter: { equal, contains, ...(projectId !== undefined && { projectId }), ...(metadata && { metadata }) },
    page: parsePage(query, sortable, maxLimit),
    withCount: version.atLeast('3.45') && queryFlag(query, 'with_count'),
  };
}
