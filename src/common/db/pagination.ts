import { sql, type Expression, type RawBuilder, type SelectQueryBuilder, type SqlBool } from 'kysely';

export interface SortKey {
  /** A column of the query, with its table where that is needed: `instances.created_at`. */
  readonly column: string;
  readonly direction: 'asc' | 'desc';
  /** May hold null, which then sorts before everything else on every engine. */
  readonly nullable?: boolean;
}

export interface Page {
  /** In order; the last must be unique (the id), so that every row has its place. */
  readonly sort: readonly SortKey[];
  /** The row after which the page starts: its values by the sort keys' columns (without the table). */
  readonly marker?: Readonly<Record<string, unknown>> | undefined;
  /** The most rows to give. */
  readonly limit?: number | undefined;
}

/**
 * Orders a query and cuts a page out of it, by comparing with the marker row (keyset pagination): page 1,000 costs what
 * page 1 costs, and rows that come or go meanwhile neither repeat nor hide others.
 */
export function paginate<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  { sort, marker, limit }: Page,
): SelectQueryBuilder<DB, TB, O> {
  let paged = query;
  if (marker) paged = paged.where(after(sort, marker));
  for (const key of sort) {
    if (key.nullable) paged = paged.orderBy(isSet(key), key.direction);
    paged = paged.orderBy(sql.ref(key.column), key.direction);
  }
  return limit === undefined ? paged : paged.limit(limit);
}

const isSet = (key: SortKey): RawBuilder<number> => sql`case when ${sql.ref(key.column)} is null then 0 else 1 end`;

/** (a > ?) or (a = ? and b > ?) or … */
function after(sort: readonly SortKey[], marker: Readonly<Record<string, unknown>>): Expression<SqlBool> {
  const valueOf = (key: SortKey): unknown => marker[key.column.slice(key.column.lastIndexOf('.') + 1)] ?? null;
  const alternatives = sort.map((key, index) => {
    const same = sort.slice(0, index).map((earlier) => equals(earlier, valueOf(earlier)));
    return sql<SqlBool>`(${sql.join([...same, beyond(key, valueOf(key))], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`;
}

const equals = (key: SortKey, value: unknown): RawBuilder<SqlBool> =>
  value === null ? sql`${sql.ref(key.column)} is null` : sql`${sql.ref(key.column)} = ${value}`;

function beyond(key: SortKey, value: unknown): RawBuilder<SqlBool> {
  const column = sql.ref(key.column);
  if (key.direction === 'asc') return value === null ? sql`${column} is not null` : sql`${column} > ${value}`;
  if (value === null) return sql`1 = 0`;
  return key.nullable ? sql`(${column} < ${value} or ${column} is null)` : sql`${column} < ${value}`;
}
