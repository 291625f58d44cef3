import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';
import type { AccessRule, ApplicationCredential } from './model.ts';

type Db = Queryable<KeystoneTables>;
type Row = Selectable<KeystoneTables['application_credential']>;
export type Stored = ApplicationCredential & { readonly secretHash: string };

const toRule = (row: Omit<Selectable<KeystoneTables['access_rule']>, 'user_id'>): AccessRule => ({
  id: row.id,
  service: row.service,
  path: row.path,
  method: row.method,
});

async function complete(db: Db, found: readonly Row[]): Promise<Stored[]> {
  if (found.length === 0) return [];
  const ids = found.map((row) => row.id);
  const roles = await db
    .selectFrom('application_credential_role')
    .selectAll()
    .where('application_credential_id', 'in', ids)
    .execute();
  const rules = await db
    .selectFrom('application_credential_access_rule as used')
    .innerJoin('access_rule as rule', 'rule.id', 'used.access_rule_id')
    .select(['used.application_credential_id', 'rule.id', 'rule.service', 'rule.path', 'rule.method'])
    .where('used.application_credential_id', 'in', ids)
    .execute();
  const rolesOf = Map.groupBy(roles, (row) => row.application_credential_id);
  const rulesOf = Map.groupBy(rules, (row) => row.application_credential_id);
  return found.map((row) => ({
    id: row.id,
    name: row.name,
    userId: row.user_id,
    projectId: row.project_id,
    description: row.description,
    expiresAt: row.expires_at,
    unrestricted: row.unrestricted === 1,
    secretHash: row.secret_hash,
    roleIds: (rolesOf.get(row.id) ?? []).map((role) => role.role_id),
    accessRules: (rulesOf.get(row.id) ?? []).map(toRule),
  }));
}

/** By name. Three queries. */
export async function listApplicationCredentials(
  db: Db,
  filter: { readonly userId: string; readonly name?: string | undefined },
): Promise<Stored[]> {
  let query = db.selectFrom('application_credential').selectAll().where('user_id', '=', filter.userId);
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  return complete(db, await query.orderBy('name').execute());
}

export async function findApplicationCredential(db: Db, id: string): Promise<Stored | undefined> {
  const row = await db.selectFrom('application_credential').selectAll().where('id', '=', id).executeTakeFirst();
  return row && (await complete(db, [row]))[0];
}

/** @throws a duplicate-key error for a name that the user has used */
export async function insertApplicationCredential(db: Db, one: Stored): Promise<void> {
  const { id } = one;
  await db
    .insertInto('application_credential')
    .values({
      id,
      name: one.name,
      user_id: one.userId,
      project_id: one.projectId,
      secret_hash: one.secretHash,
      description: one.description,
      expires_at: one.expiresAt,
      unrestricted: Number(one.unrestricted),
    })
    .execute();
  if (one.roleIds.length > 0)
    await db
      .insertInto('application_credential_role')
      .values(one.roleIds.map((role) => ({ application_credential_id: id, role_id: role })))
      .execute();
  if (one.accessRules.length > 0)
    await db
      .insertInto('application_credential_access_rule')
      .values(one.accessRules.map((rule) => ({ application_credential_id: id, access_rule_id: rule.id })))
      .execute();
}

export async function listAccessRules(db: Db, userId: string): Promise<AccessRule[]> {
  return (await db.selectFrom('access_rule').selectAll().where('user_id', '=', userId).orderBy('id').execute()).map(
    toRule,
  );
}

export async function insertAccessRule(db: Db, userId: string, rule: AccessRule): Promise<void> {
  await db
    .insertInto('access_rule')
    .values({ ...rule, user_id: userId })
    .execute();
}

/** Whether an application credential has it. */
export async function accessRuleInUse(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('application_credential_access_rule')
    .select('access_rule_id')
    .where('access_rule_id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteAccessRule(db: Db, id: string): Promise<void> {
  await db.deleteFrom('access_rule').where('id', '=', id).execute();
}
