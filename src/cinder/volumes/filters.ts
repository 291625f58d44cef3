import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { invalidInput } from '../api/errors.ts';
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
import type { VolumeFilter } from './rows.ts';

/** What a list may ask → the column. */
const columns: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  display_name: 'name',
  description: 'description',
  display_description: 'description',
  status: 'status',
  size: 'size_gb',
  availability_zone: 'availability_zone',
  migration_status: 'migration_status',
  volume_type_id: 'volume_type_id',
  snapshot_id: 'snapshot_id',
  source_volid: 'source_volume_id',
  group_id: 'group_id',
  consistencygroup_id: 'group_id',
  replication_status: 'replication_status',
  user_id: 'user_id',
  image_id: 'image_id',
};
const flags: Readonly<Record<string, string>> = {
  bootable: 'bootable',
  multiattach: 'multiattach',
  encrypted: 'encrypted',
};
const forAdministrators = new Set(['host', 'project_id', 'tenant_id']);

export const volumeSortColumns: SortColumns = {
  id: { column: 'id' },
  name: { column: 'name', nullable: true },
  display_name: { column: 'name', nullable: true },
  status: { column: 'status' },
  size: { column: 'size_gb' },
  availability_zone: { column: 'availability_zone', nullable: true },
  bootable: { column: 'bootable' },
  host: { column: 'host', nullable: true },
  created_at: { column: 'created_at' },
  updated_at: { column: 'updated_at', nullable: true },
  user_id: { column: 'user_id' },
  project_id: { column: 'project_id' },
  volume_type_id: { column: 'volume_type_id', nullable: true },
  launched_at: { column: 'launched_at', nullable: true },
};

export interface VolumeListRequest {
  readonly filter: VolumeFilter;
  /** A type's name or id that must be looked up. */
  readonly type: string | undefined;
  readonly page: PageRequest;
  readonly withCount: boolean;
}

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const;

/** `gt:2020-01-01T00:00:00` (3.60) or a time that it must be. @throws ApiError 400 */
function times(column: 'created_at' | 'updated_at', text: string): NonNullable<VolumeFilter['times']> {
  return text.split(',').map((part) => {
    const [, name = 'eq', rest = part] = /^(gt|gte|lt|lte|eq|neq):(.*)$/.exec(part.trim()) ?? [];
    const at = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(rest) ? rest : `${rest}Z`);
    if (Number.isNaN(at.getTime())) throw invalidInput(`${column} is not in ISO 8601: ${part}`);
    return { column, operator: operators[name as 'gt'], value: `${at.toISOString().slice(0, 23)}000` };
  });
}

/** @throws ApiError 400 */
export function parseVolumeQuery(
  query: ListQuery,
  ctx: RequestContext,
  version: ApiVersion,
  maxLimit: number,
): VolumeListRequest {
  const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
  const equal: Record<string, string | number | null> = {};
  const contains: Record<string, string> = {};
  const unknown: string[] = [];
  let metadata: VolumeFilter['metadata'];
  let imageMetadata: VolumeFilter['metadata'];
  const at: NonNullable<VolumeFilter['times']>[number][] = [];
  let host: string | undefined;
  let projectId = everywhere ? undefined : (ctx.projectId ?? '');
  let type: string | undefined;
  for (const [name, given] of Object.entries(query)) {
    const value = one(given) ?? '';
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const inexact = version.atLeast(strictFilters) && name.endsWith('~') ? columns[name.slice(0, -1)] : undefined;
    if (noFilters.has(name)) continue;
    else if (name === 'metadata') metadata = parseDict(name, value);
    else if (name === 'glance_metadata') imageMetadata = parseDict(name, value);
    else if (name === 'volume_type') type = value;
    else if ((name === 'created_at' || name === 'updated_at') && version.atLeast('3.60'))
      at.push(...times(name, value));
    else if (Object.hasOwn(flags, name)) equal[flags[name] as string] = queryFlag(query, name) ? 1 : 0;
    else if (column !== undefined) equal[column] = column === 'size_gb' ? Number(value) : value;
    else if (inexact !== undefined) contains[inexact] = value;
    else if (!ctx.isAdmin || !forAdministrators.has(name)) unknown.push(name);
    else if (name === 'host') host = value.split('#')[0];
    else if (everywhere) projectId = value;
  }
  if (version.atLeast(strictFilters)) refuseUnknown(unknown);
  return {
    filter: {
      equal,
      contains,
      ...(projectId !== undefined && { projectId }),
      ...(metadata && { metadata }),
      ...(imageMetadata && { imageMetadata }),
      ...(at.length > 0 && { times: at }),
      ...(host !== undefined && { host }),
    },
    type,
    page: parsePage(query, volumeSortColumns, maxLimit),
    withCount: version.atLeast('3.45') && queryFlag(query, 'with_count'),
  };
}
