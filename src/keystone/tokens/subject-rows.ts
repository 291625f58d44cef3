import type { Queryable } from '#common/db/database.ts';
import { systemTarget } from '../assignments/model.ts';
import type { KeystoneTables } from '../tables.ts';
import type { Scope } from './payload.ts';

type Db = Queryable<KeystoneTables>;

/** A user with the user's domain, as a token shows them. */
export interface SubjectUser {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly domain: SubjectDomain;
}
export interface SubjectDomain {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}
export interface SubjectProject extends SubjectUser {
  readonly description: string | null;
  readonly isDomain: boolean;
}

export async function findSubjectUser(db: Db, id: string): Promise<SubjectUser | undefined> {
  const row = await db
    .selectFrom('user')
    .innerJoin('project as domain', 'domain.id', 'user.domain_id')
    .select(['user.id', 'user.name', 'user.enabled'])
    .select(['domain.id as domain_id', 'domain.name as domain_name', 'domain.enabled as domain_enabled'])
    .where('user.id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      name: row.name,
      enabled: row.enabled === 1,
      domain: { id: row.domain_id, name: row.domain_name, enabled: row.domain_enabled === 1 },
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

/** The roles that were granted to a user or to a group of the user's on what the scope names. */
export async function grantedRoleIds(db: Db, userId: string, scope: Scope): Promise<string[]> {
  if (scope.kind === 'unscoped') return [];
  const word = { project: 'Project', domain: 'Domain', system: 'System' }[scope.kind];
  const groups = db.selectFrom('user_group_membership').select('group_id').where('user_id', '=', userId);
  const rows = await db
    .selectFrom('assignment')
    .select('role_id')
    .distinct()
    .where('target_id', '=', scope.kind === 'system' ? systemTarget : scope.id)
    .where((eb) =>
      eb.or([
        eb.and([eb('type', '=', `User${word}`), eb('actor_id', '=', userId)]),
        eb.and([eb('type', '=', `Group${word}`), eb('actor_id', 'in', groups)]),
      ]),
    )
    .execute();
  return rows.map((row) => row.role_id);
}
