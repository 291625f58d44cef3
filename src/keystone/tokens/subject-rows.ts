import type { Queryable } from '#common/db/database.ts';
import { inheritedMark, systemTarget } from '../assignments/model.ts';
import { projectsAbove } from '../projects/hierarchy-rows.ts';
import type { KeystoneTables } from '../tables.ts';
import type { Scope } from './payload.ts';

type Db = Queryable<KeystoneTables>;

/** A user with the user's domain, as a token shows them. */
export interface SubjectUser {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly domain: SubjectDomain;
  /** `2026-11-23T02:03:16.000000`; null: never. */
  readonly passwordExpiresAt: string | null;
}
export interface SubjectDomain {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}
export interface SubjectProject extends Omit<SubjectUser, 'passwordExpiresAt'> {
  readonly description: string | null;
  readonly isDomain: boolean;
}

export async function findSubjectUser(db: Db, id: string): Promise<SubjectUser | undefined> {
  const row = await db
    .selectFrom('user')
    .innerJoin('project as domain', 'domain.id', 'user.domain_id')
    .select(['user.id', 'user.name', 'user.enabled', 'user.password_expires_at'])
    .select(['domain.id as domain_id', 'domain.name as domain_name', 'domain.enabled as domain_enabled'])
    .where('user.id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      name: row.name,
      enabled: row.enabled === 1,
      domain: { id: row.domain_id, name: row.domain_name, enabled: row.domain_enabled === 1 },
      passwordExpiresAt: row.password_expires_at ?? null,
    }
  );
}

/** A project with its domain; a domain is its own. */
export async function findSubjectProject(db: Db, id: string): Promise<SubjectProject | undefined> {
  const row = await db
    .selectFrom('project')
    .leftJoin('project as domain', 'domain.id', 'project.domain_id')
    .select(['project.id', 'project.name', 'project.enabled', 'project.description', 'project.is_domain'])
    .select(['domain.id as domain_id', 'domain.name as domain_name', 'domain.enabled as domain_enabled'])
    .where('project.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const enabled = row.enabled === 1;
  const own = { id: row.id, name: row.name, enabled };
  const { domain_id: domainId, domain_name: domainName, domain_enabled: domainEnabled } = row;
  return {
    ...own,
    description: row.description,
    isDomain: row.is_domain === 1,
    domain: domainId === null ? own : { id: domainId, name: domainName ?? '', enabled: domainEnabled === 1 },
  };
}

/**
 * The roles that a user has on what the scope names, granted to the user or to a group of the user's; on a project also
 * those that it inherits from the projects above it and from its domain.
 */
export async function grantedRoleIds(db: Db, userId: string, scope: Scope): Promise<string[]> {
  if (scope.kind === 'unscoped') return [];
  const word = { project: 'Project', domain: 'Domain', system: 'System' }[scope.kind];
  const groups = db.selectFrom('user_group_membership').select('group_id').where('user_id', '=', userId);
  const above = scope.kind === 'project' ? await projectsAbove(db, scope.id) : null;
  const rows = await db
    .selectFrom('assignment')
    .select('role_id')
    .distinct()
    .where((eb) => {
      const of = (type: string) =>
        eb.or([
          eb.and([eb('type', '=', `User${type}`), eb('actor_id', '=', userId)]),
          eb.and([eb('type', '=', `Group${type}`), eb('actor_id', 'in', groups)]),
        ]);
      const own = eb.and([of(word), eb('target_id', '=', scope.kind === 'system' ? systemTarget : scope.id)]);
      if (!above) return own;
      const inherited = [eb.and([of(`Domain${inheritedMark}`), eb('target_id', '=', above.domainId)])];
      if (above.projectIds.length > 0)
        inherited.push(eb.and([of(`Project${inheritedMark}`), eb('target_id', 'in', above.projectIds)]));
      return eb.or([own, ...inherited]);
    })
    .execute();
  return rows.map((row) => row.role_id);
}
