import { catalogFor } from '../catalog/service.ts';
import type { CatalogEntry } from '../catalog/model.ts';
import type { Changes, Db, Touched } from '../changes.ts';
import { impliedBy } from '../roles/implications.ts';
import type { Role } from '../roles/model.ts';
import { listImplications, listRoles } from '../roles/rows.ts';
import { subjectKey, type Scope } from './payload.ts';
import {
  findSubjectProject,
  findSubjectUser,
  grantedRoleIds,
  type SubjectProject,
  type SubjectUser,
} from './subject-rows.ts';

/** A user in a scope, as of now: what tokens of both mean. */
export interface Subject {
  readonly user: SubjectUser;
  readonly scope: Scope;
  /** The project, or the domain of a domain scope. */
  readonly target: SubjectProject | null;
  /** By name; empty when unscoped. */
  readonly roles: readonly Pick<Role, 'id' | 'name'>[];
  readonly catalog: readonly CatalogEntry[];
  /** The domains that must not have been disabled since. */
  readonly domainIds: readonly string[];
}

export interface SubjectDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** The catalogue as stored. */
  readonly catalog: () => Promise<CatalogEntry[]>;
  /** How many are remembered; 10 000 unless given. */
  readonly remembered?: number;
}

/** Looks up what tokens mean, and remembers it until something that it depends on changes. */
export class Subjects {
  readonly #deps: SubjectDeps;
  readonly #known = new Map<string, Subject>();
  #catalog: Promise<CatalogEntry[]> | undefined;

  constructor(deps: SubjectDeps) {
    this.#deps = deps;
  }

  /** Null when there is no such user or project, either is disabled, or the user has no role there. */
  async of(userId: string, scope: Scope): Promise<Subject | null> {
    const key = subjectKey(userId, scope);
    const known = this.#known.get(key);
    if (known) return known;
    const { changes, remembered = 10_000 } = this.#deps;
    const { epoch } = changes;
    const subject = await this.#lookUp(userId, scope);
    // Something changed while we looked: what was read may be from before.
    if (subject && epoch === changes.epoch) {
      if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value as string);
      this.#known.set(key, subject);
    }
    return subject;
  }

  /** Forgets what a change has touched. */
  heard(touched: readonly Touched[]): void {
    for (const what of touched) {
      if (what === 'all' || what === 'elsewhere') {
        this.#known.clear();
        this.#catalog = undefined;
        return;
      }
      for (const [key, { user, target }] of this.#known)
        if (('user' in what && what.user === user.id) || ('project' in what && what.project === target?.id))
          this.#known.delete(key);
    }
  }

  async #lookUp(userId: string, scope: Scope): Promise<Subject | null> {
    const { db } = this.#deps;
    const user = await findSubjectUser(db, userId);
    if (!user?.enabled || !user.domain.enabled) return null;
    if (scope.kind === 'unscoped')
      return { user, scope, target: null, roles: [], catalog: [], domainIds: [user.domain.id] };
    const target = 'id' in scope ? ((await findSubjectProject(db, scope.id)) ?? null) : null;
    if (scope.kind !== 'system' && (!target?.enabled || !target.domain.enabled)) return null;
    if (scope.kind === 'domain' && !target?.isDomain) return null;
    const granted = await grantedRoleIds(db, userId, scope);
    if (granted.length === 0) return null;
    const ids = [...impliedBy(granted, await listImplications(db))];
    const roles = (await listRoles(db, { ids })).filter((role) => role.domainId === null);
    const projectId = scope.kind === 'project' ? scope.id : null;
    this.#catalog ??= this.#deps.catalog();
    const catalog = catalogFor(await this.#catalog, { projectId, userId });
    const domainIds = target ? [user.domain.id, target.domain.id] : [user.domain.id];
    return { user, scope, target, roles: roles.map(({ id, name }) => ({ id, name })), catalog, domainIds };
  }
}
