import type { SelectQueryBuilder } from 'kysely';
import { paginate } from '#common/db/pagination.ts';

/** By name, then id: the order of every list of named things. */
export function byName<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  table: string,
  page: {
    readonly limit?: number | undefined;
    readonly marker?: { readonly id: string; readonly name: string } | undefined;
  },
): SelectQueryBuilder<DB, TB, O> {
  const sort = [
    { column: `${table}.name`, direction: 'asc' },
    { column: `${table}.id`, direction: 'asc' },
  ] as const;
  return paginate(query, { sort, limit: page.limit, marker: page.marker && { ...page.marker } });
}
