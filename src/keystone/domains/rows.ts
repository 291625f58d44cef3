import type { Queryable } from '#common/db/database.ts';
import { forgetProjects, forgetUsers } from '../cleanup-rows.ts';
import type { KeystoneTables } from '../tables.ts';

/** Removes all that belongs to a domain: projects, users, groups, roles, with their assignments and credentials. */
export async function deleteDomainContent(db: Queryable<KeystoneTables>, domainId: string): Promise<void> {
  const projects = db.selectFrom('project').select('id').where('domain_id', '=', domainId);
  const users = db.selectFrom('user').select('id').where('domain_id', '=', domainId);
  const groups = db.selectFrom('group').select('id').where('domain_id', '=', domainId);
  const roles = db.selectFrom('role').select('id').where('domain_id', '=', domainId);
  await db
    .deleteFrom('assignment')
    .where((eb) =>
      eb.or([
        eb('target_id', 'in', projects),
        eb('target_id', '=', domainId),
        eb('actor_id', 'in', users),
        eb('actor_id', 'in', groups),
        eb('role_id', 'in', roles),
      ]),
    )
    .execute();
  await forgetUsers(
    db,
    (await users.execute()).map((row) => row.id),
  );
  await forgetProjects(db, [domainId, ...(await projects.execute()).map((row) => row.id)]);
  await db
    .deleteFrom('user_group_membership')
    .where((eb) => eb.or([eb('user_id', 'in', users), eb('group_id', 'in', groups)]))
    .execute();
  await db
    .deleteFrom('implied_role')
    .where((eb) => eb.or([eb('prior_role_id', 'in', roles), eb('implied_role_id', 'in', roles)]))
    .execute();
  await db.updateTable('user').set({ default_project_id: null }).where('default_project_id', 'in', projects).execute();
  await db.deleteFrom('project_tag').where('project_id', 'in', projects).execute();
  await db.deleteFrom('user').where('domain_id', '=', domainId).execute();
  await db.deleteFrom('group').where('domain_id', '=', domainId).execute();
  await db.deleteFrom('role').where('domain_id', '=', domainId).execute();
  await db.deleteFrom('project').where('domain_id', '=', domainId).execute();
}
