/** SQL of the resources that live in one table each, without anything that hangs on the rows. */
import { sql, type SelectQueryBuilder, type SqlBool } from 'kysely';
import { everyone, type Scope } from './api/access.ts';
import type { ListQuery } from './api/list-query.ts';
import { filtered, inParts, ownRows, paged, type ListedTable } from './list-rows.ts';
import type { Db } from './store.ts';
import type { MemberRow, NeutronTables } from './tables.ts';

/** Their rows have an id and belong to a project. */
export type PlainTable =
  | 'meteringlabels'
  | 'meteringlabelrules'
  | 'vips'
  | 'pools'
  | 'members'
  | 'healthmonitors'
  | 'firewalls'
  | 'firewall_policies'
  | 'firewall_rules';

type Row<T extends PlainTable> = NeutronTables[T];
/** The query builder takes every table for this one: what is used of its columns, all of them have. */
type Rows = SelectQueryBuilder<NeutronTables, 'members', MemberRow>;

export interface PlainListed<T extends PlainTable> extends ListedTable {
  readonly table: T;
  /** Others see the rows whose `shared` is 1. */
  readonly shareable?: boolean;
}

export class PlainRows<T extends PlainTable> {
  readonly #listed: PlainListed<T>;
  readonly #table: 'members';

  constructor(listed: PlainListed<T>) {
    this.#listed = listed;
    this.#table = listed.table as 'members';
  }

  /** Null when the marker is none of the rows. @param narrow conditions of filters that are special */
  async list(
    db: Db,
    scope: Scope,
    query: ListQuery,
    narrow: (rows: Rows) => Rows = (rows) => rows,
  ): Promise<Row<T>[] | null> {
    const marker = query.marker === undefined ? undefined : await this.find(db, query.marker, scope);
    if (query.marker !== undefined && !marker) return null;
    const select = narrow(filtered(this.#visible(db, scope), this.#listed, query));
    const page = await paged(select, this.#listed, query, marker && { ...marker }).execute();
    const rows = page as unknown as Row<T>[];
    return query.reverse ? rows.reverse() : rows;
  }

  async find(db: Db, id: string, scope: Scope = everyone): Promise<Row<T> | undefined> {
    return this.#one(this.#visible(db, scope), id);
  }

  /** Held until the transaction ends. */
  lock(db: Db, id: string): Promise<Row<T> | undefined> {
    return this.#one(this.#visible(db, everyone).forUpdate(), id);
  }

  /** Those whose column has one of the values, in the order of ids. */
  by(db: Db, column: keyof Row<T> & string, values: readonly string[]): Promise<Row<T>[]> {
    return inParts(values, async (part) => {
      const rows = await this.#visible(db, everyone).where(this.#is(column, part)).orderBy('id').execute();
      return rows as unknown as Row<T>[];
    });
  }

  async insert(db: Db, row: Row<T>): Promise<void> {
    await db
      .insertInto(this.#table)
      .values(row as unknown as MemberRow)
      .execute();
  }

  async update(db: Db, id: string, changes: Partial<Row<T>>): Promise<void> {
    if (Object.keys(changes).length === 0) return;
    await db
      .updateTable(this.#table)
      .set(changes as Partial<MemberRow>)
      .where('id', '=', id)
      .execute();
  }

  async remove(db: Db, id: string): Promise<void> {
    await db.deleteFrom(this.#table).where('id', '=', id).execute();
  }

  async #one(rows: Rows, id: string): Promise<Row<T> | undefined> {
    return (await rows.where(this.#is('id', [id])).executeTakeFirst()) as unknown as Row<T> | undefined;
  }

  #visible(db: Db, scope: Scope): Rows {
    const all = db.selectFrom(this.#table).selectAll(this.#table);
    const owner = `${this.#table}.project_id`;
    if (scope.kind === 'all' || !this.#listed.shareable) return ownRows(all, scope, owner);
    return all.where(
      sql<SqlBool>`(${sql.ref(owner)} = ${scope.projectId ?? ''} or ${sql.ref(`${this.#table}.shared`)} = 1)`,
    );
  }

  #is(column: string, values: readonly string[]): ReturnType<typeof sql<SqlBool>> {
    return sql<SqlBool>`${sql.ref(`${this.#table}.${column}`)} in (${sql.join(values)})`;
  }
}
