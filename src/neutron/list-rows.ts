/** What all lists share: visibility, filters, order and pages in SQL. */
import { sql, type SelectQueryBuilder, type SqlBool } from 'kysely';
import { paginate, type SortKey } from '#common/db/pagination.ts';
import type { Scope } from './api/access.ts';
import type { ListQuery } from './api/list-query.ts';
import { attributesOf, type Resource } from './api/resource.ts';
import type { NeutronTables } from './tables.ts';

type Select<TB extends keyof NeutronTables, O> = SelectQueryBuilder<NeutronTables, TB, O>;

export interface ListedTable {
  readonly resource: Resource<unknown>;
  readonly table: keyof NeutronTables;
  /** Attribute → column, where the names differ. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Filters that are no simple comparison; they are applied by the caller. */
  readonly special?: readonly string[];
  /** Attributes whose column may hold null. */
  readonly nullable?: readonly string[];
}

const columnOf = ({ table, columns }: ListedTable, attribute: string): string =>
  `${table}.${columns?.[attribute] ?? attribute}`;

/** Only rows of the scope's project. Tables whose rows others may see too have a condition of their own. */
export function ownRows<TB extends keyof NeutronTables, O>(
  query: Select<TB, O>,
  scope: Scope,
  column: string,
): Select<TB, O> {
  if (scope.kind === 'all') return query;
  if (scope.projectId === null) return query.where(sql<SqlBool>`1 = 0`);
  return query.where(sql<SqlBool>`${sql.ref(column)} = ${scope.projectId}`);
}

/** The filters on attributes and tags. Several values of one attribute are alternatives. */
export function filtered<TB extends keyof NeutronTables, O>(
  query: Select<TB, O>,
  listed: ListedTable,
  { filters }: ListQuery,
): Select<TB, O> {
  const attributes = attributesOf(listed.resource);
  let narrowed = query;
  for (const [name, texts] of filters) {
    if (listed.special?.includes(name)) continue;
    if (tagFilters.has(name)) {
      narrowed = narrowed.where(tagCondition(`${listed.table}.tags`, name, texts));
      continue;
    }
    const kind = attributes[name]?.kind;
    if (!kind) continue;
    const column = sql.ref(columnOf(listed, name));
    const values = texts.filter((text) => text !== '').map((text) => kind.fromQuery(text));
    const real = values.filter((value) => value !== null);
    const alternatives = [
      ...(real.length > 0 ? [sql`${column} in (${sql.join(real)})`] : []),
      // `device_id=` asks for those without; nullable columns have null there.
      ...(texts.includes('')
        ? [sql`${column} = ''`, ...(listed.nullable?.includes(name) ? [sql`${column} is null`] : [])]
        : []),
    ];
    narrowed = narrowed.where(
      alternatives.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`,
    );
  }
  return narrowed;
}

const tagFilters: ReadonlySet<string> = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any']);

/** Tags are a JSON list in the row: a tag is there when its JSON text is. */
function tagCondition(column: string, name: string, texts: readonly string[]): ReturnType<typeof sql<SqlBool>> {
  const tags = texts.flatMap((text) => text.split(',')).filter((tag) => tag !== '');
  const escape = (tag: string): string => JSON.stringify(tag).replace(/[!%_]/g, (c) => `!${c}`);
  const each = tags.map((tag) => sql`${sql.ref(column)} like ${`%${escape(tag)}%`} escape '!'`);
  if (each.length === 0) return sql<SqlBool>`1 = 1`;
  const joined = sql.join(each, name.endsWith('any') ? sql` or ` : sql` and `);
  return name.startsWith('not') ? sql<SqlBool>`not (${joined})` : sql<SqlBool>`(${joined})`;
}

/** Order and page. @param marker the row that the query's marker names */
export function paged<TB extends keyof NeutronTables, O>(
  query: Select<TB, O>,
  listed: ListedTable,
  list: ListQuery,
  marker: Readonly<Record<string, unknown>> | undefined,
): Select<TB, O> {
  const flip = (direction: 'asc' | 'desc'): 'asc' | 'desc' =>
    list.reverse ? (direction === 'asc' ? 'desc' : 'asc') : direction;
  const sort: SortKey[] = list.sort.map(({ attribute, direction }) => ({
    column: columnOf(listed, attribute),
    direction: flip(direction),
    nullable: listed.nullable?.includes(attribute) ?? false,
  }));
  if (!list.sort.some(({ attribute }) => attribute === 'id'))
    sort.push({ column: `${listed.table}.id`, direction: flip('asc') });
  return paginate(query, { sort, marker, limit: list.limit });
}

/** Statements have a limit of parameters: long lists of ids are asked in parts. */
export async function inParts<K, R>(
  keys: readonly K[],
  ask: (part: readonly K[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const size = 5000;
  if (keys.length === 0) return [];
  if (keys.length <= size) return [...(await ask(keys))];
  const found: R[] = [];
  for (let at = 0; at < keys.length; at += size) found.push(...(await ask(keys.slice(at, at + size))));
  return found;
}

/** Rows by a key. */
export function groupBy<R, K>(rows: readonly R[], key: (row: R) => K): Map<K, R[]> {
  const groups = new Map<K, R[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}
