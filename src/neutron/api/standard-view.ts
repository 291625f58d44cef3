import { isoMicros, type Clock } from '#common/clock.ts';
import type { StandardColumns } from '../tables.ts';
import type { View } from './resource.ts';

const seconds = (time: string): string => `${time.slice(0, 19)}Z`;

/** The members that all resources answer alike. */
export const standardView = (row: StandardColumns): View => ({
  tenant_id: row.project_id,
  project_id: row.project_id,
  description: row.description,
  tags: JSON.parse(row.tags) as unknown,
  created_at: seconds(row.created_at),
  updated_at: seconds(row.updated_at),
  revision_number: row.revision_number,
});

/** The members of a new row. @param revision what Neutron's resources of that kind begin with */
export const standardColumns = (
  given: { readonly project_id: string; readonly description?: string | null },
  { id, clock, revision }: { readonly id: string; readonly clock: Clock; readonly revision: number },
): StandardColumns => {
  const now = isoMicros(clock.now());
  return {
    id,
    project_id: given.project_id,
    description: given.description ?? '',
    tags: '[]',
    created_at: now,
    updated_at: now,
    revision_number: revision,
  };
};
