import type { Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, inParts, ownRows, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { RuleRow, SecurityGroupRow } from '../tables.ts';
import { groupResource, ruleResource } from './schema.ts';

const groups: ListedTable = { resource: groupResource, table: 'securitygroups' };
const rules: ListedTable = {
  resource: ruleResource,
  table: 'securitygrouprules',
  nullable: ['protocol', 'port_range_min', 'port_range_max', 'remote_ip_prefix', 'remote_group_id', 'description'],
};

export async function listGroups(db: Db, scope: Scope, query: ListQuery): Promise<SecurityGroupRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findGroup(db, query.marker);
  if (query.marker !== undefined && !marker) return null;
  const select = ownRows(
    db.selectFrom('securitygroups').selectAll('securitygroups'),
    scope,
    'securitygroups.project_id',
  );
  const rows = await paged(filtered(select, groups, query), groups, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findGroup = (db: Db, id: string): Promise<SecurityGroupRow | undefined> =>
  db.selectFrom('securitygroups').selectAll().where('id', '=', id).executeTakeFirst();

export const findGroups = (db: Db, ids: readonly string[]): Promise<SecurityGroupRow[]> =>
  inParts(ids, (part) => db.selectFrom('securitygroups').selectAll().where('id', 'in', part).execute());

/** Held until the transaction ends. */
export const lockGroup = (db: Db, id: string): Promise<SecurityGroupRow | undefined> =>
  db.selectFrom('securitygroups').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

export async function insertGroup(db: Db, row: SecurityGroupRow): Promise<void> {
  await db.insertInto('securitygroups').values(row).execute();
}

export async function updateGroup(db: Db, id: string, changes: Partial<SecurityGroupRow>): Promise<void> {
  await db
    .updateTable('securitygroups')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

export async function deleteGroupRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('securitygroups').where('id', '=', id).execute();
}

export const findDefault = (db: Db, projectId: string): Promise<{ readonly security_group_id: string } | undefined> =>
  db
    .selectFrom('default_security_group')
    .select('security_group_id')
    .where('project_id', '=', projectId)
    .executeTakeFirst();

export const defaultProjectOf = (db: Db, groupId: string): Promise<{ readonly project_id: string } | undefined> =>
  db
    .selectFrom('default_security_group')
    .select('project_id')
    .where('security_group_id', '=', groupId)
    .executeTakeFirst();

export async function insertDefault(db: Db, projectId: string, groupId: string): Promise<void> {
  await db.insertInto('default_security_group').values({ project_id: projectId, security_group_id: groupId }).execute();
}

export async function hasPorts(db: Db, groupId: string): Promise<boolean> {
  const row = await db
    .selectFrom('securitygroupportbindings')
    .select('port_id')
    .where('security_group_id', '=', groupId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function listRules(db: Db, scope: Scope, query: ListQuery): Promise<RuleRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findRule(db, query.marker);
  if (query.marker !== undefined && !marker) return null;
  const select = ownRows(
    db.selectFrom('securitygrouprules').selectAll('securitygrouprules'),
    scope,
    'securitygrouprules.project_id',
  );
  const rows = await paged(filtered(select, rules, query), rules, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findRule = (db: Db, id: string): Promise<RuleRow | undefined> =>
  db.selectFrom('securitygrouprules').selectAll().where('id', '=', id).executeTakeFirst();

export const rulesOf = (db: Db, groupIds: readonly string[]): Promise<RuleRow[]> =>
  inParts(groupIds, (part) =>
    db
      .selectFrom('securitygrouprules')
      .selectAll()
      .where('security_group_id', 'in', part)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),
  );

export const findSameRule = (
  db: Db,
  groupId: string,
  fingerprint: string,
): Promise<{ readonly id: string } | undefined> =>
  db
    .selectFrom('securitygrouprules')
    .select('id')
    .where('security_group_id', '=', groupId)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();

export async function insertRules(db: Db, rows: readonly RuleRow[]): Promise<void> {
  await db.insertInto('securitygrouprules').values(rows).execute();
}

/** False when it was gone already. */
export async function deleteRuleRow(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('securitygrouprules').where('id', '=', id).executeTakeFirstOrThrow();
  return Number(numDeletedRows) === 1;
}

/** Rules that name the group as their remote one, by the groups that they belong to. */
export const rulesNaming = (
  db: Db,
  groupId: string,
): Promise<{ readonly project_id: string; readonly security_group_id: string }[]> =>
  db
    .selectFrom('securitygrouprules')
    .select(['project_id', 'security_group_id'])
    .where('remote_group_id', '=', groupId)
    .execute();
