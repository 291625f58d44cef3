import { notFound } from '#common/api/errors.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind } from '../errors.ts';
import { findGroup, listGroups, membersOf } from '../groups/rows.ts';
import type { Project } from '../projects/model.ts';
import { idsBelow, projectsAbove } from '../projects/hierarchy-rows.ts';
import { findProject, listProjects } from '../projects/rows.ts';
import { impliedBy } from '../roles/implications.ts';
import type { Role } from '../roles/model.ts';
import { findRole, listDomainRoles, listImplications, listRoles } from '../roles/rows.ts';
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
    const { actor, target, roleId, inherited = false } = assignment;
    const found = await rows.listAssignments(this.#deps.db, {
      ...(actor.kind === 'user' ? { userId: actor.id } : { groupId: actor.id }),
      target,
      roleId,
      inherited,
    });
    if (found.length === 0) throw notGranted(assignment);
  }

  /** The roles that were granted to exactly this actor on exactly this target. @throws ApiError 404 */
  async rolesOf(actor: Actor, target: Target, inherited = false): Promise<Role[]> {
    await this.#actorExists(actor);
    await this.#targetExists(target);
    const filter = actor.kind === 'user' ? { userId: actor.id } : { groupId: actor.id };
    const ids = (await rows.listAssignments(this.#deps.db, { ...filter, target, inherited })).map((one) => one.roleId);
    return ids.length === 0 ? [] : listRoles(this.#deps.db, { ids });
  }

  list(filter: AssignmentFilter): Promise<Assignment[]> {
    return rows.listAssignments(this.#deps.db, filter);
  }

  /** Those on a project and on every project below it, with what they inherit from above when `effective`. */
  async listBelow(filter: AssignmentFilter, projectId: string, effective: boolean): Promise<EffectiveAssignment[]> {
    const all: EffectiveAssignment[] = [];
    for (const id of [projectId, ...(await idsBelow(this.#deps.db, projectId))]) {
      const narrowed = { ...filter, target: { kind: 'project', id } as const };
      all.push(...(effective ? await this.listEffective(narrowed) : await this.list(narrowed)));
    }
    return all;
  }

  /**
   * With groups resolved to their users, implying roles to what they imply, and inherited ones to the projects that inherit
   * them; no assignment twice, no roles of domains (they mean only what they imply).
   */
  async listEffective(filter: AssignmentFilter): Promise<EffectiveAssignment[]> {
    const { db } = this.#deps;
    const { roleId, userId, target: wanted, inherited: _both, ...wide } = filter;
    const direct = await this.#applying({ ...wide, userId }, wanted);
    const groupIds = direct.filter(({ actor }) => actor.kind === 'group').map(({ actor }) => actor.id);
    const members = await membersOf(db, groupIds);
    const implications = await listImplications(db);
    const ofDomains = new Set((await listDomainRoles(db)).map((role) => role.id));
    const seen = new Map<string, EffectiveAssignment>();
    for (const { actor, target, viaTarget, roleId: granted } of direct) {
      const users = actor.kind === 'user' ? [actor.id] : (members.get(actor.id) ?? []);
      for (const user of users.filter((id) => userId === undefined || id === userId)) {
        for (const role of impliedBy([granted], implications)) {
          if (ofDomains.has(role) || (roleId !== undefined && role !== roleId)) continue;
          const key = [user, target.kind, target.kind === 'system' ? '' : target.id, role].join(' ');
          if (seen.has(key)) continue;
          seen.set(key, {
            actor: { kind: 'user', id: user },
            target,
            roleId: role,
            ...(actor.kind === 'group' && { viaGroupId: actor.id }),
            ...(role !== granted && { viaRoleId: granted }),
            ...(viaTarget && { viaTarget }),
          });
        }
      }
    }
    return [...seen.values()];
  }

  /** What applies to a target, or to anything: inherited assignments stand for the projects that inherit them. */
  async #applying(filter: AssignmentFilter, target: Target | undefined): Promise<EffectiveAssignment[]> {
    const { db } = this.#deps;
    const list = (more: AssignmentFilter): Promise<Assignment[]> =>
      rows.listAssignments(db, { ...filter, ...more }, { throughGroups: true });
    const own: EffectiveAssignment[] = await list({ target, inherited: false });
    if (target && target.kind !== 'project') return own;
    if (!target) {
      const handed = await Promise.all((await list({ inherited: true })).map((one) => this.#handedDown(one)));
      return [...own, ...handed.flat()];
    }
    const above = await projectsAbove(db, target.id);
    const sources: Target[] = above
      ? [...above.projectIds.map((id) => ({ kind: 'project', id }) as const), { kind: 'domain', id: above.domainId }]
      : [];
    for (const viaTarget of sources)
      for (const { actor, roleId } of await list({ target: viaTarget, inherited: true }))
        own.push({ actor, roleId, target, viaTarget });
    return own;
  }

  /** An inherited assignment, once for each project that inherits it. */
  async #handedDown({ actor, roleId, target }: Assignment): Promise<EffectiveAssignment[]> {
    const ids =
      target.kind === 'domain'
        ? (await listProjects(this.#deps.db, { domainId: target.id })).map((project) => project.id)
        : target.kind === 'project'
          ? await idsBelow(this.#deps.db, target.id)
          : [];
    return ids.map((id) => ({ actor, roleId, target: { kind: 'project', id }, viaTarget: target }));
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
    const all = await this.#applying({ userId }, undefined);
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
