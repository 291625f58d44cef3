import { notFound } from '#common/api/errors.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind } from '../errors.ts';
import { findGroup, listGroups, membersOf } from '../groups/rows.ts';
import type { Project } from '../projects/model.ts';
import { findProject, listProjects } from '../projects/rows.ts';
import { impliedBy } from '../roles/implications.ts';
import type { Role } from '../roles/model.ts';
import { findRole, listImplications, listRoles } from '../roles/rows.ts';
import { findUser, listUsers } from '../users/rows.ts';
import type { Actor, Assignment, AssignmentFilter, AssignmentNames, EffectiveAssignment, Target } from './model.ts';
import * as rows from './rows.ts';

export interface AssignmentDeps {
  readonly db: Db;
  readonly changes: Changes;
}

/** Who has which role on what. */
export class AssignmentService {
  readonly #deps: AssignmentDeps;

  constructor(deps: AssignmentDeps) {
    this.#deps = deps;
  }

  /** Granting twice is no error. @throws ApiError 404 actor, target or role */
  async grant(assignment: Assignment): Promise<void> {
    await this.#allExist(assignment);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.insertAssignment(trx, assignment);
      touch(assignment.actor.kind === 'user' ? { user: assignment.actor.id } : 'all');
    });
  }

  /** Tokens lose the role at once; those that it was the last role of end. @throws ApiError 404, also when not granted */
  async revoke(assignment: Assignment): Promise<void> {
    await this.#allExist(assignment);
    const deleted = await this.#deps.changes.write(async (trx, touch) => {
      touch(assignment.actor.kind === 'user' ? { user: assignment.actor.id } : 'all');
      return rows.deleteAssignment(trx, assignment);
    });
    if (!deleted) throw notGranted(assignment);
  }

  /** @throws ApiError 404 when it is not granted */
  async check(assignment: Assignment): Promise<void> {
    await this.#allExist(assignment);
    const { actor, target, roleId } = assignment;
    const found = await rows.listAssignments(this.#deps.db, {
      ...(actor.kind === 'user' ? { userId: actor.id } : { groupId: actor.id }),
      target,
      roleId,
    });
    if (found.length === 0) throw notGranted(assignment);
  }

  /** The roles that were granted to exactly this actor on exactly this target. @throws ApiError 404 */
  async rolesOf(actor: Actor, target: Target): Promise<Role[]> {
    await this.#actorExists(actor);
    await this.#targetExists(target);
    const filter = actor.kind === 'user' ? { userId: actor.id } : { groupId: actor.id };
    const ids = (await rows.listAssignments(this.#deps.db, { ...filter, target })).map((one) => one.roleId);
    return ids.length === 0 ? [] : listRoles(this.#deps.db, { ids });
  }

  list(filter: AssignmentFilter): Promise<Assignment[]> {
    return rows.listAssignments(this.#deps.db, filter);
  }

  /** With groups resolved to their users and implying roles to what they imply; no assignment twice. */
  async listEffective(filter: AssignmentFilter): Promise<EffectiveAssignment[]> {
    const { db } = this.#deps;
    const { roleId, userId, ...wide } = filter;
    const direct = await rows.listAssignments(db, { ...wide, userId }, { throughGroups: true });
    const groupIds = direct.filter(({ actor }) => actor.kind === 'group').map(({ actor }) => actor.id);
    const members = await membersOf(db, groupIds);
    const implications = await listImplications(db);
    const seen = new Map<string, EffectiveAssignment>();
    for (const { actor, target, roleId: granted } of direct) {
      const users = actor.kind === 'user' ? [actor.id] : (members.get(actor.id) ?? []);
      for (const user of users.filter((id) => userId === undefined || id === userId)) {
        for (const role of impliedBy([granted], implications)) {
          if (roleId !== undefined && role !== roleId) continue;
          const key = [user, target.kind, target.kind === 'system' ? '' : target.id, role].join(' ');
          if (seen.has(key)) continue;
          seen.set(key, {
            actor: { kind: 'user', id: user },
            target,
            roleId: role,
            ...(actor.kind === 'group' && { viaGroupId: actor.id }),
            ...(role !== granted && { viaRoleId: granted }),
          });
        }
      }
    }
    return [...seen.values()];
  }

  /** The names of everything in a list of assignments: at most five queries. */
  async names(assignments: readonly Assignment[]): Promise<AssignmentNames> {
    const { db } = this.#deps;
    const ids = (kind: 'user' | 'group'): string[] => [
      ...new Set(assignments.filter(({ actor }) => actor.kind === kind).map(({ actor }) => actor.id)),
    ];
    const projectIds = [...new Set(assignments.flatMap(({ target }) => (target.kind === 'project' ? target.id : [])))];
    const roleIds = [...new Set(assignments.map(({ roleId }) => roleId))];
    const some = async <T>(wanted: readonly string[], list: () => Promise<T[]>): Promise<T[]> =>
      wanted.length === 0 ? [] : list();
    const users = await some(ids('user'), () => listUsers(db, { ids: ids('user') }));
    const groups = await some(ids('group'), () => listGroups(db, { ids: ids('group') }));
    const projects = await some(projectIds, () => listProjects(db, { ids: projectIds }));
    const roles = await some(roleIds, () => listRoles(db, { ids: roleIds }));
    const domains = await listProjects(db, { isDomain: true });
    const named = <T extends { id: string; name: string; domainId: string | null }>(items: readonly T[]) =>
      new Map(items.map((item) => [item.id, { name: item.name, domainId: item.domainId ?? '' }]));
    return {
      users: named(users),
      groups: named(groups),
      projects: named(projects),
      domains: new Map(domains.map((domain) => [domain.id, domain.name])),
      roles: new Map(roles.map((role) => [role.id, role])),
    };
  }

  /** The enabled projects that a user has a role on, also through a group. */
  async projectsOfUser(userId: string): Promise<Project[]> {
    const ids = await this.#targetsOf(userId, 'project');
    return ids.length === 0 ? [] : listProjects(this.#deps.db, { ids, enabled: true });
  }

  /** The enabled domains that a user has a role on, also through a group. */
  async domainsOfUser(userId: string): Promise<Project[]> {
    const ids = await this.#targetsOf(userId, 'domain');
    return ids.length === 0 ? [] : listProjects(this.#deps.db, { ids, enabled: true, isDomain: true });
  }

  /** Whether a user has a role on the whole cloud. */
  async hasSystem(userId: string): Promise<boolean> {
    const { db } = this.#deps;
    const found = await rows.listAssignments(db, { userId, target: { kind: 'system' } }, { throughGroups: true });
    return found.length > 0;
  }

  async #targetsOf(userId: string, kind: 'project' | 'domain'): Promise<string[]> {
    const all = await rows.listAssignments(this.#deps.db, { userId }, { throughGroups: true });
    return [...new Set(all.flatMap(({ target }) => (target.kind === kind ? target.id : [])))];
  }

  async #allExist({ actor, target, roleId }: Assignment): Promise<void> {
    if (!(await findRole(this.#deps.db, roleId))) throw couldNotFind('role', roleId);
    await this.#actorExists(actor);
    await this.#targetExists(target);
  }

  async #actorExists({ kind, id }: Actor): Promise<void> {
    const found = kind === 'user' ? await findUser(this.#deps.db, id) : await findGroup(this.#deps.db, id);
    if (!found) throw couldNotFind(kind, id);
  }

  async #targetExists(target: Target): Promise<void> {
    if (target.kind === 'system') return;
    const project = await findProject(this.#deps.db, target.id);
    if (!project || (target.kind === 'domain' && !project.isDomain)) throw couldNotFind(target.kind, target.id);
  }
}

const notGranted = ({ actor, target, roleId }: Assignment) =>
  notFound(
    `Could not find role assignment with role: ${roleId}, user or group: ${actor.id}, ` +
      `project, domain, or system: ${target.kind === 'system' ? 'all' : target.id}.`,
  );
