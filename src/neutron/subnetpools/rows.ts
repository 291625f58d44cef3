import { sql, type SqlBool } from 'kysely';
import { everyone, type Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { SubnetPoolRow } from '../tables.ts';
import { subnetPoolResource } from './schema.ts';

const listed: ListedTable = { resource: subnetPoolResource, table: 'subnetpools', nullable: ['default_quota'] };

/** A project's own pools, and those that are shared with all. */
const visible = (scope: Scope) =>
  scope.kind === 'all'
    ? sql<SqlBool>`1 = 1`
    : sql<SqlBool>`(subnetpools.project_id = ${scope.projectId ?? ''} or subnetpools.shared = 1)`;

export async function listSubnetPools(db: Db, scope: Scope, query: ListQuery): Promise<SubnetPoolRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findSubnetPool(db, query.marker, scope);
  if (query.marker !== undefined && !marker) return null;
  const select = db.selectFrom('subnetpools').selectAll('subnetpools').where(visible(scope));
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findSubnetPool = (db: Db, id: string, scope: Scope = everyone): Promise<SubnetPoolRow | undefined> =>
  db.selectFrom('subnetpools').selectAll().where('id', '=', id).where(visible(scope)).executeTakeFirst();

/** Held until the transaction ends: who takes from a pool, or changes it, does so alone. */
export const lockSubnetPool = (db: Db, id: string): Promise<SubnetPoolRow | undefined> =>
  db.selectFrom('subnetpools').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** The pool of subnets that name none, of an IP version; of all that the scope may see. */
export const defaultSubnetPool = (db: Db, version: number, scope: Scope): Promise<SubnetPoolRow | undefined> =>
  db.selectFrom('subnetpools').selectAll().where('default_of', '=', version).where(visible(scope)).executeTakeFirst();

export async function insertSubnetPool(db: Db, row: SubnetPoolRow): Promise<void> {
  await db.insertInto('subnetpools').values(row).execute();
}

export async function updateSubnetPool(db: Db, id: string, changes: Partial<SubnetPoolRow>): Promise<void> {
  await db
    .updateTable('subnetpools')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

export async function deleteSubnetPoolRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('subnetpools').where('id', '=', id).execute();
}

/** The subnets that were taken from a pool. */
export const subnetsOfPool = (
  db: Db,
  poolId: string,
): Promise<{ readonly cidr: string; readonly project_id: string }[]> =>
  db.selectFrom('subnets').select(['cidr', 'project_id']).where('subnetpool_id', '=', poolId).execute();
