import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from './tables.ts';

type Db = Queryable<KeystoneTables>;

/** Removes what lets somebody act for a user, or a user act for somebody, and the user's passwords and credentials. */
export async function forgetUsers(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const trusts = db
    .selectFrom('trust')
    .select('id')
    .where((eb) => eb.or([eb('trustor_user_id', 'in', ids), eb('trustee_user_id', 'in', ids)]));
  await forgetTrusts(
    db,
    (await trusts.execute()).map((row) => row.id),
  );
  const keys = db.selectFrom('application_credential').select('id').where('user_id', 'in', ids);
  await forgetApplicationCredentials(
    db,
    (await keys.execute()).map((row) => row.id),
  );
  await db.deleteFrom('access_rule').where('user_id', 'in', ids).execute();
  await db.deleteFrom('request_token').where('user_id', 'in', ids).execute();
  await db.deleteFrom('access_token').where('user_id', 'in', ids).execute();
  await db.deleteFrom('password_history').where('user_id', 'in', ids).execute();
  await db.deleteFrom('credential').where('user_id', 'in', ids).execute();
}

/** Removes what was only for these projects. */
export async function forgetProjects(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const trusts = await db.selectFrom('trust').select('id').where('project_id', 'in', ids).execute();
  await forgetTrusts(
    db,
    trusts.map((row) => row.id),
  );
  const keys = await db.selectFrom('application_credential').select('id').where('project_id', 'in', ids).execute();
  await forgetApplicationCredentials(
    db,
    keys.map((row) => row.id),
  );
  await db.deleteFrom('request_token').where('project_id', 'in', ids).execute();
  await db.deleteFrom('access_token').where('project_id', 'in', ids).execute();
  await db.deleteFrom('project_endpoint').where('project_id', 'in', ids).execute();
  await db.deleteFrom('project_endpoint_group').where('project_id', 'in', ids).execute();
  await db
    .deleteFrom('resource_limit')
    .where((eb) => eb.or([eb('project_id', 'in', ids), eb('domain_id', 'in', ids)]))
    .execute();
  await db.deleteFrom('domain_config').where('domain_id', 'in', ids).execute();
  await db.deleteFrom('credential').where('project_id', 'in', ids).execute();
}

/** With those that were passed on from them. */
export async function forgetTrusts(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const further = await db.selectFrom('trust').select('id').where('redelegated_trust_id', 'in', ids).execute();
  await db.deleteFrom('trust_role').where('trust_id', 'in', ids).execute();
  await db.deleteFrom('trust').where('id', 'in', ids).execute();
  await forgetTrusts(
    db,
    further.map((row) => row.id),
  );
}

/** Their access rules stay: they are the user's. */
export async function forgetApplicationCredentials(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.deleteFrom('application_credential_role').where('application_credential_id', 'in', ids).execute();
  await db.deleteFrom('application_credential_access_rule').where('application_credential_id', 'in', ids).execute();
  await db.deleteFrom('application_credential').where('id', 'in', ids).execute();
}
