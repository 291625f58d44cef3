import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { parseJson } from '../api/extra.ts';
import type { KeystoneTables } from '../tables.ts';
import type { Trust, TrustFilter } from './model.ts';

type Db = Queryable<KeystoneTables>;

const toTrust = (row: Selectable<KeystoneTables['trust']>, roleIds: readonly string[]): Trust => ({
  id: row.id,
  trustorId: row.trustor_user_id,
  trusteeId: row.trustee_user_id,
  projectId: row.project_id,
  impersonation: row.impersonation === 1,
  expiresAt: row.expires_at,
  remainingUses: row.remaining_uses,
  redelegatedTrustId: row.redelegated_trust_id,
  redelegationCount: row.redelegation_count,
  roleIds,
  extra: parseJson(row.extra),
});

/** Those that have not ended at `now`. Two queries. */
export async function listTrusts(db: Db, filter: TrustFilter, now: string): Promise<Trust[]> {
  let query = db
    .selectFrom('trust')
    .selectAll()
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) => eb.or([eb('remaining_uses', 'is', null), eb('remaining_uses', '>', 0)]));
  if (filter.trustorId !== undefined) query = query.where('trustor_user_id', '=', filter.trustorId);
  if (filter.trusteeId !== undefined) query = query.where('trustee_user_id', '=', filter.trusteeId);
  const found = await query.orderBy('id').execute();
  if (found.length === 0) return [];
  const ids = found.map((row) => row.id);
  const roles = await db.selectFrom('trust_role').selectAll().where('trust_id', 'in', ids).execute();
  const byTrust = Map.groupBy(roles, (row) => row.trust_id);
  return found.map((row) =>
    toTrust(
      row,
      (byTrust.get(row.id) ?? []).map((role) => role.role_id),
    ),
  );
}

/** Also one that has ended. */
export async function findTrust(db: Db, id: string): Promise<Trust | undefined> {
  const row = await db.selectFrom('trust').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  const roles = await db.selectFrom('trust_role').select('role_id').where('trust_id', '=', id).execute();
  return toTrust(
    row,
    roles.map((role) => role.role_id),
  );
}

export async function insertTrust(db: Db, trust: Trust): Promise<void> {
  await db
    .insertInto('trust')
    .values({
      id: trust.id,
      trustor_user_id: trust.trustorId,
      trustee_user_id: trust.trusteeId,
      project_id: trust.projectId,
      impersonation: Number(trust.impersonation),
      expires_at: trust.expiresAt,
      remaining_uses: trust.remainingUses,
      redelegated_trust_id: trust.redelegatedTrustId,
      redelegation_count: trust.redelegationCount,
      extra: JSON.stringify(trust.extra),
    })
    .execute();
  if (trust.roleIds.length > 0)
    await db
      .insertInto('trust_role')
      .values(trust.roleIds.map((role) => ({ trust_id: trust.id, role_id: role })))
      .execute();
}

/** Uses a trust up by one, if it counts its uses. @returns false when none is left */
export async function consumeUse(db: Db, id: string): Promise<boolean> {
  const result = await db
    .updateTable('trust')
    .set((eb) => ({ remaining_uses: eb('remaining_uses', '-', 1) }))
    .where('id', '=', id)
    .where('remaining_uses', '>', 0)
    .executeTakeFirst();
  if (result.numUpdatedRows > 0n) return true;
  const row = await db.selectFrom('trust').select('remaining_uses').where('id', '=', id).executeTakeFirst();
  return row?.remaining_uses === null;
}
